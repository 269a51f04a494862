//! A server that says where it listens.

use std::fs::File;
use std::io::{BufRead, BufReader, PipeReader, PipeWriter, Read, pipe};
use std::net::{IpAddr, SocketAddr};
use std::os::fd::AsRawFd;
use std::process::{ChildStdin, ExitStatus, Stdio};
use std::sync::mpsc::channel;

use rustix::pipe::fcntl_setpipe_size;

use crate::harness::client::DEADLINE;
use crate::harness::command_line::CommandLine;
use crate::harness::outcome::{Expect, Outcome, fail, silence, time_out};
use crate::harness::output::Output;
use crate::harness::program::{Program, in_words};
use crate::harness::tcp::tcp;
use crate::harness::threads;
use crate::harness::wait::{found_if, wait_for};
use crate::terminal::has_reader;

/// What every server prints first.
const LISTENING: &str = "a line `listening on ADDR`";

/// A server that runs.
pub struct Running {
    /// Its process, and those that it started.
    pub program: Program,
    /// Where it listens.
    pub addr: SocketAddr,
    /// What it prints.
    pub output: Output,
}

impl Running {
    /// Starts a server with `operator` as its input, and waits for its `listening on` line.
    ///
    /// # Errors
    /// When its output ends, or [`DEADLINE`] is over, before that line.
    pub fn start(
        line: &CommandLine,
        operator: Option<&'static str>,
        output: &Output,
    ) -> Outcome<Running> {
        Running::of(Program::start(line, operator)?, output)
    }

    /// The same with an operator who types nothing but what is written to the keyboard.
    ///
    /// # Errors
    /// Those of [`start`](Running::start).
    pub fn start_with_keyboard(
        line: &CommandLine,
        output: &Output,
    ) -> Outcome<(Running, ChildStdin)> {
        let (program, keyboard) =
            Program::start_with_keyboard(line, Stdio::piped(), Stdio::piped())?;
        Ok((Running::of(program, output)?, keyboard))
    }

    /// Starts a program of somebody else, and waits until it says where it listens, or until the
    /// kernel says that it listens on `addr`: a server of one client would take a connection that
    /// tries it for its first.
    ///
    /// # Errors
    /// When it ends, or [`DEADLINE`] is over, before that.
    pub fn start_on(
        addr: SocketAddr,
        line: &CommandLine,
        operator: Option<&'static str>,
        output: &Output,
    ) -> Outcome<Running> {
        let expected = format!("it listens on {addr}");
        let seen = output.count();
        let mut program = Program::start(line, operator)?;
        program.follow(output)?;
        let found = wait_for(&expected, || {
            if let Some(addr) = output.find(seen, parse_listening) {
                return Ok(Ok(addr));
            }
            let sockets = tcp(addr.port()).expect_to("a kernel that tells who listens")?;
            let is_it = |ip: IpAddr| ip == addr.ip() || ip.is_unspecified();
            if sockets.iter().any(|socket| socket.listens && is_it(socket.local.ip())) {
                return Ok(Ok(addr));
            }
            match program.try_wait().expect_to("a program to look at")? {
                None => Ok(Err(format!("nobody listens there after {} s", DEADLINE.as_secs()))),
                Some(status) => fail(&expected, in_words(status)),
            }
        });
        let addr = found.map_err(|failure| output.explain(failure))?;
        Ok(Running { program, addr, output: output.clone() })
    }

    /// Waits until a program says where it listens.
    fn of(mut program: Program, output: &Output) -> Outcome<Running> {
        let seen = output.count();
        program.follow(output)?;
        match output.wait_for(seen, parse_listening) {
            Some(addr) => Ok(Running { program, addr, output: output.clone() }),
            None if output.is_over() => fail(LISTENING, format!("none; {}", program.end()?)),
            None => {
                time_out(LISTENING, silence(DEADLINE)).map_err(|failure| output.explain(failure))
            }
        }
    }

    /// Starts a server, reads its output up to the `listening on` line, and closes it, as
    /// `server 2>&1 | head` does.
    ///
    /// # Errors
    /// Those of [`start`](Running::start).
    pub fn start_and_close_output(
        line: &CommandLine,
        operator: Option<&'static str>,
        output: &Output,
    ) -> Outcome<Running> {
        let (reader, writer) = pipe().expect_to("a pipe")?;
        let stderr = writer.try_clone().expect_to("a pipe")?;
        let (running, reader) =
            Running::start_on_pipe(line, operator, (reader, writer), stderr.into(), output)?;
        // The other end of the pipe, opened anew (proc(5), /proc/PID/fd): it tells when this one is
        // closed.
        let path = format!("/proc/self/fd/{}", reader.get_ref().as_raw_fd());
        let writer = File::options().write(true).open(path).expect_to("a pipe to write to")?;
        drop(reader);
        // A program that another thread is just starting holds a copy of it until exec(2) closes
        // that.
        wait_for("a pipe that is closed", || Ok(found_if(!has_reader(&writer), "it is open")))?;
        Ok(running)
    }

    /// Starts a server with a page of room for what it prints on standard output; that is read up
    /// to the `listening on` line, and the rest is left to the caller.
    ///
    /// # Errors
    /// Those of [`start`](Running::start).
    pub fn start_on_small_pipe(
        line: &CommandLine,
        operator: Option<&'static str>,
        output: &Output,
    ) -> Outcome<(Running, BufReader<PipeReader>)> {
        let (reader, writer) = pipe().expect_to("a pipe")?;
        // The kernel rounds up to a page (fcntl(2), F_SETPIPE_SZ).
        fcntl_setpipe_size(&writer, 1).expect_to("a pipe of one page")?;
        Running::start_on_pipe(line, operator, (reader, writer), Stdio::piped(), output)
    }

    fn start_on_pipe(
        line: &CommandLine,
        operator: Option<&'static str>,
        (reader, writer): (PipeReader, PipeWriter),
        stderr: Stdio,
        output: &Output,
    ) -> Outcome<(Running, BufReader<PipeReader>)> {
        let mut program = Program::start_with(line, operator, writer.into(), stderr)?;
        program.follow(output)?;
        let (found, listening) = channel();
        // A program that says nothing is killed when this returns, and with it the pipe ends.
        threads::spawn(move || {
            let mut reader = BufReader::new(reader);
            let mut lines = reader.by_ref().split(b'\n').map_while(Result::ok);
            let addr = lines.find_map(|line| parse_listening(&String::from_utf8_lossy(&line)));
            let _ = found.send((reader, addr));
        })?;
        match listening.recv_timeout(DEADLINE) {
            Ok((reader, Some(addr))) => {
                Ok((Running { program, addr, output: output.clone() }, reader))
            }
            Ok((_, None)) => fail(LISTENING, format!("none; {}", program.end()?)),
            Err(_) => time_out(LISTENING, silence(DEADLINE)),
        }
    }
}

/// Runs a program to its end; one that does not end within [`DEADLINE`] is killed.
///
/// # Errors
/// When it does not end within [`DEADLINE`]; it is killed then.
pub fn run_to_end(line: &CommandLine, output: &Output) -> Outcome<ExitStatus> {
    let mut program = Program::start(line, None)?;
    program.follow(output)?;
    let status = program.end()?;
    output.wait_for_end();
    Ok(status)
}

/// The address in a line `listening on ADDR`.
pub fn parse_listening(line: &str) -> Option<SocketAddr> {
    line.strip_prefix("listening on ")?.parse().ok()
}
