//! Whether data comes through a socket that a listener gave that does not block.

use std::io::ErrorKind::WouldBlock;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use rustix::fs::{OFlags, fcntl_getfl};

use crate::claims::claim::{Answer, Finding, Measured};
use xtask::harness::client::DEADLINE;

/// What a client says, and how long after it was accepted.
const MESSAGE: &[u8] = b"hellow";
const LATER: Duration = Duration::from_millis(100);

struct Accepted {
    /// Whether the accepted socket blocks.
    blocks: bool,
    /// Whether the first read got what the client said later.
    came: bool,
}

/// Reads from a client that speaks a while after it was accepted by a listener that does not block.
///
/// # Errors
/// When the kernel refuses a call.
pub fn data_of_a_client() -> Result<Measured> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("listen")?;
    listener.set_nonblocking(true).context("a listener that does not block")?;
    let early = listener.accept().map(drop).map_err(|error| error.kind());
    ensure!(early == Err(WouldBlock), "accept before there is a client: {early:?}");
    let addr = listener.local_addr().context("ask for an address")?;
    let mut client = TcpStream::connect(addr).context("connect")?;
    let (mut conn, _) = listener.accept().context("accept")?;
    conn.set_read_timeout(Some(DEADLINE)).context("a deadline")?;
    let flags = fcntl_getfl(&conn).context("ask for the flags of a socket")?;
    let speaks = thread::spawn(move || {
        thread::sleep(LATER);
        client.write_all(MESSAGE).map(|()| client)
    });
    let mut data = [0; MESSAGE.len()];
    let came = conn.read(&mut data).is_ok_and(|length| &data[..length] == MESSAGE);
    speaks.join().expect("a client does not panic").context("send")?;
    Ok(Measured::Found(judge(&Accepted { blocks: !flags.contains(OFlags::NONBLOCK), came })))
}

fn judge(Accepted { blocks, came }: &Accepted) -> Finding {
    let blocks = if *blocks { "blocks" } else { "does not block" };
    let read = if *came { "waits for it and gets it" } else { "does not get it" };
    Finding {
        answer: if *came { Answer::False } else { Answer::Holds },
        figures: format!(
            "the accepted socket {blocks}; of data that comes {} ms later, recv {read}",
            LATER.as_millis()
        ),
        why: match came {
            true => {
                "Linux does not give the listener's O_NONBLOCK to the accepted socket, so recv \
                 waits for the data; BSD does (accept(2)). What makes clients wait is sleep(4), \
                 and a recv that serves one of them at a time."
            }
            false => "The accepted socket does not block, so recv does not wait for the data.",
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_decides() {
        assert_eq!(judge(&Accepted { blocks: true, came: true }).answer, Answer::False);
        assert_eq!(judge(&Accepted { blocks: false, came: false }).answer, Answer::Holds);
    }

    #[test]
    fn the_data_comes_here() {
        let Measured::Found(found) = data_of_a_client().unwrap() else { panic!("it is missing") };
        assert_eq!(found.answer, Answer::False, "{}", found.figures);
        assert!(found.figures.starts_with("the accepted socket blocks;"), "{}", found.figures);
    }
}
