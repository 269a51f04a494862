//! The report on the terminal: a line for each call, or for many that say the same.

use std::time::Duration;

use console::{Style, measure_text_width};
use textwrap::core::display_width;
use textwrap::{Options, WordSplitter};

use crate::trace::Trace;
use crate::trace::fold::{OTHER, Row};
use crate::trace::meaning::Phase;
use crate::trace::script::{Event, What};
use crate::units::millis;
use xtask::terminal::{WIDTH, thousands};

pub const HEADER: &str = "  at ms      took  call\n";

/// Of what the rows of a report depend.
pub struct Columns {
    /// When it begins, since 1970.
    pub begin: Duration,
    /// Whether each row says which thread it is of.
    pub has_threads: bool,
    pub names: usize,
}

/// All that was seen, in the order of time, and what phase 1 and phase 2 came to.
pub fn report(trace: &Trace) -> String {
    let columns = Columns {
        begin: trace.events.first().map_or(Duration::ZERO, |event| event.at),
        has_threads: trace.rows.iter().any(|row| row.thread != trace.rows[0].thread),
        names: trace.rows.iter().map(|row| row.name.len()).max().unwrap_or_default(),
    };
    let mut lines: Vec<(Duration, String)> = Vec::new();
    lines.extend(trace.events.iter().map(|event| (event.at, columns.event(event))));
    lines.extend(trace.rows.iter().map(|row| (row.start, columns.row(row))));
    lines.sort_by_key(|(at, _)| *at);
    let text: String = lines.into_iter().map(|(_, line)| line).collect();
    format!("{}\n{HEADER}{text}\n{}", trace.title, summary(trace))
}

impl Columns {
    pub fn row(&self, row: &Row) -> String {
        let thread = if self.has_threads { format!("[{}] ", row.thread) } else { String::new() };
        let (since, took) = (since(row.start, self.begin), lasted(row.took));
        let left = format!("{since}  {took}  {thread}{:<1$}  ", row.name, self.names);
        let words = match (row.name.as_str(), row.count) {
            (OTHER, count) => {
                let room = WIDTH - measure_text_width(&left);
                shortened(&format!("{}: {}", thousands(count), row.meaning.words), room)
            }
            (_, 1) => row.meaning.words.clone(),
            (_, count) => format!("{} × {}", row.meaning.words, thousands(count)),
        };
        beside(&left, &words, &style(row.meaning.phase))
    }

    fn event(&self, event: &Event) -> String {
        let what = match &event.what {
            What::Connects(_) => "connects".to_owned(),
            What::Says(length) => format!("says {length} bytes"),
            What::Hears(length) => format!("hears {length} bytes"),
            What::Leaves => "leaves".to_owned(),
            What::IsClosed => "sees the end of the stream".to_owned(),
        };
        let left = format!("{}{:12}", since(event.at, self.begin), "");
        beside(&left, &format!("client {} {what}", event.client), &Style::new().dim())
    }
}

/// As much of a list as has room on a line.
fn shortened(list: &str, room: usize) -> String {
    let end = " …";
    match textwrap::wrap(list, room - display_width(end)).as_slice() {
        [first, _, ..] => format!("{first}{end}"),
        _ => list.to_owned(),
    }
}

/// Words in the columns that `left` leaves, wrapped where they are longer.
fn beside(left: &str, words: &str, style: &Style) -> String {
    let column = measure_text_width(left);
    let options = Options::new(WIDTH - column).word_splitter(WordSplitter::NoHyphenation);
    let lines = textwrap::wrap(words, options.break_words(false));
    let lines: Vec<String> = lines.iter().map(|line| style.apply_to(line).to_string()).collect();
    format!("{left}{}\n", lines.join(&format!("\n{}", " ".repeat(column))))
}

fn style(phase: Phase) -> Style {
    match phase {
        Phase::Waits | Phase::Asks => Style::new().yellow(),
        Phase::Copies | Phase::WaitsAndCopies => Style::new().green(),
        Phase::Arranges => Style::new(),
        Phase::Aside => Style::new().dim(),
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
    let both = match of(&[Phase::WaitsAndCopies]) {
        (0, _) => String::new(),
        (both, _) => format!("; {both} of those that waited also copied"),
    };
    format!(
        "{} calls\n\
         phase 1: {waits} waited, {:.1} ms together; {} were told: not yet\n\
         phase 2: {copies} copied, {} µs together{both}\n\
         strace slows each call; without it, a server that polls asks more often\n",
        thousands(calls),
        millis(waited),
        thousands(asks),
        copied.as_micros(),
    )
}

/// `  102.7`, in milliseconds; what began before the first client has a minus.
fn since(at: Duration, begin: Duration) -> String {
    // As a whole number, because a float would say -0.0.
    let tenths = ((millis(at) - millis(begin)) * 10.0).round() as i64;
    format!("{:7.1}", tenths as f64 / 10.0)
}

/// `   12 µs`, `300.6 ms` or `  20.1 s`.
fn lasted(took: Duration) -> String {
    match took.as_micros() {
        micros @ ..1_000 => format!("{micros:5} µs"),
        ..1_000_000 => format!("{:5.1} ms", millis(took)),
        _ => format!("{:6.1} s", took.as_secs_f64()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::meaning::Meaning;

    #[test]
    fn times_have_their_unit() {
        assert_eq!(lasted(Duration::from_micros(12)), "   12 µs");
        assert_eq!(lasted(Duration::from_micros(300_593)), "300.6 ms");
        assert_eq!(lasted(Duration::from_millis(20_100)), "  20.1 s");
        let since = |micros| since(Duration::from_micros(micros), Duration::from_secs(1));
        assert_eq!(since(1_102_700), "  102.7");
        assert_eq!([since(999_900), since(999_960)], ["   -0.1", "    0.0"]);
    }

    #[test]
    fn a_row_is_as_wide_as_a_terminal_at_most() {
        let meaning = Meaning::new(
            Phase::Arranges,
            "epoll: from now on watch client 12 for EPOLLIN, EPOLLPRI, EPOLLOUT, EPOLLRDHUP, EPOLLET",
        );
        let (start, took) = (Duration::from_secs(1000), Duration::from_millis(1_234));
        let name = "epoll_ctl".to_owned();
        let one = Row { thread: 12, name, start, end: start + took, took, count: 1_000, meaning };
        let columns = Columns { begin: Duration::ZERO, has_threads: true, names: 15 };
        let text = columns.row(&one);
        assert!(text.lines().count() > 1, "{text}");
        assert!(text.lines().all(|line| measure_text_width(line) <= WIDTH), "{text}");
        let words: Vec<&str> = text.split_whitespace().collect();
        assert!(words.join(" ").contains(&one.meaning.words), "{text}");
        let calls = "mmap, mprotect, rt_sigprocmask, sigaltstack, gettid".to_owned();
        for length in 0..calls.len() {
            let meaning = Meaning { words: calls[..length].to_owned(), ..one.meaning.clone() };
            let other = Row { name: OTHER.to_owned(), meaning, ..one.clone() };
            let text = columns.row(&other);
            assert_eq!(text.lines().count(), 1, "{text}");
            assert!(measure_text_width(&text) <= WIDTH, "{text}");
        }
    }
}
