//! Many clients that connect at the same moment.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::bench::load::{Load, Ran};
use xtask::harness::client::DEADLINE;
use xtask::harness::outcome::Outcome;

impl Load {
    /// Lets `count` clients connect and ask at once, beside the active clients, which go on asking;
    /// returns how many answers all of them had until the last of the new clients was answered.
    pub fn be_stormed(&mut self, addr: SocketAddr, count: usize) -> Outcome<Ran> {
        let start = Instant::now();
        self.stirred = start;
        for id in &self.active {
            self.clients[*id].ask(&self.exchanges)?;
        }
        let residents = self.clients.len();
        for place in residents..residents + count {
            self.come(addr, place, place)?;
            self.clients[place].ask(&self.exchanges)?;
        }
        let mut ran = Ran { requests: 0, elapsed: Duration::ZERO };
        let (mut unanswered, mut sent) = (count, self.active.len() as u64 + count as u64);
        while ran.requests < sent {
            for place in self.answered(DEADLINE)? {
                ran.requests += 1;
                if place >= residents {
                    unanswered -= 1;
                    ran.elapsed = start.elapsed();
                } else if unanswered > 0 {
                    self.clients[place].ask(&self.exchanges)?;
                    sent += 1;
                }
            }
        }
        Ok(ran)
    }
}
