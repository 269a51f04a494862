//! Accepting, while descriptors last and after that.

use std::io;
use std::net::{TcpListener, TcpStream};
use std::process;
use std::thread;
use std::time::Duration;

use anyhow::Context;

use crate::defect::Defect;
use crate::wait_for_ever;

/// How long a server without a free descriptor leaves its listener alone.
pub const PAUSE: Duration = Duration::from_millis(10);

/// Accepts clients for `serve`, for ever.
pub fn accept_all(
    server: &TcpListener,
    defect: Defect,
    mut serve: impl FnMut(TcpStream),
) -> anyhow::Result<()> {
    let mut said = false;
    loop {
        match (server.accept(), defect) {
            (Ok((conn, _addr)), _) => {
                said = false;
                serve(conn);
            }
            (Err(error), Defect::DiesWithoutDescriptors) => return Err(error.into()),
            (Err(_), Defect::OutlivesItsListener) => thread::sleep(PAUSE),
            (Err(_), Defect::SilentWithoutListener) => process::exit(1),
            (Err(error), _) if !is_shortage(&error) => return Err(error).context("accept"),
            (Err(_), Defect::SilentWithoutDescriptors) => thread::sleep(PAUSE),
            (Err(error), _) => {
                if !said || defect == Defect::RepeatsWithoutDescriptors {
                    eprintln!("accept: {error}");
                    said = true;
                }
                match defect {
                    Defect::SpinsWithoutDescriptors => {}
                    Defect::NapsWithoutDescriptors => thread::sleep(PAUSE / 1000),
                    Defect::GivesUpWithoutDescriptors => wait_for_ever(),
                    _ => thread::sleep(PAUSE),
                }
            }
        }
    }
}

/// Whether descriptors or memory are short, and come back when clients leave.
fn is_shortage(error: &io::Error) -> bool {
    let shortages = [libc::EMFILE, libc::ENFILE, libc::ENOBUFS, libc::ENOMEM];
    error.raw_os_error().is_some_and(|code| shortages.contains(&code))
}
