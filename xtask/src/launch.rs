//! A server as a child process.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::client::DEADLINE;
use crate::verdict::{Expect, Outcome, fail};

/// Lines of a server's output that a failure shows at most.
const TAIL: usize = 20;

/// Lines of a server's output that are kept, and bytes of each: a loaded server prints more than fits.
const KEPT: usize = 1000;
const LINE: usize = 300;

/// What a server printed on its standard output and error, shared with the threads that read them.
#[derive(Clone, Default)]
pub struct Output(Arc<(Mutex<State>, Condvar)>);

#[derive(Default)]
struct State {
    lines: VecDeque<(Source, String)>,
    /// How many lines came in all, with those that are not kept any more.
    count: usize,
    streams_open: usize,
}

#[derive(Clone, Copy, PartialEq)]
enum Source {
    Stdout,
    Stderr,
}

impl Output {
    /// The last lines.
    pub fn tail(&self) -> Vec<String> {
        let state = self.lock();
        let tail = state
            .lines
            .iter()
            .skip(state.lines.len().saturating_sub(TAIL));
        tail.map(|(_, line)| line.clone()).collect()
    }

    /// The last lines of standard error.
    pub fn errors(&self) -> Vec<String> {
        let state = self.lock();
        let errors = state
            .lines
            .iter()
            .filter(|(source, _)| *source == Source::Stderr);
        errors.map(|(_, line)| line.clone()).collect()
    }

    /// How many lines came so far.
    pub fn count(&self) -> usize {
        self.lock().count
    }

    /// Waits until `find` finds something in a line after the first `seen`, or until the streams end or
    /// [`DEADLINE`] is over.
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

    /// Waits until both streams are closed, at most for [`DEADLINE`].
    fn wait_for_end(&self) {
        self.wait_for(0, |_| None::<()>);
    }

    fn follow(&self, source: Source, stream: impl Read + Send + 'static) {
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
        state
            .lines
            .push_back((source, String::from_utf8_lossy(line).into_owned()));
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

/// A server that runs; it is killed and waited for when this is dropped.
pub struct Running {
    child: Child,
    /// Where it listens.
    pub addr: SocketAddr,
    /// What it prints.
    pub output: Output,
}

impl Running {
    /// Starts `binary` with `args` and waits for its `listening on` line. With `operator`, its standard input
    /// has that line again and again.
    ///
    /// # Errors
    /// When it ends, or [`DEADLINE`] is over, before that line.
    pub fn start(
        binary: &Path,
        args: &[&str],
        operator: Option<&'static str>,
        output: &Output,
    ) -> Outcome<Running> {
        let seen = output.count();
        let mut child = spawn(binary, args, output)?;
        if let (Some(line), Some(mut stdin)) = (operator, child.stdin.take()) {
            // The pipe holds the thread back until the server reads, and breaks when the server is gone.
            thread::spawn(move || while writeln!(stdin, "{line}").is_ok() {});
        }
        match output.wait_for(seen, parse_listening) {
            Some(addr) => Ok(Running {
                child,
                addr,
                output: output.clone(),
            }),
            None => {
                let _ = child.kill();
                let status = child.wait().expect_to("a server that can be waited for")?;
                fail("a line `listening on ADDR`", format!("none; {status}"))
            }
        }
    }

    /// Starts `binary` with `args`, reads its output up to the `listening on` line, and closes it, as
    /// `server | head -1` does.
    ///
    /// # Errors
    /// When its output ends before that line.
    pub fn start_and_close_output(
        binary: &Path,
        args: &[&str],
        operator: Option<&'static str>,
    ) -> Outcome<Running> {
        let mut child = command(binary, args)
            .spawn()
            .expect_to("a server that starts")?;
        if let (Some(line), Some(mut stdin)) = (operator, child.stdin.take()) {
            thread::spawn(move || while writeln!(stdin, "{line}").is_ok() {});
        }
        drop(child.stderr.take());
        let stdout = child.stdout.take().expect("standard output is piped");
        let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
        let addr = lines.find_map(|line| parse_listening(&line));
        let mut running = Running {
            child,
            addr: SocketAddr::from(([0; 4], 0)),
            output: Output::default(),
        };
        match addr {
            Some(addr) => running.addr = addr,
            None => return fail("a line `listening on ADDR`", running.end()?),
        }
        Ok(running)
    }

    /// Sends it a signal.
    ///
    /// # Errors
    /// When it is gone.
    pub fn signal(&self, signal: Signal) -> Outcome<()> {
        kill_process(self.pid(), signal).expect_to("a server that takes a signal")
    }

    /// Its process.
    pub fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// Waits until it ends by itself.
    ///
    /// # Errors
    /// When it does not within [`DEADLINE`].
    pub fn end(&mut self) -> Outcome<ExitStatus> {
        wait(&mut self.child)
    }

    /// Whether it still runs.
    ///
    /// # Errors
    /// When it ended, with its status.
    pub fn is_alive(&mut self) -> Outcome<()> {
        match self.child.try_wait().expect_to("a server to look at")? {
            None => Ok(()),
            Some(status) => fail("the server runs on", status),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail only for a child that was waited for already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs `binary` with `args` to its end.
///
/// # Errors
/// When it does not end within [`DEADLINE`]; it is killed then.
pub fn run_to_end(binary: &Path, args: &[&str], output: &Output) -> Outcome<ExitStatus> {
    let mut child = spawn(binary, args, output)?;
    drop(child.stdin.take());
    let ended = wait(&mut child);
    if ended.is_err() {
        let _ = child.kill();
        let _ = child.wait();
    }
    output.wait_for_end();
    ended
}

fn wait(child: &mut Child) -> Outcome<ExitStatus> {
    let deadline = Instant::now() + DEADLINE;
    while Instant::now() < deadline {
        if let Some(status) = child.try_wait().expect_to("a program to look at")? {
            return Ok(status);
        }
        thread::sleep(Duration::from_millis(1));
    }
    fail(
        "the program ends",
        format!("it runs on after {} s", DEADLINE.as_secs()),
    )
}

fn command(binary: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(binary);
    command
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn spawn(binary: &Path, args: &[&str], output: &Output) -> Outcome<Child> {
    let mut child = command(binary, args)
        .spawn()
        .expect_to("a server that starts")?;
    output.follow(
        Source::Stdout,
        child.stdout.take().expect("standard output is piped"),
    );
    output.follow(
        Source::Stderr,
        child.stderr.take().expect("standard error is piped"),
    );
    Ok(child)
}

/// The address in a line `listening on ADDR`.
pub fn parse_listening(line: &str) -> Option<SocketAddr> {
    line.strip_prefix("listening on ")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_address_is_found_in_its_line(addr: SocketAddr) {
            // An IPv6 flow label is not written.
            prop_assume!(addr.is_ipv4());
            prop_assert_eq!(parse_listening(&format!("listening on {addr}")), Some(addr));
        }

        #[test]
        fn no_other_line_has_an_address(line in "\\PC*") {
            prop_assume!(!line.starts_with("listening on "));
            prop_assert_eq!(parse_listening(&line), None);
        }
    }
}
