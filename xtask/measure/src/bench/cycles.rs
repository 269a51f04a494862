//! Which share of a server's processor time the kernel takes, by the processor's own counters. Many
//! virtual machines have none; the share is not told there.

use perf_event::events::Hardware;
use perf_event::{Builder, Counter};

use crate::bench::syscalls::{counters, sum};
use xtask::harness::launch::Running;
use xtask::harness::outcome::{Expect, Outcome};

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
        let outside = counters(running, Hardware::CPU_CYCLES, |builder| {
            builder.exclude_kernel(true);
        })?;
        let inside = counters(running, Hardware::CPU_CYCLES, |builder| {
            builder.include_kernel().exclude_user(true);
        })?;
        let mut cycles = Cycles { outside, inside };
        for counter in cycles.outside.iter_mut().chain(&mut cycles.inside) {
            counter.enable().expect_to("a counter that starts")?;
        }
        Ok(cycles)
    }

    pub fn kernel_share(mut self) -> Outcome<f64> {
        let (outside, inside) = (sum(&mut self.outside)?, sum(&mut self.inside)?);
        Ok(inside as f64 / (inside + outside) as f64)
    }
}
