//! What each kind of server says, and a client that speaks with it.

use std::net::SocketAddr;

use crate::client::{Client, show};
use crate::launch::Running;
use crate::output::Output;
use crate::servers::Server;
use crate::verdict::{Outcome, fail};

/// What a thread of the pool answers to a line that it does not understand.
pub const EXPECTED_LINE: &str = "expected a line `name age`, as: 明哥 19\n";

/// The longest line, with its end, that the pool reads as one.
const LINE_LIMIT: usize = 1024;

/// How a server answers.
#[derive(Clone, Copy)]
pub enum Talk {
    /// Every byte is answered, in order, however the bytes are cut into messages.
    Stream(fn(&[u8]) -> Vec<u8>),
    /// The client is greeted when it connects, and again after each message.
    Greeting(fn(SocketAddr) -> String),
    /// A line `name age` is answered by the same line.
    Lines,
    /// What the server read at once is answered by the same text, whatever it is.
    Reads(&'static str),
    /// What the server read at once is sent back between two texts.
    Wrapped(&'static str, &'static str),
    /// The client is greeted by this text, if there is any; its first message is printed, and it is closed.
    Once(&'static str),
    /// The client is accepted, and that is all; it is closed at once, or when the next one comes.
    Accepts,
}

impl Talk {
    /// What a client at `addr` receives before it says anything.
    pub fn greeting(self, addr: SocketAddr) -> Vec<u8> {
        match self {
            Talk::Greeting(text) => text(addr).into_bytes(),
            Talk::Once(text) => text.into(),
            _ => Vec::new(),
        }
    }

    /// A message that no other `number` has.
    pub fn message(self, number: usize) -> Vec<u8> {
        match self {
            Talk::Lines => format!("name-{number} {number}\n"),
            _ => format!("Message {number} of many."),
        }
        .into_bytes()
    }

    /// The answer to one message of a client at `addr`, which the server reads at once.
    pub fn reply(self, message: &[u8], addr: SocketAddr) -> Vec<u8> {
        match self {
            Talk::Stream(answer) => answer(message),
            Talk::Greeting(text) => text(addr).into_bytes(),
            Talk::Lines => message
                .split_inclusive(|byte| *byte == b'\n')
                .flat_map(answer_line)
                .collect(),
            Talk::Reads(text) => text.into(),
            Talk::Wrapped(before, after) => [before.as_bytes(), message, after.as_bytes()].concat(),
            Talk::Once(_) | Talk::Accepts => Vec::new(),
        }
    }

    /// Whether only what the server prints tells that it has accepted a client.
    pub fn only_prints(self) -> bool {
        matches!(self, Talk::Once("") | Talk::Accepts)
    }

    /// Whether a connection is good for more than one message.
    pub fn converses(self) -> bool {
        !matches!(self, Talk::Once(_) | Talk::Accepts)
    }
}

fn answer_line(line: &[u8]) -> Vec<u8> {
    let text = str::from_utf8(line)
        .ok()
        .filter(|_| line.len() <= LINE_LIMIT);
    let words: Vec<&str> = text.unwrap_or_default().split_whitespace().collect();
    match words.as_slice() {
        [name, age] if age.bytes().all(|byte| byte.is_ascii_digit()) => age
            .parse::<u32>()
            .map_or(EXPECTED_LINE.into(), |age| format!("{name} {age}\n").into()),
        _ => EXPECTED_LINE.into(),
    }
}

/// A client that knows what its server says.
pub struct Speaker {
    /// The connection.
    pub client: Client,
    talk: Talk,
    output: Output,
}

impl Speaker {
    /// Connects; nothing is received yet.
    ///
    /// # Errors
    /// Those of [`Client::connect`].
    pub fn connect(running: &Running, server: &Server) -> Outcome<Speaker> {
        let client = Client::connect(running.addr)?;
        Ok(Speaker::new(client, running, server))
    }

    /// A speaker on a connection that is there.
    pub fn new(client: Client, running: &Running, server: &Server) -> Speaker {
        Speaker {
            client,
            talk: server.talk,
            output: running.output.clone(),
        }
    }

    /// Receives the greeting, if the server has one; where it only prints who came, waits for that.
    ///
    /// # Errors
    /// Those of [`Client::receive`], and when the server did not print it.
    pub fn be_greeted(&self) -> Outcome<()> {
        if self.talk.only_prints() {
            return self.be_printed(&self.client.addr.to_string());
        }
        self.client.receive(&self.talk.greeting(self.client.addr))
    }

    /// Sends message number `number` and receives its answer, or the end where a server takes one message.
    ///
    /// # Errors
    /// Those of [`Client::send`] and [`Client::receive`].
    pub fn exchange(&self, number: usize) -> Outcome<()> {
        match self.talk {
            Talk::Accepts => Ok(()),
            Talk::Once(_) => {
                let message = self.talk.message(number);
                self.client.send(&message)?;
                self.client.receive_end()
            }
            _ => self.exchange_message(&self.talk.message(number)),
        }
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

    /// Waits until the server prints a line with `text`.
    ///
    /// # Errors
    /// When it does not.
    pub fn be_printed(&self, text: &str) -> Outcome<()> {
        self.output.have_line(self.client.deadline, 0, text)
    }

    /// Closes the sending side and receives the end of the stream, and nothing before it.
    ///
    /// # Errors
    /// When something else comes.
    pub fn leave(self) -> Outcome<()> {
        if !self.talk.converses() {
            return Ok(());
        }
        self.client.half_close()?;
        self.client.receive_end()
    }

    /// Receives the answers to all of `message`, however the server cut it, and then the end of the stream.
    ///
    /// # Errors
    /// When an answer is not the one that the server's rule gives.
    pub fn receive_answers(&self, message: &[u8]) -> Outcome<()> {
        match self.talk {
            Talk::Wrapped(before, after) => {
                let received = self.client.receive_all()?;
                unwrap(&received, message, before.as_bytes(), after.as_bytes())
            }
            Talk::Greeting(_) | Talk::Reads(_) => {
                let answer = self.talk.reply(b"", self.client.addr);
                let received = self.client.receive_all()?;
                let wrong = received.chunks(answer.len()).find(|chunk| *chunk != answer);
                match wrong {
                    None if !received.is_empty() => Ok(()),
                    None => fail("an answer to each read", "no answer"),
                    Some(wrong) => fail(show(&answer), show(wrong)),
                }
            }
            talk => {
                self.client
                    .receive(&talk.reply(message, self.client.addr))?;
                self.client.receive_end()
            }
        }
    }
}

/// Whether `received` is `message` in pieces, each between `before` and `after`; neither may be in the message.
fn unwrap(mut received: &[u8], mut message: &[u8], before: &[u8], after: &[u8]) -> Outcome<()> {
    while !message.is_empty() {
        let Some(rest) = received.strip_prefix(before) else {
            return fail(show(before), show(received));
        };
        let ends = |at: &usize| {
            let behind = rest[*at..].strip_prefix(after);
            behind.is_some_and(|behind| behind.is_empty() || behind.starts_with(before))
        };
        let end = (0..rest.len()).find(ends);
        let piece = &rest[..end.unwrap_or(rest.len())];
        let (Some(end), true) = (end, message.starts_with(piece)) else {
            return fail(show(message), show(piece));
        };
        message = &message[piece.len()..];
        received = &rest[end + after.len()..];
    }
    match received {
        [] => Ok(()),
        rest => fail("the end of the stream", show(rest)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_answered_as_the_pool_answers() {
        let addr = "127.0.0.1:1".parse().unwrap();
        let reply =
            |message: &str| String::from_utf8(Talk::Lines.reply(message.as_bytes(), addr)).unwrap();
        assert_eq!(reply("a 1\nb  02\n"), "a 1\nb 2\n");
        assert_eq!(reply("a\n"), EXPECTED_LINE);
        assert_eq!(reply(&format!("{} 1\n", "x".repeat(1022))), EXPECTED_LINE);
        assert_eq!(reply("last 1"), "last 1\n");
    }

    #[test]
    fn pieces_are_put_together_again() {
        assert_eq!(unwrap(b"<ab><c>", b"abc", b"<", b">"), Ok(()));
        for wrong in [&b"<ab>"[..], b"<ab><d>", b"<abc><", b"ab><c>", b"<ab><c"] {
            assert!(unwrap(wrong, b"abc", b"<", b">").is_err());
        }
    }
}
