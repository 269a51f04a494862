//! What a program prints.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::harness::client::DEADLINE;
use crate::harness::command_line::CommandLine;
use crate::harness::outcome::{Outcome, fail, silence, time_out};

/// Lines that a failure shows at most.
const TAIL: usize = 20;

/// Lines that are kept, and bytes of each: a loaded server prints more than fits.
const KEPT: usize = 5000;
const LINE: usize = 300;

/// What a program printed on its standard output and error, shared with the threads that read them.
#[derive(Clone, Default)]
pub struct Output(Arc<(Mutex<State>, Condvar)>);

#[derive(Default)]
struct State {
    lines: VecDeque<(Source, String)>,
    /// How many lines came in all, with those that are not kept any more.
    count: usize,
    streams_open: usize,
    /// What was launched last of that which prints here.
    source: Option<CommandLine>,
}

/// Which of its streams a child printed a line on.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Source {
    Stdout,
    Stderr,
}

impl Output {
    /// The last lines.
    pub fn tail(&self) -> Vec<String> {
        let state = self.lock();
        let tail = state.lines.iter().skip(state.lines.len().saturating_sub(TAIL));
        tail.map(|(_, line)| line.clone()).collect()
    }

    /// Notes what prints here from now on.
    pub fn comes_from(&self, line: &CommandLine) {
        self.lock().source = Some(line.clone());
    }

    /// What was launched last of that which prints here.
    pub fn source(&self) -> Option<CommandLine> {
        self.lock().source.clone()
    }

    /// Whether nothing can come any more.
    pub fn is_over(&self) -> bool {
        self.lock().streams_open == 0
    }

    /// The last lines of standard error.
    pub fn errors(&self) -> Vec<String> {
        self.lines_of(Source::Stderr)
    }

    /// The last lines of standard output.
    pub fn printed(&self) -> Vec<String> {
        self.lines_of(Source::Stdout)
    }

    fn lines_of(&self, stream: Source) -> Vec<String> {
        let state = self.lock();
        let lines = state.lines.iter().filter(|(source, _)| *source == stream);
        lines.map(|(_, line)| line.clone()).collect()
    }

    /// How many lines came so far.
    pub fn count(&self) -> usize {
        self.lock().count
    }

    /// Waits until `find` finds something in a line after the first `seen`, or until the streams
    /// end or [`DEADLINE`] is over.
    pub fn wait_for<T>(&self, seen: usize, find: impl Fn(&str) -> Option<T>) -> Option<T> {
        self.wait_within(DEADLINE, seen, find)
    }

    /// The same with another deadline.
    pub fn wait_within<T>(
        &self,
        deadline: Duration,
        mut seen: usize,
        find: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let deadline = Instant::now() + deadline;
        let mut state = self.lock();
        loop {
            let new = (state.count - seen).min(state.lines.len());
            let mut lines = state.lines.range(state.lines.len() - new..);
            if let Some(found) = lines.find_map(|(_, line)| find(line)) {
                return Some(found);
            }
            seen = state.count;
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || state.streams_open == 0 {
                return None;
            }
            let waited = self.0.1.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Waits for a line with `text` after the first `seen`, no longer than `deadline`.
    ///
    /// # Errors
    /// When there is none.
    pub fn have_line(&self, deadline: Duration, seen: usize, text: &str) -> Outcome<()> {
        if self.wait_within(deadline, seen, |line| line.contains(text).then_some(())).is_some() {
            return Ok(());
        }
        let expected = format!("a line with `{text}`");
        let after = |then: &str| format!("{then}, after {:?}", self.tail().last());
        if self.is_over() {
            return fail(expected, after("the end of the output"));
        }
        time_out(expected, after(&silence(deadline)))
    }

    /// Waits until both streams are closed, at most for [`DEADLINE`].
    pub(crate) fn wait_for_end(&self) {
        self.wait_for(0, |_| None::<()>);
    }

    /// Reads a stream to its end, in a thread of its own.
    pub(crate) fn follow(&self, source: Source, stream: impl Read + Send + 'static) {
        self.lock().streams_open += 1;
        let output = self.clone();
        thread::spawn(move || {
            for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
                output.push(source, &line[..line.len().min(LINE)]);
            }
            output.lock().streams_open -= 1;
            output.0.1.notify_all();
        });
    }

    fn push(&self, source: Source, line: &[u8]) {
        let mut state = self.lock();
        state.lines.push_back((source, String::from_utf8_lossy(line).into_owned()));
        state.count += 1;
        if state.lines.len() > KEPT {
            state.lines.pop_front();
        }
        self.0.1.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
