//! What each kind of server says, and a client that speaks with it.

use std::net::SocketAddr;

use crate::client::Client;
use crate::verdict::Outcome;

/// How a server answers.
#[derive(Clone, Copy)]
pub enum Talk {
    /// Every byte is answered, in order, however the bytes are cut into messages.
    Stream(fn(&[u8]) -> Vec<u8>),
    /// The client is greeted when it connects, and again after each message.
    Greeting(fn(SocketAddr) -> String),
    /// A line `name age` is answered by the same line.
    Lines,
}

impl Talk {
    /// What a client at `addr` receives before it says anything.
    pub fn greeting(self, addr: SocketAddr) -> Vec<u8> {
        match self {
            Talk::Greeting(text) => text(addr).into_bytes(),
            Talk::Stream(_) | Talk::Lines => Vec::new(),
        }
    }

    /// A message that no other `number` has.
    pub fn message(self, number: usize) -> Vec<u8> {
        match self {
            Talk::Lines => format!("name-{number} {number}\n"),
            Talk::Stream(_) | Talk::Greeting(_) => format!("Message {number} of many."),
        }
        .into_bytes()
    }

    /// The answer to one message of a client at `addr`.
    pub fn reply(self, message: &[u8], addr: SocketAddr) -> Vec<u8> {
        match self {
            Talk::Stream(answer) => answer(message),
            Talk::Greeting(text) => text(addr).into_bytes(),
            Talk::Lines => message.to_vec(),
        }
    }
}

/// A client that knows what its server says.
pub struct Speaker {
    /// The connection.
    pub client: Client,
    talk: Talk,
}

impl Speaker {
    /// Connects; nothing is received yet.
    ///
    /// # Errors
    /// Those of [`Client::connect`].
    pub fn connect(server: SocketAddr, talk: Talk) -> Outcome<Speaker> {
        let client = Client::connect(server)?;
        Ok(Speaker { client, talk })
    }

    /// Receives the greeting, if the server has one.
    ///
    /// # Errors
    /// Those of [`Client::receive`].
    pub fn be_greeted(&self) -> Outcome<()> {
        self.client.receive(&self.talk.greeting(self.client.addr))
    }

    /// Sends message number `number` and receives its answer.
    ///
    /// # Errors
    /// Those of [`Client::send`] and [`Client::receive`].
    pub fn exchange(&self, number: usize) -> Outcome<()> {
        self.exchange_message(&self.talk.message(number))
    }

    /// Sends `message` and receives its answer.
    ///
    /// # Errors
    /// Those of [`Client::send`] and [`Client::receive`].
    pub fn exchange_message(&self, message: &[u8]) -> Outcome<()> {
        self.client.send(message)?;
        self.client
            .receive(&self.talk.reply(message, self.client.addr))
    }
}
