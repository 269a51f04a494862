//! An open loop: requests at a rate, whatever the answers do.
//!
//! Each is timed from the moment when it was planned. A server that stalls makes all that was
//! planned meanwhile late, and that shows; a closed loop would have asked less.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::bench::load::Load;
use xtask::harness::client::DEADLINE;
use xtask::harness::outcome::Outcome;

/// What epoll_wait(2) may be late by: it counts milliseconds, and the load asks again and again
/// without waiting when the next request is nearer than that.
const COARSE: Duration = Duration::from_millis(2);

impl Load {
    /// Asks `rate` times a second for `time`, and returns how long each answer took. A
    /// request that finds no client free waits for one, and that counts.
    pub fn run_at(&mut self, rate: f64, time: Duration) -> Outcome<Vec<Duration>> {
        let mut took = Vec::new();
        let mut free: VecDeque<usize> = self.active.iter().copied().collect();
        let start = Instant::now();
        self.stirred = start;
        let planned = |number: u64| start + Duration::from_secs_f64(number as f64 / rate);
        let count = (rate * time.as_secs_f64()).ceil() as u64;
        let mut sent = 0;
        while (took.len() as u64) < count {
            while sent < count && planned(sent) <= Instant::now() {
                let Some(id) = free.pop_front() else { break };
                let client = &mut self.clients[id];
                client.planned = planned(sent);
                client.ask(&self.exchanges)?;
                sent += 1;
            }
            let next = (sent < count && !free.is_empty()).then(|| planned(sent));
            for id in self.answered(patience(next))? {
                took.push(self.clients[id].planned.elapsed());
                free.push_back(id);
            }
        }
        Ok(took)
    }
}

/// How long to wait for answers before the next request.
fn patience(next: Option<Instant>) -> Duration {
    next.map_or(DEADLINE, |next| {
        let left = next.saturating_duration_since(Instant::now());
        left.saturating_sub(COARSE)
    })
}
