//! `cargo xtask list`: every server, and how to run it; every check, and what it requires.

use std::process::ExitCode;

use anyhow::Result;
use comfy_table::ContentArrangement;

use crate::catalog::SERVERS;
use crate::terminal::{plain_table, print, trimmed};
use crate::test_all::checks::CHECKS;

/// Columns of a terminal that has its usual width.
const WIDTH: u16 = 80;

/// The command line of `cargo xtask list`.
#[derive(clap::Args)]
pub struct Args {
    /// Show the checks of test-all instead, each with its requirement
    #[arg(long)]
    checks: bool,
}

/// Prints the table.
///
/// # Errors
/// Never; every command answers alike.
pub fn run(args: &Args) -> Result<ExitCode> {
    print(&if args.checks { checks() } else { servers() });
    Ok(ExitCode::SUCCESS)
}

/// Every server with its model, listing, default address and command.
pub fn servers() -> String {
    let mut table = plain_table();
    table.set_header(["server", "model", "listing", "address", "command"]);
    for server in SERVERS {
        let command = server.command();
        table.add_row([server.name, server.model, server.listing, server.addr, &command]);
    }
    trimmed(&table)
}

/// Every check with its requirement, wrapped at words.
pub fn checks() -> String {
    let mut table = plain_table();
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(WIDTH);
    table.set_header(["check", "requirement"]);
    for check in CHECKS {
        table.add_row([check.name, check.requirement]);
    }
    trimmed(&table)
}
