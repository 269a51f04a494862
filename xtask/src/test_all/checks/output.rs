//! An output that nobody reads: closed, or open and full.

use std::io::{BufReader, PipeReader};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::io::ioctl_fionread;
use rustix::pipe::fcntl_getpipe_size;
use rustix::process::Signal;

use crate::catalog::{Journal, Talk};
use crate::harness::client::DEADLINE;
use crate::harness::launch::Running;
use crate::harness::outcome::{Expect, Outcome, Verdict, fail, so_far};
use crate::harness::output::Stream;
use crate::harness::threads::spawn_in;
use crate::harness::trial::{ANY_PORT, Trial};
use crate::test_all::checks::steps::{ended_by, serve_unseen};

/// Clients that come one after the other: what a server prints about them fills several pages.
const CLIENTS: usize = 2000;

/// How soon SIGTERM ends a server that waits for its output: one may first try for a second to say
/// something, or to send what it owes.
const END: Duration = Duration::from_secs(3);

/// A server that answers nobody for so long may have stopped.
const STOPPED: Duration = Duration::from_millis(300);

pub fn closed_output(trial: &Trial<'_>) -> Outcome {
    let line = trial.line(ANY_PORT, trial.server.args);
    let (operator, output) = (trial.server.operator, &trial.output);
    let mut running = Running::start_and_close_output(&line, operator, output)?;
    for number in 0..3 {
        serve_unseen(trial, &running, number)?;
        trial.connect(&running)?.client.reset()?;
    }
    serve_unseen(trial, &running, 3)?;
    running.program.is_alive()?;
    Ok(Verdict::Pass)
}

pub fn stuck_output(trial: &Trial<'_>) -> Outcome {
    let serve_all = |quiet: bool| -> Outcome<()> {
        let (mut running, _unread) = launch_on_small_pipe(trial, quiet)?;
        for number in 0..CLIENTS {
            so_far(serve_unseen(trial, &running, number), number, CLIENTS, "clients served")?;
        }
        running.program.is_alive()
    };
    serve_all(true)?;
    if trial.server.journal == Journal::File {
        serve_all(false)?;
        return Ok(Verdict::Pass);
    }
    stop_until_read(trial)?;
    end_while_stopped(trial)
}

/// Launches the server on a pipe of one page, with its arguments for a load, `--quiet` or not.
fn launch_on_small_pipe(
    trial: &Trial<'_>,
    quiet: bool,
) -> Outcome<(Running, BufReader<PipeReader>)> {
    let load_args = trial.server.load_args.iter().copied();
    let line = trial.line(ANY_PORT, &[]);
    let line = line.with(load_args.filter(|arg| *arg != "--quiet"));
    let line = line.with(quiet.then_some("--quiet"));
    Running::start_on_small_pipe(&line, trial.server.operator, &trial.output)
}

/// The server serves nobody while its output is full, and goes on once somebody reads.
fn stop_until_read(trial: &Trial<'_>) -> Outcome {
    let (mut running, pipe) = launch_on_small_pipe(trial, false)?;
    let stopped = AtomicBool::new(false);
    let (served, progress) = channel();
    thread::scope(|scope| {
        let clients = spawn_in(scope, || -> Outcome<usize> {
            // The channel's end tells that no client comes any more.
            let served = served;
            for number in 0..CLIENTS {
                serve_unseen(trial, &running, number)?;
                if stopped.load(Ordering::Relaxed) {
                    return Ok(number);
                }
                let _ = served.send(());
            }
            Ok(CLIENTS)
        })?;
        let stop = wait_until_stopped(&progress, &pipe);
        stopped.store(true, Ordering::Relaxed);
        running.output.follow(Stream::Stdout, pipe)?;
        // The answer that stayed out comes now, and what could not be printed is printed.
        let last = clients.join().expect("the clients' thread does not panic")?;
        stop?;
        if !matches!(trial.server.talk, Talk::Accepts) {
            let message = trial.server.talk.message(last);
            let text = String::from_utf8_lossy(&message);
            running.output.have_line(DEADLINE, 0, text.trim_end())?;
        }
        serve_unseen(trial, &running, last + 1)
    })?;
    running.program.is_alive()?;
    Ok(Verdict::Pass)
}

/// While it waits for its output, the first SIGTERM ends it.
fn end_while_stopped(trial: &Trial<'_>) -> Outcome {
    let (mut running, pipe) = launch_on_small_pipe(trial, false)?;
    let (served, progress) = channel();
    let start = thread::scope(|scope| {
        // The end of the server ends its clients' thread.
        let (served, running) = (served, &running);
        spawn_in(scope, move || {
            (0..CLIENTS).try_for_each(|number| -> Outcome<()> {
                serve_unseen(trial, running, number)?;
                let _ = served.send(());
                Ok(())
            })
        })?;
        let stop = wait_until_stopped(&progress, &pipe);
        running.program.signal(Signal::TERM)?;
        stop.map(|()| Instant::now())
    })?;
    ended_by(&mut running, Signal::TERM, start, END)?;
    Ok(Verdict::Pass)
}

/// Waits until no client is served any more, and the pipe is the reason.
fn wait_until_stopped(progress: &Receiver<()>, pipe: &BufReader<PipeReader>) -> Outcome<()> {
    const EXPECTED: &str = "a server that stops while its output is full";
    loop {
        match progress.recv_timeout(STOPPED) {
            Ok(()) => {}
            Err(RecvTimeoutError::Timeout) => {
                let room = fcntl_getpipe_size(pipe.get_ref()).expect_to("a pipe")?;
                let full = ioctl_fionread(pipe.get_ref()).expect_to("a pipe")?;
                // A line waits for room for all of it (pipe(7), PIPE_BUF), so some is left.
                if full > room as u64 / 2 {
                    return Ok(());
                }
            }
            Err(RecvTimeoutError::Disconnected) => {
                return fail(EXPECTED, format!("it serves {CLIENTS} clients"));
            }
        }
    }
}
