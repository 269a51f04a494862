//! What is asked, and what must be answered.

use std::net::SocketAddr;

use fastrand::Rng;

use crate::catalog::Talk;

/// How many messages there are: no two clients that take turns, and no two requests of one client
/// that follow each other, have the same one. It is a prime, so that no number of clients divides
/// it.
const MESSAGES: usize = 61;

/// The longest line that the pool of threads takes, with its end.
const LINE: usize = 1024;

/// A request and the only right answer to it.
pub struct Exchange {
    /// The bytes to send.
    pub request: Vec<u8>,
    /// The bytes that must come.
    pub reply: Vec<u8>,
}

/// The requests of a round.
pub struct Exchanges {
    talk: Talk,
    all: Vec<Exchange>,
}

impl Exchanges {
    /// Requests of `bytes` bytes each to a server that talks so.
    pub fn new(talk: Talk, bytes: usize) -> Exchanges {
        let nobody = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut rng = Rng::with_seed(bytes as u64);
        let exchange = |_| {
            let request = match talk {
                Talk::Lines => lines(&mut rng, bytes),
                _ => letters(&mut rng, bytes),
            };
            Exchange { reply: talk.reply(&request, nobody), request }
        };
        Exchanges { talk, all: (0..MESSAGES).map(exchange).collect() }
    }

    /// Request number `number` of client `client`.
    pub fn get(&self, client: usize, number: usize) -> &Exchange {
        // Clients that began together are far apart.
        &self.all[(client.wrapping_mul(7) + number) % MESSAGES]
    }

    /// What a client at `addr` is answered whatever it says, where that depends on the client.
    pub fn own_reply(&self, addr: SocketAddr) -> Option<Vec<u8>> {
        matches!(self.talk, Talk::Greeting(_)).then(|| self.talk.reply(&[], addr))
    }

    /// What a client at `addr` hears before it says anything.
    pub fn greeting(&self, addr: SocketAddr) -> Vec<u8> {
        self.talk.greeting(addr)
    }

    /// The longest answer.
    pub fn longest_reply(&self) -> usize {
        self.all.iter().map(|exchange| exchange.reply.len()).max().unwrap_or_default()
    }
}

/// Lower case, so that an answer in upper case differs in every byte.
fn letters(rng: &mut Rng, bytes: usize) -> Vec<u8> {
    (0..bytes).map(|_| rng.lowercase() as u8).collect()
}

/// Lines of a name and an age, as long as the pool takes them.
fn lines(rng: &mut Rng, bytes: usize) -> Vec<u8> {
    const AGE: &[u8] = b" 7\n";
    let mut text = Vec::with_capacity(bytes);
    while text.len() < bytes {
        let length = (bytes - text.len()).min(LINE);
        text.extend(letters(rng, length.saturating_sub(AGE.len()).max(1)));
        text.extend(AGE);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_have_their_size_and_neighbours_differ() {
        for talk in [Talk::Stream(<[u8]>::to_ascii_uppercase), Talk::Lines] {
            for bytes in [64, 1024, 4096] {
                let exchanges = Exchanges::new(talk, bytes);
                let one = exchanges.get(0, 0);
                assert_eq!(one.request.len(), bytes);
                assert_ne!(one.request, exchanges.get(0, 1).request);
                assert_ne!(one.request, exchanges.get(1, 0).request);
                assert_eq!(exchanges.longest_reply(), bytes);
            }
        }
    }

    #[test]
    fn the_pool_understands_each_line() {
        let exchanges = Exchanges::new(Talk::Lines, 4096);
        let Exchange { request, reply } = exchanges.get(3, 5);
        assert_eq!(request, reply);
        assert!(request.split_inclusive(|byte| *byte == b'\n').all(|line| line.len() <= LINE));
    }

    #[test]
    fn a_greeting_depends_on_the_client() {
        let exchanges = Exchanges::new(Talk::Greeting(|addr| format!("hello {addr}")), 64);
        let addr = "127.0.0.1:4".parse().unwrap();
        assert_eq!(exchanges.own_reply(addr), Some(b"hello 127.0.0.1:4".to_vec()));
        assert_eq!(exchanges.greeting(addr), b"hello 127.0.0.1:4");
        assert_eq!(Exchanges::new(Talk::Lines, 64).own_reply(addr), None);
    }
}
