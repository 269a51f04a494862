//! The person at the server's keyboard, who answers its clients.

use std::io::{self, BufRead, Write};
use std::net::SocketAddr;

use common::say;

use crate::defect::Defect;

/// Whether an operator answers the clients.
pub fn is_asked(defect: Defect) -> bool {
    matches!(defect, Defect::Operator | Defect::PromptsLate | Defect::ClosesWithoutReason)
}

/// What the operator types about the client at `addr`; an error without an operator.
pub fn ask(addr: SocketAddr, defect: Defect) -> io::Result<Vec<u8>> {
    let mut stdin = io::stdin().lock();
    print!("answer {addr}:");
    if defect != Defect::PromptsLate {
        io::stdout().flush()?;
    }
    let mut line = Vec::new();
    if stdin.read_until(b'\n', &mut line)? == 0 {
        if defect != Defect::ClosesWithoutReason {
            say!("\nstandard input has ended");
        }
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    line.pop();
    Ok(line)
}
