//! A socket with deadlines.

use std::fmt::Display;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;

use rustix::io::ioctl_fionread;
use socket2::{Domain, SockRef, Socket, Type};

use crate::harness::compare::{difference, same, show};
use crate::harness::outcome::{
    Expect, Failure, Outcome, closed, fail, fail_by, silence, so_far, time_out,
};
use crate::harness::output::Output;
use crate::harness::pace::Pace;
use crate::harness::sock_diag::unread;
use crate::harness::threads::spawn_in;
use crate::terminal::thousands;

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

/// In bytes; the kernel takes a larger one where this is below its own limit (tcp(7), socket(7)).
const SMALL_BUFFER: usize = 4096;
/// The same: the kernel takes its own limit where this is above it.
const LARGE_BUFFER: usize = 4 * 1024 * 1024;
const SMALL_SEGMENT: u32 = 536;
const ETHERNET_SEGMENT: u32 = 1448;

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
    /// Connects to a server.
    ///
    /// # Errors
    /// When the connection is not there within [`DEADLINE`].
    pub fn connect(server: SocketAddr) -> Outcome<Client> {
        Client::connect_within(server, deadline())
    }

    /// Connects to a server, and waits no longer than `deadline` for that and for anything that it
    /// says.
    ///
    /// # Errors
    /// When the connection is not there within `deadline`.
    pub fn connect_within(server: SocketAddr, deadline: Duration) -> Outcome<Client> {
        TcpStream::connect_timeout(&server, deadline)
            .and_then(|stream| Client::new(stream, deadline))
            .or_else(|error| lost("a connection", &error, deadline))
    }

    /// Connects to a server with buffers as small as the kernel allows, on both sides: what the
    /// server sends waits there for this client to read, and not in the kernel.
    ///
    /// # Errors
    /// When the connection is not there within [`DEADLINE`].
    pub fn connect_with_little_room(server: SocketAddr) -> Outcome<Client> {
        Client::connect_small(server, SMALL_SEGMENT, |socket| {
            socket.set_send_buffer_size(SMALL_BUFFER)
        })
    }

    /// The same with segments of an Ethernet and a send buffer as usual: it can send much before it
    /// reads.
    ///
    /// # Errors
    /// When the connection is not there within [`DEADLINE`].
    pub fn connect_with_little_room_to_read(server: SocketAddr) -> Outcome<Client> {
        Client::connect_small(server, ETHERNET_SEGMENT, |_| Ok(()))
    }

    fn connect_small(
        server: SocketAddr,
        segment: u32,
        prepare: fn(&Socket) -> io::Result<()>,
    ) -> Outcome<Client> {
        let connect = || {
            let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
            // Both fix what the connection's beginning announces, and the server's kernel sizes its
            // buffers by segments.
            socket.set_recv_buffer_size(SMALL_BUFFER)?;
            socket.set_tcp_mss(segment)?;
            prepare(&socket)?;
            socket.connect_timeout(&server.into(), deadline())?;
            Client::new(socket.into(), deadline())
        };
        connect().or_else(|error| lost("a connection", &error, deadline()))
    }

    fn new(stream: TcpStream, deadline: Duration) -> io::Result<Client> {
        stream.set_read_timeout(Some(deadline))?;
        stream.set_write_timeout(Some(deadline))?;
        stream.set_nodelay(true)?;
        let addr = stream.local_addr()?;
        Ok(Client { stream, addr, deadline, server: None, sent: Mutex::default() })
    }

    /// Sends all of `data`.
    ///
    /// # Errors
    /// When the server does not take it.
    pub fn send(&self, data: &[u8]) -> Outcome<()> {
        self.note(data);
        self.after_sending(self.write_all(data))
    }

    fn write_all(&self, data: &[u8]) -> Outcome<()> {
        let mut sent = 0;
        while sent < data.len() {
            match (&self.stream).write(&data[sent..]) {
                Ok(length) => sent += length,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    let lost = self.lost(format!("the server reads {}", show(data)), &error);
                    return so_far(lost, sent, data.len(), "bytes sent");
                }
            }
        }
        Ok(())
    }

    /// Receives exactly `expected` and nothing less.
    ///
    /// # Errors
    /// When something else, the end of the stream, or nothing comes.
    pub fn receive(&self, expected: &[u8]) -> Outcome<()> {
        self.after_sending(self.read_exactly(expected))
    }

    fn read_exactly(&self, expected: &[u8]) -> Outcome<()> {
        let mut received = vec![0; expected.len()];
        let mut length = 0;
        let mut pace = Pace::new(self.deadline.max(deadline()));
        while length < expected.len() {
            let end = expected.len().min(length + CHUNK);
            match self.read_on(&mut received[length..end], &mut pace) {
                Ok(0) if length == 0 => return closed(show(expected), "the end of the stream"),
                Ok(0) => return same(expected, &received[..length]),
                Ok(new) => {
                    let fresh = length..length + new;
                    length += new;
                    if received[fresh.clone()] != expected[fresh] {
                        return fail(show(expected), difference(expected, &received[..length], ""));
                    }
                }
                Err(error) => {
                    return self.lost(show(expected), &error).map_err(|failure| {
                        failure.told(|then| difference(expected, &received[..length], then))
                    });
                }
            }
        }
        Ok(())
    }

    /// Receives the end of the stream and no byte before it.
    ///
    /// # Errors
    /// When something else or nothing comes.
    pub fn receive_end(&self) -> Outcome<()> {
        self.after_sending(self.read_end())
    }

    fn read_end(&self) -> Outcome<()> {
        let mut chunk = [0; 1024];
        match self.read(&mut chunk) {
            Ok(0) => Ok(()),
            Ok(length) => fail("the end of the stream", show(&chunk[..length])),
            Err(error) => self.lost("the end of the stream", &error),
        }
    }

    /// Receives the end of the stream or a reset, and no byte before it.
    ///
    /// # Errors
    /// When something else or nothing comes.
    pub fn receive_close(&self) -> Outcome<()> {
        self.after_sending(self.read_close())
    }

    fn read_close(&self) -> Outcome<()> {
        let mut chunk = [0; 1024];
        match self.read(&mut chunk) {
            Ok(0) => Ok(()),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => Ok(()),
            Ok(length) => fail("the end of the connection", show(&chunk[..length])),
            Err(error) => self.lost("the end of the connection", &error),
        }
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
        self.after_sending(self.read_each(take))
    }

    fn read_each(&self, mut take: impl FnMut(&[u8]) -> Outcome<()>) -> Outcome<()> {
        let mut chunk = vec![0; CHUNK];
        let mut pace = Pace::new(self.deadline.max(deadline()));
        loop {
            match self.read_on(&mut chunk, &mut pace) {
                Ok(0) => return Ok(()),
                Ok(length) => take(&chunk[..length])?,
                Err(error) => return self.lost("the end of the stream", &error),
            }
        }
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

    /// Sends as much of `data` as the server takes before it stops reading for `pause`; returns how
    /// much that is.
    ///
    /// # Errors
    /// When the connection is lost.
    pub fn send_until_full(&self, data: &[u8], pause: Duration) -> Outcome<usize> {
        const EXPECTED: &str = "the server reads, or holds the client back";
        self.stream.set_write_timeout(Some(pause)).expect_to(EXPECTED)?;
        let mut sent = 0;
        while sent < data.len() {
            match (&self.stream).write(&data[sent..]) {
                Ok(length) => sent += length,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    self.note(&data[..sent]);
                    return self.after_sending(self.lost(EXPECTED, &error));
                }
            }
        }
        self.stream.set_write_timeout(Some(self.deadline)).expect_to(EXPECTED)?;
        self.note(&data[..sent]);
        Ok(sent)
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

    /// Receives `length` bytes that may be anything.
    ///
    /// # Errors
    /// When the stream ends before, or nothing comes.
    pub fn receive_some(&self, length: usize) -> Outcome<Vec<u8>> {
        self.after_sending(self.read_some(length))
    }

    fn read_some(&self, length: usize) -> Outcome<Vec<u8>> {
        let mut received = vec![0; length];
        let mut pace = Pace::new(self.deadline.max(deadline()));
        let mut count = 0;
        while count < length {
            match self.read_on(&mut received[count..], &mut pace) {
                Ok(0) => return fail(format!("{length} bytes"), format!("the end after {count}")),
                Ok(new) => count += new,
                Err(error) => {
                    let lost = self.lost(format!("{length} bytes"), &error);
                    return so_far(lost, count, length, "bytes");
                }
            }
        }
        Ok(received)
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

    /// What its server has not read, in words. Hundreds of clients may lose patience at the same time,
    /// so the kernel is asked about one connection only.
    fn unread_by_server(&self) -> String {
        let server = self.stream.peer_addr();
        match server.and_then(|server| unread(server, self.addr)) {
            Ok(Some(0)) => "; nothing lies unread in its socket".to_owned(),
            Ok(Some(1)) => "; 1 byte lies unread in its socket".to_owned(),
            Ok(Some(count)) => {
                format!("; {} bytes lie unread in its socket", thousands(count as usize))
            }
            // A kernel that does not tell.
            Ok(None) | Err(_) => String::new(),
        }
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
                let does = failure.server.map(|does| does + &self.unread_by_server());
                Failure { server: does, ..failure }
            }
            None => failure,
        })
    }

    /// Reads more of a stream that must not come too slowly.
    fn read_on(&self, buffer: &mut [u8], pace: &mut Pace) -> io::Result<usize> {
        let length = self.read(buffer)?;
        pace.keep(length)?;
        Ok(length)
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
