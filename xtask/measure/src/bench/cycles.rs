//! Which share of a server's processor time the kernel takes, by the processor's own counters. Many
//! virtual machines have none; the share is not told there.

use perf_event::events::Hardware;
use perf_event::{Builder, Counter};

use xtask::harness::launch::Running;
use xtask::harness::outcome::{Expect, Outcome};
use xtask::harness::process::processes;

const COUNTER: &str = "a counter of the processor's";

/// Counters of all threads of a server, and of those that these start.
pub struct Cycles {
    outside: Vec<Counter>,
    inside: Vec<Counter>,
}

impl Cycles {
    /// Whether this machine counts cycles for this user, in the kernel also.
    pub fn are_counted() -> bool {
        Builder::new(Hardware::CPU_CYCLES).observe_self().include_kernel().build().is_ok()
    }

    pub fn count(running: &Running) -> Outcome<Cycles> {
        let mut cycles = Cycles { outside: Vec::new(), inside: Vec::new() };
        for process in processes(running)? {
            for thread in process.threads().expect_to(COUNTER)? {
                let mut counter = Builder::new(Hardware::CPU_CYCLES);
                counter.observe_pid(thread.id).any_cpu().inherit(true);
                let outside = counter.exclude_kernel(true).build().expect_to(COUNTER)?;
                let inside = counter.include_kernel().exclude_user(true).build();
                cycles.outside.push(outside);
                cycles.inside.push(inside.expect_to(COUNTER)?);
            }
        }
        for counter in cycles.outside.iter_mut().chain(&mut cycles.inside) {
            counter.enable().expect_to(COUNTER)?;
        }
        Ok(cycles)
    }

    pub fn kernel_share(mut self) -> Outcome<f64> {
        let sum = |counters: &mut [Counter]| -> Outcome<u64> {
            counters.iter_mut().map(|counter| counter.read().expect_to(COUNTER)).sum()
        };
        let (outside, inside) = (sum(&mut self.outside)?, sum(&mut self.inside)?);
        Ok(inside as f64 / (inside + outside) as f64)
    }
}
