//! `cargo xtask list`: every server, and how to run it.

use std::process::ExitCode;

use anyhow::Result;

use crate::catalog::SERVERS;
use crate::terminal::{plain_table, print, trimmed};

/// The command line of `cargo xtask list`.
#[derive(clap::Args)]
pub struct Args {}

/// Prints the table.
///
/// # Errors
/// Never; every command answers alike.
pub fn run(_args: &Args) -> Result<ExitCode> {
    print(&servers());
    Ok(ExitCode::SUCCESS)
}

/// Every server with its model, listing, default address and command.
pub fn servers() -> String {
    let mut table = plain_table();
    table.set_header(["server", "model", "listing", "address", "command"]);
    for server in SERVERS {
        let command = server.command();
        table.add_row([
            server.name,
            server.model,
            server.listing,
            server.addr,
            &command,
        ]);
    }
    trimmed(&table)
}
