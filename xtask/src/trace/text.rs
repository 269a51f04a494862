//! The report on the terminal: a line for each call, or for many that say the same.

use std::collections::BTreeSet;
use std::time::Duration;

use console::{StyledObject, style};

use crate::terminal::thousands;
use crate::trace::Trace;
use crate::trace::fold::Row;
use crate::trace::meaning::Phase;
use crate::trace::script::{Event, What};

/// What the columns are.
pub const HEADER: &str = "    since        took  call\n";

/// All that was seen, in the order of time, and what phase 1 and phase 2 came to.
pub fn report(trace: &Trace) -> String {
    let begin = trace.events.first().map_or(Duration::ZERO, |event| event.at);
    let threads: BTreeSet<u32> = trace.rows.iter().map(|row| row.thread).collect();
    let mut lines: Vec<(Duration, String)> = Vec::new();
    lines.extend(trace.events.iter().map(|one| (one.at, event(one, begin))));
    lines.extend(trace.rows.iter().map(|one| (one.start, row(one, begin, threads.len() > 1))));
    lines.sort_by_key(|(at, _)| *at);
    let text: String = lines.into_iter().map(|(_, line)| line).collect();
    format!("{}\n{HEADER}{text}\n{}", trace.title, summary(trace))
}

/// One call, or many that say the same.
pub fn row(row: &Row, begin: Duration, names_thread: bool) -> String {
    let times = if row.count > 1 { format!(" × {}", thousands(row.count)) } else { String::new() };
    let thread = if names_thread { format!(" [{}]", row.thread) } else { String::new() };
    format!(
        "{}  {}  {:<16}{thread} {}{times}\n",
        since(row.start, begin),
        lasted(row.took),
        row.name,
        coloured(row.meaning.phase, &row.meaning.words),
    )
}

fn event(event: &Event, begin: Duration) -> String {
    let what = match &event.what {
        What::Connects(_) => "connects".to_owned(),
        What::Says(length) => format!("says {length} bytes"),
        What::Hears(length) => format!("hears {length} bytes"),
        What::Leaves => "leaves".to_owned(),
        What::IsClosed => "sees the end of the stream".to_owned(),
    };
    let text = format!("client {} {what}", event.client);
    format!("{}              {}\n", since(event.at, begin), style(text).dim())
}

fn coloured(phase: Phase, words: &str) -> StyledObject<&str> {
    match phase {
        Phase::Waits | Phase::Asks => style(words).yellow(),
        Phase::Copies | Phase::WaitsAndCopies => style(words).green(),
        Phase::Arranges => style(words),
    }
}

/// How many calls, and how long phase 1 and phase 2 took.
fn summary(trace: &Trace) -> String {
    let calls: usize = trace.rows.iter().map(|row| row.count).sum();
    let of = |phases: &[Phase]| {
        let rows = trace.rows.iter().filter(|row| phases.contains(&row.meaning.phase));
        rows.fold((0, Duration::ZERO), |(count, took), row| (count + row.count, took + row.took))
    };
    let (waits, waited) = of(&[Phase::Waits, Phase::WaitsAndCopies]);
    let (asks, _) = of(&[Phase::Asks]);
    let (copies, copied) = of(&[Phase::Copies]);
    format!(
        "{} calls: phase 1, {waits} waited for {:.1} ms together, and {} were told: not yet; phase \
         2, {copies} copied in {} µs together\n\
         strace slows each call down: without it, fewer microseconds and more questions\n",
        thousands(calls),
        millis(waited),
        thousands(asks),
        copied.as_micros(),
    )
}

/// `  102.7 ms`.
fn since(at: Duration, begin: Duration) -> String {
    let at = millis(at) - millis(begin);
    format!("{at:8.1} ms")
}

/// `300.59 ms` or `    12 µs`.
fn lasted(took: Duration) -> String {
    match took.as_micros() {
        micros @ ..1000 => format!("{micros:7} µs"),
        _ => format!("{:7.1} ms", millis(took)),
    }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_their_unit() {
        assert_eq!(lasted(Duration::from_micros(12)), "     12 µs");
        assert_eq!(lasted(Duration::from_micros(300_593)), "  300.6 ms");
        let since = since(Duration::from_micros(1_102_700), Duration::from_secs(1));
        assert_eq!(since, "   102.7 ms");
    }
}
