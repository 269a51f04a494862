//! Clients that connect, ask once and leave.

use std::net::SocketAddr;
use std::time::Instant;

use crate::bench::load::closed::Until;
use crate::bench::load::{Load, Ran};
use xtask::harness::client::DEADLINE;
use xtask::harness::connection::Connection;
use xtask::harness::outcome::Outcome;

impl Load {
    /// Lets `at_once` visitors at a time connect, ask and leave, beside the clients that are there.
    pub fn be_visited(&mut self, addr: SocketAddr, at_once: usize, until: Until) -> Outcome<Ran> {
        let start = Instant::now();
        self.stirred = start;
        let residents = self.clients.len();
        let (mut came, mut left) = (0, 0);
        let mut free: Vec<usize> = (residents..residents + at_once).collect();
        loop {
            for place in free.drain(..) {
                if until.goes_on(start, came) {
                    self.visit(addr, place, residents + came as usize)?;
                    came += 1;
                }
            }
            if left == came {
                break;
            }
            for place in self.answered(Some(DEADLINE))? {
                self.clients[place].is_silent(&self.exchanges, &mut self.buffer)?;
                free.push(place);
                left += 1;
            }
        }
        self.clients.truncate(residents);
        Ok(Ran { requests: left, elapsed: start.elapsed() })
    }

    /// Closes the connection at `place`, if there is one, and lets the next visitor ask there.
    fn visit(&mut self, addr: SocketAddr, place: usize, number: usize) -> Outcome<()> {
        if let Some(last) = self.clients.get(place) {
            last.leave();
        }
        let mut visitor = Connection::open(addr, number, &self.exchanges)?;
        self.register(&mut visitor, place)?;
        visitor.ask(&self.exchanges)?;
        match self.clients.get_mut(place) {
            Some(last) => *last = visitor,
            None => self.clients.push(visitor),
        }
        Ok(())
    }
}
