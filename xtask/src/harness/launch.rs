//! A server, or a client of the notes, as a child process.

use std::fs::File;
use std::io::{BufRead, BufReader, PipeReader, PipeWriter, Read, Write, pipe};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::pipe::fcntl_setpipe_size;
use rustix::process::{Pid, Signal, kill_process};

use crate::harness::client::DEADLINE;
use crate::harness::outcome::{Expect, Outcome, fail};
use crate::harness::output::{Output, Source};
use crate::harness::preload::Preload;

/// A child process; it is killed and waited for when this is dropped.
pub struct Program(Child);

impl Program {
    /// Starts `binary` with `args`. With `input`, its standard input has that line again and again; without, it
    /// is at its end at once.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(binary: &Path, args: &[&str], input: Option<&'static str>) -> Outcome<Program> {
        Program::start_command(Command::new(binary).args(args), input)
    }

    fn start_command(command: &mut Command, input: Option<&'static str>) -> Outcome<Program> {
        Program::start_with(command, input, Stdio::piped(), Stdio::piped())
    }

    fn start_with(
        command: &mut Command,
        input: Option<&'static str>,
        stdout: Stdio,
        stderr: Stdio,
    ) -> Outcome<Program> {
        command.stdin(Stdio::piped()).stdout(stdout).stderr(stderr);
        let mut child = command.spawn().expect_to("a program that starts")?;
        let stdin = child.stdin.take();
        if let (Some(line), Some(mut stdin)) = (input, stdin) {
            // The pipe holds the thread back until the program reads, and breaks when the program is gone.
            thread::spawn(move || while writeln!(stdin, "{line}").is_ok() {});
        }
        Ok(Program(child))
    }

    /// Keeps what it prints in `output` from now on, of the streams that this process reads.
    pub fn follow(&mut self, output: &Output) {
        if let Some(stdout) = self.0.stdout.take() {
            output.follow(Source::Stdout, stdout);
        }
        if let Some(stderr) = self.0.stderr.take() {
            output.follow(Source::Stderr, stderr);
        }
    }

    /// Sends it a signal.
    ///
    /// # Errors
    /// When it is gone.
    pub fn signal(&self, signal: Signal) -> Outcome<()> {
        kill_process(self.pid(), signal).expect_to("a program that takes a signal")
    }

    /// Its process.
    pub fn pid(&self) -> Pid {
        Pid::from_child(&self.0)
    }

    /// Waits until it ends by itself.
    ///
    /// # Errors
    /// When it does not within [`DEADLINE`].
    pub fn end(&mut self) -> Outcome<ExitStatus> {
        let deadline = Instant::now() + DEADLINE;
        while Instant::now() < deadline {
            if let Some(status) = self.0.try_wait().expect_to("a program to look at")? {
                return Ok(status);
            }
            thread::sleep(Duration::from_millis(1));
        }
        fail("the program ends", format!("it runs on after {} s", DEADLINE.as_secs()))
    }

    /// Whether it still runs.
    ///
    /// # Errors
    /// When it ended, with its status.
    pub fn is_alive(&mut self) -> Outcome<()> {
        match self.0.try_wait().expect_to("a program to look at")? {
            None => Ok(()),
            Some(status) => fail("the program runs on", status),
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Both fail only for a child that was waited for already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A server that runs.
pub struct Running {
    /// Its process.
    pub program: Program,
    /// Where it listens.
    pub addr: SocketAddr,
    /// What it prints.
    pub output: Output,
}

impl Running {
    /// Starts `binary` with `args`, and with `operator` as its input, and waits for its `listening on` line.
    ///
    /// # Errors
    /// When it ends, or [`DEADLINE`] is over, before that line.
    pub fn start(
        binary: &Path,
        args: &[&str],
        operator: Option<&'static str>,
        output: &Output,
    ) -> Outcome<Running> {
        Running::start_command(Command::new(binary).args(args), operator, output)
    }

    /// The same with a kernel that cuts, interrupts and refuses what the server asks of it.
    ///
    /// # Errors
    /// Those of [`start`](Running::start).
    pub fn start_preloaded(
        binary: &Path,
        args: &[&str],
        operator: Option<&'static str>,
        output: &Output,
        preload: &Preload,
    ) -> Outcome<Running> {
        let environment = preload.environment().iter().cloned();
        let mut command = Command::new(binary);
        command.args(args).envs(environment);
        Running::start_command(&mut command, operator, output)
    }

    fn start_command(
        command: &mut Command,
        operator: Option<&'static str>,
        output: &Output,
    ) -> Outcome<Running> {
        let seen = output.count();
        let mut program = Program::start_command(command, operator)?;
        program.follow(output);
        match output.wait_for(seen, parse_listening) {
            Some(addr) => Ok(Running { program, addr, output: output.clone() }),
            None => fail("a line `listening on ADDR`", format!("none; {}", program.end()?)),
        }
    }

    /// Starts `binary` with `args`, reads its output up to the `listening on` line, and closes it, as
    /// `server 2>&1 | head` does.
    ///
    /// # Errors
    /// When its output ends before that line.
    pub fn start_and_close_output(
        binary: &Path,
        args: &[&str],
        operator: Option<&'static str>,
    ) -> Outcome<Running> {
        let (reader, writer) = pipe().expect_to("a pipe")?;
        let stderr = writer.try_clone().expect_to("a pipe")?;
        let (running, reader) = Running::start_on_pipe(
            binary,
            args,
            operator,
            (reader, writer),
            stderr.into(),
            &Output::default(),
        )?;
        let path = format!("/proc/{}/fd/1", running.program.pid());
        let writer = File::options().write(true).open(path).expect_to("a server with an output")?;
        drop(reader);
        wait_until_closed(&writer)?;
        Ok(running)
    }

    /// Starts `binary` with `args`, and with a page of room for what it prints on standard output;
    /// that is read up to the `listening on` line, and the rest is left to the caller.
    ///
    /// # Errors
    /// When its output ends before that line.
    pub fn start_on_small_pipe(
        binary: &Path,
        args: &[&str],
        operator: Option<&'static str>,
        output: &Output,
    ) -> Outcome<(Running, BufReader<PipeReader>)> {
        let (reader, writer) = pipe().expect_to("a pipe")?;
        // The kernel rounds up to a page (fcntl(2), F_SETPIPE_SZ).
        fcntl_setpipe_size(&writer, 1).expect_to("a pipe of one page")?;
        let stderr = Stdio::piped();
        Running::start_on_pipe(binary, args, operator, (reader, writer), stderr, output)
    }

    fn start_on_pipe(
        binary: &Path,
        args: &[&str],
        operator: Option<&'static str>,
        (reader, writer): (PipeReader, PipeWriter),
        stderr: Stdio,
        output: &Output,
    ) -> Outcome<(Running, BufReader<PipeReader>)> {
        let mut command = Command::new(binary);
        let mut program = Program::start_with(command.args(args), operator, writer.into(), stderr)?;
        // It holds the end of the pipe that the program writes to; with it open nobody sees the pipe's end.
        drop(command);
        program.follow(output);
        let mut reader = BufReader::new(reader);
        let mut lines = reader.by_ref().lines().map_while(Result::ok);
        match lines.find_map(|line| parse_listening(&line)) {
            Some(addr) => {
                let output = output.clone();
                Ok((Running { program, addr, output }, reader))
            }
            None => fail("a line `listening on ADDR`", format!("none; {}", program.end()?)),
        }
    }
}

/// Waits until nobody can read from a pipe any more: a program that another thread is just starting holds a
/// copy of each descriptor until exec(2) closes it.
fn wait_until_closed(writer: &File) -> Outcome<()> {
    let mut fds = [PollFd::new(writer, PollFlags::empty())];
    let deadline = Timespec { tv_sec: DEADLINE.as_secs() as i64, tv_nsec: 0 };
    match poll(&mut fds, Some(&deadline)).expect_to("a pipe that is closed")? {
        0 => fail("a pipe that is closed", "it is open"),
        _ => Ok(()),
    }
}

/// Runs `binary` with `args` to its end.
///
/// # Errors
/// When it does not end within [`DEADLINE`]; it is killed then.
pub fn run_to_end(binary: &Path, args: &[&str], output: &Output) -> Outcome<ExitStatus> {
    let mut program = Program::start(binary, args, None)?;
    program.follow(output);
    let status = program.end()?;
    output.wait_for_end();
    Ok(status)
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
