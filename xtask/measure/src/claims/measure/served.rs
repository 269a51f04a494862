//! What a server gets of its clients: by a listener that does not block, and by selectors.

use std::io::ErrorKind::WouldBlock;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use rustix::fs::{OFlags, fcntl_getfl};

use crate::claims::claim::{Answer, Measured};
use crate::claims::measure::server::launch;
use crate::claims::measure::sockets::listen;
use xtask::harness::client::DEADLINE;
use xtask::harness::process::wait_for_sleep;
use xtask::harness::state::state;

/// What a client says, and how long after it was accepted.
const MESSAGE: &[u8] = b"hellow";
const LATER: Duration = Duration::from_millis(100);

/// The mirror of the listing below the sentence.
const CALLBACKS: &str = "echo-callbacks";

/// Reads from a client that speaks a while after it was accepted by a listener that does not block.
/// The listing's server is not asked: it is repaired, and waits for no single client.
pub fn data_of_a_client() -> Result<Measured> {
    let (listener, addr) = listen()?;
    listener.set_nonblocking(true).context("a listener that does not block")?;
    let early = listener.accept().map(drop).map_err(|error| error.kind());
    ensure!(early == Err(WouldBlock), "accept before there is a client: {early:?}");
    let mut client = TcpStream::connect(addr).context("connect")?;
    let (mut conn, _) = listener.accept().context("accept")?;
    conn.set_read_timeout(Some(DEADLINE)).context("a deadline")?;
    let blocks =
        !fcntl_getfl(&conn).context("ask for a socket's flags")?.contains(OFlags::NONBLOCK);
    let speaks = thread::spawn(move || {
        thread::sleep(LATER);
        client.write_all(MESSAGE).map(|()| client)
    });
    let mut data = [0; MESSAGE.len()];
    let came = conn.read(&mut data).is_ok_and(|length| &data[..length] == MESSAGE);
    speaks.join().expect("a client does not panic").context("send")?;
    let figures = format!(
        "the accepted socket {}; of data that comes {} ms later, recv {}",
        if blocks { "blocks" } else { "does not block" },
        LATER.as_millis(),
        if came { "waits for it and gets it" } else { "does not get it" }
    );
    Ok((if came { Answer::False } else { Answer::Holds }, figures))
}

/// Launches the listing's server, and looks what it does without a client.
pub fn selectors_block_nowhere() -> Result<Measured> {
    let server = launch(CALLBACKS, &[])?;
    // One that never sleeps is an answer, too.
    let _ = wait_for_sleep(&server.running);
    let seen = state(server.running.program.pid());
    let figures = format!("{CALLBACKS}, without a client: {seen}");
    Ok((judge(&seen), figures))
}

fn judge(seen: &str) -> Answer {
    if seen.starts_with("it sleeps") { Answer::False } else { Answer::Holds }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_sleeps_decides() {
        assert_eq!(judge("it sleeps in epoll_wait"), Answer::False);
        assert_eq!(judge("it runs"), Answer::Holds);
    }
}
