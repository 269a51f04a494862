//! Clients that connect, ask once and leave.

use std::net::SocketAddr;
use std::time::Instant;

use crate::bench::load::closed::Until;
use crate::bench::load::{Load, Ran};
use xtask::harness::client::DEADLINE;
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
                    if let Some(last) = self.clients.get(place) {
                        last.leave();
                    }
                    self.come(addr, place, residents + came as usize)?;
                    self.clients[place].ask(&self.exchanges)?;
                    came += 1;
                }
            }
            if left == came {
                break;
            }
            for place in self.answered(DEADLINE)? {
                self.clients[place].is_silent(&self.exchanges, &mut self.buffer)?;
                free.push(place);
                left += 1;
            }
        }
        self.clients.truncate(residents);
        Ok(Ran { requests: left, elapsed: start.elapsed() })
    }
}
