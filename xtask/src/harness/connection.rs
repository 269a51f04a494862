//! One client of the load: it asks, and compares what is answered.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Instant;

use crate::harness::compare::{difference, show};
use crate::harness::exchange::Exchanges;
use crate::harness::outcome::{Expect, Outcome, fail};

/// A client that does not block, with at most one request unanswered.
pub struct Connection {
    /// Its socket.
    pub stream: mio::net::TcpStream,
    /// Its own address, as the server sees it.
    addr: SocketAddr,
    /// Its place among the clients.
    client: usize,
    /// How often it has asked.
    pub asked: usize,
    /// Bytes of the request that are sent, and of the answer that have come.
    sent: usize,
    got: usize,
    stage: Stage,
    own_reply: Option<Vec<u8>>,
    greeting: Vec<u8>,
    /// When its request was to be sent, whether it was or not.
    pub planned: Instant,
}

/// What a client waits for.
#[derive(Clone, Copy, PartialEq)]
enum Stage {
    Nothing,
    Greeting,
    Reply,
}

impl Connection {
    /// Connects.
    ///
    /// # Errors
    /// When there is no connection.
    pub fn open(addr: SocketAddr, client: usize, exchanges: &Exchanges) -> Outcome<Connection> {
        // On the loopback interface, the kernel connects within this call.
        let stream = TcpStream::connect(addr).expect_to("a connection")?;
        Connection::new(stream, client, exchanges).expect_to("a connection")
    }

    /// A client that has connected; where the server greets, the greeting is still to come.
    ///
    /// # Errors
    /// When the connection is broken.
    pub fn new(stream: TcpStream, client: usize, exchanges: &Exchanges) -> io::Result<Connection> {
        stream.set_nonblocking(true)?;
        stream.set_nodelay(true)?;
        let addr = stream.local_addr()?;
        let greeting = exchanges.greeting(addr);
        Ok(Connection {
            stream: mio::net::TcpStream::from_std(stream),
            addr,
            client,
            asked: 0,
            sent: 0,
            got: 0,
            stage: if greeting.is_empty() { Stage::Nothing } else { Stage::Greeting },
            own_reply: exchanges.own_reply(addr),
            greeting,
            planned: Instant::now(),
        })
    }

    /// Says that nothing more is to come.
    pub fn leave(&self) {
        // Whoever is at its end already cannot be told.
        let _ = self.stream.shutdown(std::net::Shutdown::Both);
    }

    /// Whether something is to come.
    pub fn is_waiting(&self) -> bool {
        self.stage != Stage::Nothing
    }

    /// Sends the next request, as much of it as the kernel takes.
    ///
    /// # Errors
    /// When the connection is broken.
    pub fn ask(&mut self, exchanges: &Exchanges) -> Outcome<()> {
        debug_assert!(!self.is_waiting(), "one request is unanswered at a time");
        self.asked += 1;
        (self.sent, self.got, self.stage) = (0, 0, Stage::Reply);
        self.send(exchanges)
    }

    /// Goes on with what it could not finish; true when what it waited for has come.
    ///
    /// # Errors
    /// When a byte is wrong or too many, or the connection is broken or at its end.
    pub fn go_on(&mut self, exchanges: &Exchanges, buffer: &mut [u8]) -> Outcome<bool> {
        if self.stage == Stage::Reply {
            self.send(exchanges)?;
        }
        loop {
            let count = match self.stream.read(buffer) {
                Ok(0) => return fail(self.expected(), "the end of the stream"),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                count => count.or_else(|error| fail(self.expected(), error))?,
            };
            let due = match self.stage {
                Stage::Nothing => &[],
                Stage::Greeting => &self.greeting[self.got..],
                Stage::Reply => &self.reply(exchanges)[self.got..],
            };
            if !due.starts_with(&buffer[..count]) {
                return self.wrong(due, &buffer[..count]);
            }
            let is_all = due.len() == count;
            self.got += count;
            if is_all {
                (self.stage, self.got) = (Stage::Nothing, 0);
                return Ok(true);
            }
        }
    }

    /// Looks whether more came than was due.
    ///
    /// # Errors
    /// When it did, or the connection is broken or at its end.
    pub fn is_silent(&mut self, exchanges: &Exchanges, buffer: &mut [u8]) -> Outcome<()> {
        self.go_on(exchanges, buffer).map(drop)
    }

    fn send(&mut self, exchanges: &Exchanges) -> Outcome<()> {
        let request = &exchanges.get(self.client, self.asked).request;
        while self.sent < request.len() {
            match (&self.stream).write(&request[self.sent..]) {
                Ok(count) => self.sent += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return fail("a request that is taken", self.told(&error)),
            }
        }
        Ok(())
    }

    fn reply<'a>(&'a self, exchanges: &'a Exchanges) -> &'a [u8] {
        match &self.own_reply {
            Some(reply) => reply,
            None => &exchanges.get(self.client, self.asked).reply,
        }
    }

    /// What it waits for, in words.
    pub fn expected(&self) -> String {
        match self.stage {
            Stage::Nothing => format!("{} stays connected", self.addr),
            Stage::Greeting => format!("a greeting for {}", self.addr),
            Stage::Reply => format!("the answer to request {} of {}", self.asked, self.addr),
        }
    }

    fn told(&self, error: &io::Error) -> String {
        format!("{}: {error}", self.addr)
    }

    /// The failure of bytes that differ.
    fn wrong<T>(&self, due: &[u8], came: &[u8]) -> Outcome<T> {
        let expected = format!("{}, after {} bytes of it {}", self.expected(), self.got, show(due));
        fail(expected, difference(due, came, ""))
    }
}
