//! A program that runs: a server, or a client of the notes.

use std::io::{self, Write};
use std::os::fd::AsFd;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, ChildStdin, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::thread;
use std::time::Instant;

use rustix::process::{
    Pid, PidfdFlags, Signal, WaitId, WaitIdOptions, WaitOptions, getpid, kill_process,
    kill_process_group, pidfd_open, pidfd_send_signal, set_child_subreaper, waitid, waitpgid,
};

use crate::harness::client::DEADLINE;
use crate::harness::command_line::CommandLine;
use crate::harness::guard::Guard;
use crate::harness::outcome::{Expect, Outcome, fail, started, time_out};
use crate::harness::output::{Output, Stream};
use crate::harness::signals::stop_ignoring;
use crate::harness::state::state;
use crate::harness::threads;
use crate::harness::tree;
use crate::harness::wait::{pause_after, wait_for};

/// A program and everything that it starts. All of it is killed and waited for when this is
/// dropped, and is killed when this process ends in another way.
pub struct Program {
    line: CommandLine,
    child: Child,
    guard: Guard,
    /// Where its end is noted.
    output: Option<Output>,
}

impl Program {
    /// Starts a program. With `input`, its standard input has that line again and again; without,
    /// it is at its end at once.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(line: &CommandLine, input: Option<&'static str>) -> Outcome<Program> {
        Program::start_with(line, input, Stdio::piped(), Stdio::piped())
    }

    /// The same with its output elsewhere.
    ///
    /// # Errors
    /// Those of [`start`](Program::start).
    pub fn start_with(
        line: &CommandLine,
        input: Option<&'static str>,
        stdout: Stdio,
        stderr: Stdio,
    ) -> Outcome<Program> {
        let (program, mut keyboard) = Program::start_with_keyboard(line, stdout, stderr)?;
        if let Some(line) = input {
            // The pipe holds the thread back until the program reads, and breaks when the program
            // is gone.
            threads::spawn(move || while writeln!(keyboard, "{line}").is_ok() {})?;
        }
        Ok(program)
    }

    /// Starts a program, and hands out the other end of its standard input.
    ///
    /// # Errors
    /// Those of [`start`](Program::start).
    pub fn start_with_keyboard(
        line: &CommandLine,
        stdout: Stdio,
        stderr: Stdio,
    ) -> Outcome<(Program, ChildStdin)> {
        prepare()?;
        let guard = Guard::start()?;
        let mut command = line.command();
        command.stdin(Stdio::piped()).stdout(stdout).stderr(stderr);
        command.process_group(guard.group().as_raw_pid());
        command.env(tree::VARIABLE, guard.group().as_raw_pid().to_string());
        let mut child = started(command.spawn(), &format!("a start of {line}"))?;
        let keyboard = child.stdin.take().expect("standard input is a pipe");
        Ok((Program { line: line.clone(), child, guard, output: None }, keyboard))
    }

    /// Keeps what it prints in `output` from now on, of the streams that this process reads.
    ///
    /// # Errors
    /// When a stream has nobody to read it.
    pub fn follow(&mut self, output: &Output) -> Outcome<()> {
        output.comes_from(&self.line, self.pid());
        self.output = Some(output.clone());
        if let Some(stdout) = self.child.stdout.take() {
            output.follow(Stream::Stdout, stdout)?;
        }
        if let Some(stderr) = self.child.stderr.take() {
            output.follow(Stream::Stderr, stderr)?;
        }
        Ok(())
    }

    /// Sends a signal to the process that was started, as kill(1) with its number does.
    ///
    /// # Errors
    /// When it is gone.
    pub fn signal(&self, signal: Signal) -> Outcome<()> {
        kill_process(self.pid(), signal).expect_to("a program that takes a signal")
    }

    /// The process that was started; what it starts has other numbers.
    pub fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// The process group that it was started in.
    pub fn group(&self) -> Pid {
        self.guard.group()
    }

    /// Waits until the process that was started ends by itself.
    ///
    /// # Errors
    /// When it does not within [`DEADLINE`].
    pub fn end(&mut self) -> Outcome<ExitStatus> {
        let late = || format!("it runs on after {} s", DEADLINE.as_secs());
        let ended = wait_for("the program ends", || {
            Ok(self.try_wait().expect_to("a program to look at")?.ok_or_else(late))
        });
        ended.map_err(|failure| failure.while_server(|| Some(state(self.pid()))))
    }

    /// Whether the process that was started still runs.
    ///
    /// # Errors
    /// When it ended, with its status.
    pub fn is_alive(&mut self) -> Outcome<()> {
        match self.try_wait().expect_to("a program to look at")? {
            None => Ok(()),
            Some(status) => fail("the program runs on", status),
        }
    }

    /// How the process that was started has ended; `None` while it runs.
    ///
    /// # Errors
    /// Those of waitpid(2).
    pub fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        self.child.try_wait()
    }

    /// Kills all that it consists of, until nothing is left. What the kernel does not end must not
    /// hold the tester: after [`DEADLINE`] that is a failure.
    fn kill(&mut self) -> Outcome<()> {
        let deadline = Instant::now() + DEADLINE;
        let mut killed = Vec::new();
        let ended = self.try_wait().expect_to("a program to look at")?;
        loop {
            let start = Instant::now();
            let alive = match tree::alive(self) {
                Ok(alive) if alive.is_empty() => break,
                // Without a descriptor nobody is found; other checks give some back.
                Err(_) if Instant::now() < deadline => Vec::new(),
                alive => alive?,
            };
            if let Some(process) = alive.first()
                && Instant::now() > deadline
            {
                return time_out("the end by SIGKILL", format!("process {} runs on", process.pid));
            }
            for process in alive {
                // Either fails for a process that has ended since.
                let Ok(pidfd) = pidfd_open(process.pid, PidfdFlags::empty()) else {
                    continue;
                };
                let _ = pidfd_send_signal(&pidfd, Signal::KILL);
                killed.push(pidfd);
            }
            thread::sleep(pause_after(start.elapsed()));
        }
        let status = self.try_wait().expect_to("a program to wait for")?;
        // One that was just dying is not ended by another signal.
        let by_itself = status.filter(|status| status.signal() != Some(Signal::KILL.as_raw()));
        if let (Some(output), Some(status)) = (&self.output, ended.or(by_itself)) {
            output.has_ended(status);
        }
        for pidfd in &killed {
            // Whoever left the group is by now a child of this process, or was waited for.
            let _ =
                waitid(WaitId::PidFd(pidfd.as_fd()), WaitIdOptions::EXITED | WaitIdOptions::NOHANG);
        }
        Ok(())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if let Err(failure) = self.kill() {
            eprintln!("warning: {}: {failure}", self.pid());
            let _ = kill_process_group(self.group(), Signal::KILL);
            let _ = self.end();
        }
        // Orphans of the group that ended before; the guard lives, so its status is not taken.
        while let Ok(Some(_)) = waitpgid(self.group(), WaitOptions::NOHANG) {}
    }
}

/// How a program has ended.
pub fn in_words(status: ExitStatus) -> String {
    match (status.signal(), status.code()) {
        // `signal: 11 (SIGSEGV)`
        (Some(_), _) => format!("it died of {}", status.to_string().replacen(':', "", 1)),
        (None, Some(code)) => format!("it ended with exit status {code}"),
        (None, None) => status.to_string(),
    }
}

/// Makes this process the parent of those whose own parent ends, for good: it can find and wait for
/// them. That it was told to ignore a signal is nothing to them.
fn prepare() -> Outcome<()> {
    static ONCE: OnceLock<Outcome<()>> = OnceLock::new();
    let prepare = || {
        // Without it, a daemon is not found, which no server of the table is.
        let _ = set_child_subreaper(Some(getpid()));
        stop_ignoring()
    };
    ONCE.get_or_init(prepare).clone()
}
