//! A socket with deadlines.
//!
//! - `connect`: the ways to connect

use std::fmt::Display;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;

use rustix::io::ioctl_fionread;
use socket2::SockRef;

use crate::harness::compare::{difference, show};
use crate::harness::outcome::{
    Expect, Failure, Outcome, closed, fail, fail_by, silence, so_far, time_out,
};
use crate::harness::output::Output;
use crate::harness::pace::Pace;
use crate::harness::sock_diag;
use crate::harness::threads::spawn_in;
use crate::terminal::thousands;

mod connect;

/// Ends a test that fails; a test that passes never waits for it.
pub const DEADLINE: Duration = Duration::from_secs(10);

static SHORTER: OnceLock<Duration> = OnceLock::new();

/// How long a client waits for its server: [`DEADLINE`], or what [`shorten_deadline`] was told.
pub fn deadline() -> Duration {
    SHORTER.get().copied().unwrap_or(DEADLINE)
}

/// Lets clients wait no longer than so, for a learner who waits for the answer and tests one server
/// alone on the machine.
pub fn shorten_deadline(deadline: Duration) {
    SHORTER.get_or_init(|| deadline.min(DEADLINE));
}

/// Bytes that are read at once, and compared before the next are read.
const CHUNK: usize = 64 * 1024;

/// In bytes; the kernel takes its own limit where this is above it.
const LARGE_BUFFER: usize = 4 * 1024 * 1024;

/// One connection to a server.
pub struct Client {
    stream: TcpStream,
    /// This side's address, as the server sees it.
    pub addr: SocketAddr,
    /// How long it waits for anything.
    pub deadline: Duration,
    /// What its server prints, and so which process that is; a failure then says what it does.
    pub server: Option<Output>,
    sent: Mutex<Sent>,
}

/// What a client has sent so far.
#[derive(Default)]
struct Sent {
    /// How many bytes in all.
    all: usize,
    /// What it sent last, in short.
    last: Option<String>,
    length: usize,
}

impl Client {
    /// Sends all of `data`.
    ///
    /// # Errors
    /// When the server does not take it.
    pub fn send(&self, data: &[u8]) -> Outcome<()> {
        self.note(data);
        let (sent, written) = self.write(data);
        written.or_else(|error| {
            let lost = self.lost(format!("the server reads {}", show(data)), &error);
            self.after_sending(so_far(lost, sent, data.len(), "bytes sent"))
        })
    }

    /// Sends as much of `data` as the server takes before it stops reading for `pause`; returns how
    /// much that is.
    ///
    /// # Errors
    /// When the connection is lost.
    pub fn send_until_full(&self, data: &[u8], pause: Duration) -> Outcome<usize> {
        const EXPECTED: &str = "the server reads, or holds the client back";
        self.stream.set_write_timeout(Some(pause)).expect_to(EXPECTED)?;
        let (sent, written) = self.write(data);
        self.stream.set_write_timeout(Some(self.deadline)).expect_to(EXPECTED)?;
        self.note(&data[..sent]);
        match written {
            Err(error) if error.kind() != ErrorKind::WouldBlock => {
                self.after_sending(self.lost(EXPECTED, &error))
            }
            _ => Ok(sent),
        }
    }

    /// Sends of `data` what the server takes up to an error; returns how much that is.
    fn write(&self, data: &[u8]) -> (usize, io::Result<()>) {
        let mut sent = 0;
        while sent < data.len() {
            match (&self.stream).write(&data[sent..]) {
                Ok(length) => sent += length,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return (sent, Err(error)),
            }
        }
        (sent, Ok(()))
    }

    /// Receives exactly `expected` and nothing less.
    ///
    /// # Errors
    /// When something else, the end of the stream, or nothing comes.
    pub fn receive(&self, expected: &[u8]) -> Outcome<()> {
        const END: &str = "the end of the stream";
        let mut same = 0;
        let take = |bytes: &[u8]| {
            let due = &expected[same..];
            if due.starts_with(bytes) {
                same += bytes.len();
                return Ok(());
            }
            let equal = due.iter().zip(bytes).take_while(|(due, byte)| due == byte).count();
            same += equal;
            fail(show(expected), show(&bytes[equal..]))
        };
        let read = self.read_each(|| show(expected), expected.len(), take);
        let whole = match read {
            Ok(()) if same == expected.len() => return Ok(()),
            Ok(()) if same == 0 => closed(show(expected), END),
            Ok(()) => fail(show(expected), END),
            Err(failure) => Err(failure),
        };
        let told = |then: &str| difference(expected, &expected[..same], then);
        self.after_sending(whole.map_err(|failure| failure.told(told)))
    }

    /// Receives the end of the stream and no byte before it.
    ///
    /// # Errors
    /// When something else or nothing comes.
    pub fn receive_end(&self) -> Outcome<()> {
        self.read_end("the end of the stream", |_| false)
    }

    /// Receives the end of the stream or a reset, and no byte before it.
    ///
    /// # Errors
    /// When something else or nothing comes.
    pub fn receive_close(&self) -> Outcome<()> {
        self.read_end("the end of the connection", |error| error == ErrorKind::ConnectionReset)
    }

    fn read_end(&self, expected: &str, is_end: fn(ErrorKind) -> bool) -> Outcome<()> {
        let mut chunk = [0; 1024];
        self.after_sending(match self.read(&mut chunk) {
            Ok(0) => Ok(()),
            Ok(length) => fail(expected, show(&chunk[..length])),
            Err(error) if is_end(error.kind()) => Ok(()),
            Err(error) => self.lost(expected, &error),
        })
    }

    /// Receives everything up to the end of the stream.
    ///
    /// # Errors
    /// When the end does not come.
    pub fn receive_all(&self) -> Outcome<Vec<u8>> {
        let mut received = Vec::new();
        let keep = |bytes: &[u8]| {
            received.extend_from_slice(bytes);
            Ok(())
        };
        match self.receive_each(keep) {
            Ok(()) => Ok(received),
            Err(failure) => {
                Err(failure.told(|then| format!("{} bytes, then {then}", received.len())))
            }
        }
    }

    /// Receives everything up to the end of the stream, and hands it to `take` as it comes.
    ///
    /// # Errors
    /// Those of `take`, and when the end does not come.
    pub fn receive_each(&self, take: impl FnMut(&[u8]) -> Outcome<()>) -> Outcome<()> {
        let end = || "the end of the stream".to_owned();
        self.after_sending(self.read_each(end, usize::MAX, take))
    }

    /// Receives `length` bytes that may be anything.
    ///
    /// # Errors
    /// When the stream ends before, or nothing comes.
    pub fn receive_some(&self, length: usize) -> Outcome<Vec<u8>> {
        let expected = || format!("{length} bytes");
        let mut received = Vec::with_capacity(length);
        let keep = |bytes: &[u8]| {
            received.extend_from_slice(bytes);
            Ok(())
        };
        let read = self.read_each(expected, length, keep);
        self.after_sending(match (read, received.len()) {
            (Ok(()), count) if count == length => return Ok(received),
            (Ok(()), count) => fail(expected(), format!("the end after {count}")),
            (Err(failure), count) => so_far(Err(failure), count, length, "bytes"),
        })
    }

    /// Hands to `take` what comes, up to `most` bytes or the end of the stream, which must not come
    /// too slowly. A failure says that this was `expected`.
    fn read_each(
        &self,
        expected: impl Fn() -> String,
        most: usize,
        mut take: impl FnMut(&[u8]) -> Outcome<()>,
    ) -> Outcome<()> {
        let mut chunk = vec![0; most.min(CHUNK)];
        let mut pace = Pace::new(self.deadline.max(deadline()));
        let mut left = most;
        while left > 0 {
            let room = left.min(CHUNK);
            let read = self.read(&mut chunk[..room]);
            match read.and_then(|length| pace.keep(length).map(|()| length)) {
                Ok(0) => return Ok(()),
                Ok(length) => {
                    left -= length;
                    take(&chunk[..length])?;
                }
                Err(error) => return self.lost(expected(), &error),
            }
        }
        Ok(())
    }

    /// Receives nothing for `time`, neither bytes nor the end of the stream.
    ///
    /// # Errors
    /// When something comes.
    pub fn receive_nothing(&self, time: Duration) -> Outcome<()> {
        let expected = format!("nothing for {} ms", time.as_millis());
        let mut chunk = [0; 1024];
        self.stream.set_read_timeout(Some(time)).expect_to(&expected)?;
        let read = self.read(&mut chunk);
        self.stream.set_read_timeout(Some(self.deadline)).expect_to(&expected)?;
        match read {
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(()),
            Err(error) => fail_by(expected, &error),
            Ok(0) => fail(expected, "the end of the stream"),
            Ok(length) => fail(expected, show(&chunk[..length])),
        }
    }

    /// Sends `data` and receives `expected` at the same time, so that neither side has to hold all
    /// of it.
    ///
    /// # Errors
    /// Those of [`send`](Client::send) and [`receive`](Client::receive).
    pub fn send_while_receiving(&self, data: &[u8], expected: &[u8]) -> Outcome<()> {
        thread::scope(|scope| {
            let sender = spawn_in(scope, || self.send(data))?;
            self.receive(expected)?;
            sender.join().expect("the sending thread does not panic")
        })
    }

    /// Gives a client that had little room to read as much as the kernel allows: what it is owed
    /// then comes in fewer pieces.
    ///
    /// # Errors
    /// When the kernel refuses.
    pub fn make_room_to_read(&self) -> Outcome<()> {
        SockRef::from(&self.stream)
            .set_recv_buffer_size(LARGE_BUFFER)
            .expect_to("a large receive buffer")
    }

    /// Sends one byte of urgent data (MSG_OOB, tcp(7)).
    ///
    /// # Errors
    /// When the connection is gone.
    pub fn send_urgent(&self) -> Outcome<()> {
        SockRef::from(&self.stream)
            .send_out_of_band(b"!")
            .map(drop)
            .expect_to("a connection that takes urgent data")
    }

    /// How many bytes came that were not received yet.
    ///
    /// # Errors
    /// When the kernel does not tell.
    pub fn unread(&self) -> Outcome<u64> {
        ioctl_fionread(&self.stream).expect_to("a connection that tells what is unread")
    }

    /// Closes the sending side: the server reads the end of the stream, and can still answer.
    ///
    /// # Errors
    /// When the connection is gone.
    pub fn half_close(&self) -> Outcome<()> {
        self.stream.shutdown(Shutdown::Write).expect_to("a connection to close in one direction")
    }

    /// Ends the connection by a reset (SO_LINGER with zero, socket(7)).
    ///
    /// # Errors
    /// When the option is refused.
    pub fn reset(self) -> Outcome<()> {
        SockRef::from(&self.stream)
            .set_linger(Some(Duration::ZERO))
            .expect_to("a connection to reset")
    }

    /// What its server has not read, in words, where the kernel tells. Hundreds of clients may lose
    /// patience at the same time, so it is asked about one connection only.
    fn unread_by_server(&self) -> Option<String> {
        let server = self.stream.peer_addr().ok()?;
        let what = match sock_diag::end(server, self.addr).ok()??.unread {
            0 => "nothing lies".to_owned(),
            1 => "1 byte lies".to_owned(),
            count => format!("{} bytes lie", thousands(count as usize)),
        };
        Some(format!("; {what} unread in its socket"))
    }

    fn note(&self, data: &[u8]) {
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        let all = sent.all + data.len();
        *sent = Sent { all, last: Some(show(data)), length: data.len() };
    }

    /// Tells in a failure what this client had sent.
    fn after_sending<T>(&self, outcome: Outcome<T>) -> Outcome<T> {
        outcome.map_err(|failure| {
            let sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
            let told = sent.last.as_ref().map(|last| match sent.all {
                all if all == sent.length => last.clone(),
                all => format!("{} bytes, and of them last {last}", thousands(all)),
            });
            Failure { sent: failure.sent.or(told), ..failure }
        })
    }

    fn lost<T>(&self, expected: impl Display, error: &io::Error) -> Outcome<T> {
        lost(expected, error, self.deadline).map_err(|failure| match &self.server {
            Some(server) => {
                let failure = server.explain(failure);
                let unread = || self.unread_by_server().unwrap_or_default();
                let does = failure.server.map(|does| does + &unread());
                Failure { server: does, ..failure }
            }
            None => failure,
        })
    }

    fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match (&self.stream).read(buffer) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                result => return result,
            }
        }
    }
}

/// What happened instead of what was expected: nothing before the deadline, too little, or an
/// error.
fn lost<T>(expected: impl Display, error: &io::Error, deadline: Duration) -> Outcome<T> {
    match (error.kind(), error.get_ref()) {
        (ErrorKind::WouldBlock | ErrorKind::TimedOut, None) => {
            time_out(expected, silence(deadline))
        }
        (ErrorKind::TimedOut, Some(slow)) => time_out(expected, slow),
        (ErrorKind::ConnectionReset | ErrorKind::BrokenPipe, _) => closed(expected, error),
        _ => fail_by(expected, error),
    }
}
