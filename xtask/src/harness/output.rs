//! What a program prints.

use std::collections::VecDeque;
use std::fmt;
use std::io::Read;
use std::process::ExitStatus;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::process::Pid;

use crate::harness::client::DEADLINE;
use crate::harness::command_line::CommandLine;
use crate::harness::outcome::{Failure, Outcome, fail, silence, time_out};
use crate::harness::state::state;
use crate::harness::threads;

/// Lines that a failure shows at most.
const TAIL: usize = 20;

/// Lines that are kept, and bytes of each: a loaded server prints more than fits.
const KEPT: usize = 50_000;
const LINE: usize = 300;

/// How long a look at what the program does counts as new: hundreds of clients may lose patience
/// at the same time, and a look goes through all threads.
const FRESH: Duration = Duration::from_secs(1);

/// What a program printed on its standard output and error, shared with the threads that read them.
#[derive(Clone, Default)]
pub struct Output(Arc<(Mutex<State>, Condvar)>);

#[derive(Default)]
struct State {
    lines: VecDeque<Line>,
    /// How many lines came in all, with those that are not kept any more.
    count: usize,
    /// What is behind the last line of standard output, and is none yet: a prompt.
    unfinished: Vec<u8>,
    streams_open: usize,
    /// What was launched last of that which prints here.
    source: Option<Launched>,
    /// How that ended, if it did so by itself.
    end: Option<ExitStatus>,
}

struct Launched {
    line: CommandLine,
    pid: Pid,
    at: Instant,
    /// What it did at the last look, and when that was.
    looked: Option<(Instant, String)>,
}

impl Launched {
    /// What it does, by a look that is fresh.
    fn does(&mut self) -> String {
        match &self.looked {
            Some((at, does)) if at.elapsed() < FRESH => does.clone(),
            _ => {
                let does = state(self.pid);
                self.looked = Some((Instant::now(), does.clone()));
                does
            }
        }
    }
}

struct Line {
    stream: Stream,
    /// How long after the launch it came.
    after: Duration,
    text: String,
}

/// Where a program wrote a line.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Stream {
    Stdout,
    Stderr,
    /// The file that its `--log` names.
    Log,
}

impl fmt::Display for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Stream::Stdout => "stdout",
            Stream::Stderr => "stderr",
            Stream::Log => "log",
        })
    }
}

impl Output {
    /// The last lines, each behind the time since the launch and the name of its stream.
    pub fn tail(&self) -> Vec<String> {
        let state = self.lock();
        let tail = state.lines.iter().skip(state.lines.len().saturating_sub(TAIL));
        let told = tail.map(|Line { stream, after, text }| {
            format!("{:.3} s {stream}: {text}", after.as_secs_f64())
        });
        told.collect()
    }

    /// Notes which process prints here from now on, and what launched it.
    pub fn comes_from(&self, line: &CommandLine, pid: Pid) {
        let launched = Launched { line: line.clone(), pid, at: Instant::now(), looked: None };
        let mut state = self.lock();
        state.source = Some(launched);
        state.end = None;
    }

    /// Notes how what prints here has ended by itself.
    pub fn has_ended(&self, status: ExitStatus) {
        self.lock().end = Some(status);
    }

    /// How what was launched last has ended by itself; `None` where it ran on.
    pub fn end(&self) -> Option<ExitStatus> {
        self.lock().end
    }

    /// What was launched last of that which prints here.
    pub fn source(&self) -> Option<CommandLine> {
        self.lock().source.as_ref().map(|launched| launched.line.clone())
    }

    /// The same failure, with what the process that prints here does just now, if it came by a
    /// deadline.
    pub fn explain(&self, failure: Failure) -> Failure {
        failure.while_server(|| self.lock().source.as_mut().map(Launched::does))
    }

    /// Whether nothing can come any more.
    pub fn is_over(&self) -> bool {
        self.lock().streams_open == 0
    }

    /// The last lines of standard error.
    pub fn errors(&self) -> Vec<String> {
        self.lines_of(Stream::Stderr)
    }

    /// The last lines of standard output.
    pub fn printed(&self) -> Vec<String> {
        self.lines_of(Stream::Stdout)
    }

    /// The last lines of its log.
    pub fn logged(&self) -> Vec<String> {
        self.lines_of(Stream::Log)
    }

    fn lines_of(&self, stream: Stream) -> Vec<String> {
        let state = self.lock();
        let lines = state.lines.iter().filter(|line| line.stream == stream);
        lines.map(|line| line.text.clone()).collect()
    }

    /// How many lines came so far.
    pub fn count(&self) -> usize {
        self.lock().count
    }

    /// What `find` finds in a line after the first `seen`, if it is there.
    pub fn find<T>(&self, seen: usize, find: impl Fn(&str) -> Option<T>) -> Option<T> {
        self.wait_within(Duration::ZERO, seen, find)
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
        self.wait(deadline, |state| {
            let new = (state.count - seen).min(state.lines.len());
            seen = state.count;
            let mut lines = state.lines.range(state.lines.len() - new..);
            lines.find_map(|line| find(&line.text))
        })
    }

    fn wait<T>(&self, deadline: Duration, mut find: impl FnMut(&State) -> Option<T>) -> Option<T> {
        let deadline = Instant::now() + deadline;
        let mut state = self.lock();
        loop {
            let found = find(&state);
            let left = deadline.saturating_duration_since(Instant::now());
            if found.is_some() || left.is_zero() || state.streams_open == 0 {
                return found;
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
        self.have_line_where(deadline, seen, text, |line| line.contains(text))
    }

    /// The same for a line that `fits`, which a failure calls `text`.
    ///
    /// # Errors
    /// Those of [`have_line`](Output::have_line).
    pub fn have_line_where(
        &self,
        deadline: Duration,
        seen: usize,
        text: &str,
        fits: impl Fn(&str) -> bool,
    ) -> Outcome<()> {
        let found = self.wait_within(deadline, seen, |line| fits(line).then_some(()));
        found.map_or_else(|| self.lacks(&format!("a line with `{text}`"), deadline), Ok)
    }

    /// Waits until `text` is behind the last line of standard output, no longer than
    /// [`DEADLINE`].
    ///
    /// # Errors
    /// When it does not.
    pub fn have_prompt(&self, text: &str) -> Outcome<()> {
        let found = self.wait(DEADLINE, |state| {
            String::from_utf8_lossy(&state.unfinished).ends_with(text).then_some(())
        });
        found.map_or_else(|| self.lacks(&format!("the prompt `{text}`"), DEADLINE), Ok)
    }

    fn lacks(&self, expected: &str, deadline: Duration) -> Outcome<()> {
        let last = self.lock().lines.back().map(|line| line.text.clone());
        let after = |then: &str| match last {
            Some(last) => format!("{then}, after the line `{last}`"),
            None => format!("{then}, and no line"),
        };
        if self.is_over() {
            return fail(expected, after("the end of the output"));
        }
        time_out(expected, after(&silence(deadline))).map_err(|failure| self.explain(failure))
    }

    /// Waits until both streams are closed, at most for [`DEADLINE`].
    pub fn wait_for_end(&self) {
        self.wait_for(0, |_| None::<()>);
    }

    /// Reads a stream to its end, in a thread of its own.
    pub(crate) fn follow(
        &self,
        stream: Stream,
        mut source: impl Read + Send + 'static,
    ) -> Outcome<()> {
        self.lock().streams_open += 1;
        let output = self.clone();
        let read = move || {
            let mut chunk = [0; 4096];
            let mut line = Vec::new();
            while let Ok(length @ 1..) = source.read(&mut chunk) {
                let mut lines = chunk[..length].split(|byte| *byte == b'\n');
                line.extend_from_slice(lines.next().unwrap_or_default());
                for next in lines {
                    output.push(stream, &line);
                    line = next.to_vec();
                }
                // Of a line without an end no more is kept than is shown.
                line.truncate(LINE);
                if stream == Stream::Stdout {
                    output.lock().unfinished.clone_from(&line);
                    output.0.1.notify_all();
                }
            }
            if !line.is_empty() {
                output.push(stream, &line);
            }
            output.lock().streams_open -= 1;
            output.0.1.notify_all();
        };
        threads::spawn(read).inspect_err(|_| self.lock().streams_open -= 1)
    }

    fn push(&self, stream: Stream, line: &[u8]) {
        let text = String::from_utf8_lossy(&line[..line.len().min(LINE)]).into_owned();
        let mut state = self.lock();
        let launched = state.source.as_ref().map(|launched| launched.at.elapsed());
        state.lines.push_back(Line { stream, after: launched.unwrap_or_default(), text });
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
