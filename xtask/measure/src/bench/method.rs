//! How it was measured, and what was not: in sentences.

use crate::bench::cycles::Cycles;
use crate::bench::plan::{Bench, Settings};
use crate::bench::syscalls::COUNTED;
use crate::statistics::ENOUGH;
use xtask::harness::machine;

/// When and where it is run, and how long. To be asked before this thread is pinned: it has one
/// processor then.
pub fn run(settings: Settings) -> String {
    let Settings { rounds, time, quick } = settings;
    let words = if quick { "; --quick: to see that it works, and for no conclusion" } else { "" };
    format!(
        "{}, {}; {rounds} rounds of {} s{words}",
        machine::date(),
        machine::machine(),
        time.as_secs_f64()
    )
}

pub fn method(bench: &Bench) -> Vec<String> {
    let calls = match bench.counts_calls {
        true => format!("System calls are {COUNTED}."),
        false => "System calls are missing: strace cannot count them here.".to_owned(),
    };
    let share = if Cycles::are_counted() {
        "The kernel's share of it is counted by the processor, in cycles inside and outside."
    } else {
        "The kernel's share of it is not told: this machine does not count processor cycles."
    };
    let enough =
        format!("A table gives no verdict and no percentile from fewer than {ENOUGH} rounds.");
    let place = if bench.processors.count() > 1 {
        "Servers and load are pinned to different processors."
    } else {
        "There is one processor: servers and load share it, and each figure suffers from that."
    };
    [
        "Servers are built for release and run with --quiet; each round launches its server anew.",
        place,
        "Servers take turns in rounds, in an order that is shuffled for each round.",
        "Closed loop: each client has one request unanswered, and asks again when every byte of \
         the answer has come and was compared. A round that fails is shown as an error.",
        "Processor time is that of the server's process and all its descendants, from the scheduler's \
         clock of each process.",
        share,
        "Figures are medians over the rounds; intervals are those of the median, 95 % by bootstrap. \
         Ratios are paired by round.",
        "\"The same again\" is the same program a second time: what its ratio does is noise, and a \
         ratio inside of that shows no difference.",
        "Times of answers are from an open loop, each from the moment when its request was planned, \
         so that no stall hides.",
    ]
    .into_iter()
    .map(str::to_owned)
    .chain([enough, calls])
    .collect()
}

/// Who is not there, and why.
pub fn not_measured(bench: &Bench) -> Vec<String> {
    let skipped = bench.field.skipped.iter();
    skipped.map(|(name, reason)| format!("skipped: {name}: {reason}")).collect()
}

pub fn errors(bench: &Bench) -> Vec<String> {
    let errors = bench.results.errors.iter();
    let told = errors.map(|(key, words)| {
        let size = key.size;
        format!(
            "error: {} in {}, {} active and {} idle clients, {} bytes: {words}",
            key.name, key.scenario, size.active, size.idle, size.bytes
        )
    });
    told.collect()
}
