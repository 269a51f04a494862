//! A closed loop: each client asks again when it is answered.

use std::time::{Duration, Instant};

use crate::bench::load::{Load, Ran};
use xtask::harness::client::DEADLINE;
use xtask::harness::outcome::Outcome;

/// When the clients stop to ask; what is unanswered then is waited for.
#[derive(Clone, Copy)]
pub enum Until {
    /// So much time has gone by.
    Over(Duration),
    /// So many requests were sent.
    Sent(u64),
}

impl Until {
    pub fn goes_on(self, start: Instant, sent: u64) -> bool {
        match self {
            Until::Over(time) => start.elapsed() < time,
            Until::Sent(count) => sent < count,
        }
    }
}

impl Load {
    /// Lets each active client ask, and ask again when it is answered.
    pub fn run(&mut self, until: Until) -> Outcome<Ran> {
        let start = Instant::now();
        self.stirred = start;
        let mut ran = Ran { requests: 0, elapsed: Duration::ZERO };
        let mut sent = 0;
        for id in &self.active {
            self.clients[*id].ask(&self.exchanges)?;
            sent += 1;
        }
        while ran.requests < sent {
            self.wait(DEADLINE)?;
            for event in &self.events {
                let client = &mut self.clients[event.token().0];
                if !client.go_on(&self.exchanges, &mut self.buffer)? {
                    continue;
                }
                ran.requests += 1;
                // The clock is asked for each request: a batch of events may be long.
                if until.goes_on(start, sent) {
                    client.ask(&self.exchanges)?;
                    sent += 1;
                }
            }
        }
        ran.elapsed = start.elapsed();
        Ok(ran)
    }
}
