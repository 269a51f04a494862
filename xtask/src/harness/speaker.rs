//! A client that knows what its server says.

use crate::catalog::{Server, Talk};
use crate::harness::client::Client;
use crate::harness::compare::{same, show};
use crate::harness::launch::Running;
use crate::harness::outcome::{Outcome, fail};
use crate::harness::output::Output;

/// A client that knows what its server says.
pub struct Speaker {
    /// The connection.
    pub client: Client,
    talk: Talk,
    output: Output,
    /// Whether what the server prints is asked, too.
    prints: bool,
    /// How many lines the server had printed before this client came.
    printed: usize,
}

impl Speaker {
    /// Connects; nothing is received yet.
    ///
    /// # Errors
    /// Those of [`Client::connect`].
    pub fn connect(running: &Running, server: &Server) -> Outcome<Speaker> {
        let printed = running.output.count();
        let client = Client::connect(running.addr);
        let client = client.map_err(|failure| running.output.explain(failure))?;
        Ok(Speaker { printed, ..Speaker::new(client, running, server) })
    }

    /// A speaker on a connection that is there.
    pub fn new(mut client: Client, running: &Running, server: &Server) -> Speaker {
        client.server = Some(running.output.clone());
        let prints = !server.is_foreign();
        Speaker { client, talk: server.talk, output: running.output.clone(), prints, printed: 0 }
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

    /// Sends message number `number` and receives its answer, or the end where a server takes one
    /// message.
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
        self.client.receive(&self.talk.reply(message, self.client.addr))
    }

    /// Waits until the server prints a line with `text`; one that it printed before this client
    /// came is about another, which may have had the same address.
    ///
    /// # Errors
    /// When it does not.
    pub fn be_printed(&self, text: &str) -> Outcome<()> {
        if !self.prints {
            return Ok(());
        }
        self.output.have_line(self.client.deadline, self.printed, text)
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

    /// Receives the answers to all of `message`, however the server cut it, and then the end of the
    /// stream.
    ///
    /// # Errors
    /// When an answer is not the one that the server's rule gives.
    pub fn receive_answers(&self, message: &[u8]) -> Outcome<()> {
        match self.talk {
            Talk::Wrapped(..) | Talk::Greeting(_) | Talk::Reads(_) => {
                self.are_answers(&self.client.receive_all()?, message)
            }
            talk => {
                self.client.receive(&talk.reply(message, self.client.addr))?;
                self.client.receive_end()
            }
        }
    }

    /// How many bytes answer all of `message` that the server read in `reads` pieces; where it
    /// greets its clients, with the greeting.
    pub fn answers_length(&self, message: &[u8], reads: u64) -> usize {
        let to_nothing = || self.talk.reply(b"", self.client.addr).len();
        match self.talk {
            Talk::Greeting(_) => (reads as usize + 1) * to_nothing(),
            Talk::Reads(_) => reads as usize * to_nothing(),
            Talk::Wrapped(..) => message.len() + reads as usize * to_nothing(),
            talk => talk.reply(message, self.client.addr).len(),
        }
    }

    /// Whether `received`, up to the end of the stream, answers all of `message`, however the
    /// server cut it.
    ///
    /// # Errors
    /// When an answer is not the one that the server's rule gives.
    pub fn are_answers(&self, received: &[u8], message: &[u8]) -> Outcome<()> {
        match self.talk {
            Talk::Wrapped(before, after) => {
                unwrap(received, message, before.as_bytes(), after.as_bytes())
            }
            Talk::Greeting(_) | Talk::Reads(_) => {
                let answer = self.talk.reply(b"", self.client.addr);
                let wrong = received.chunks(answer.len()).find(|chunk| *chunk != answer);
                match wrong {
                    None if !received.is_empty() => Ok(()),
                    None => fail("an answer to each read", "no answer"),
                    Some(wrong) => fail(show(&answer), show(wrong)),
                }
            }
            talk => same(&talk.reply(message, self.client.addr), received),
        }
    }
}

/// Whether `received` is `message` in pieces, each between `before` and `after`; neither may be in
/// the message.
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
    fn pieces_are_put_together_again() {
        assert_eq!(unwrap(b"<ab><c>", b"abc", b"<", b">"), Ok(()));
        for wrong in [&b"<ab>"[..], b"<ab><d>", b"<abc><", b"ab><c>", b"<ab><c"] {
            assert!(unwrap(wrong, b"abc", b"<", b">").is_err());
        }
    }
}
