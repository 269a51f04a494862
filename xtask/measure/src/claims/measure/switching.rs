//! What a switch from one process, thread or future to another costs.

use std::hint::black_box;
use std::io::{PipeReader, PipeWriter, Read, Write, pipe};
use std::process::{Command, Stdio};
use std::task::{Context as TaskContext, Poll, Waker};
use std::time::Instant;
use std::{future, io, pin, thread};

use anyhow::{Context, Result, bail, ensure};

use crate::claims::claim::{Answer, Lack, Measured};
use crate::claims::measure::turns::least;
use crate::pin::{Processors, on};

/// How often a byte goes there and back in one round: a round is short, so that some fall between
/// the turns of other programs on the same processor.
const PASSES: u32 = 200;
const ROUNDS: usize = 45;

/// What takes this many times longer is slower; less is noise.
const SLOWER: f64 = 1.3;

/// Copies single bytes from its standard input to its standard output until that ends.
const DD: [&str; 2] = ["bs=1", "status=none"];

/// Passes a byte to and fro between two processes, two threads and two futures, all on one
/// processor, where one can only run when the other does not.
pub fn switching() -> Result<Measured> {
    let ended = Command::new("dd").args(DD).stdin(Stdio::null()).output();
    if !ended.is_ok_and(|output| output.status.success()) {
        bail!(Lack("there is no dd(1), the other process".to_owned()));
    }
    let [process, thread, future, calls] = on(Processors::allowed()?.of_load(), measure)??;
    let figures = format!(
        "at least: process {process:.0} ns, thread {thread:.0} ns (of that {calls:.0} ns for write \
         and read), future {future:.1} ns"
    );
    Ok((judge(process, thread, future), figures))
}

/// Nanoseconds for each switch between processes, threads and futures, and for the two calls alone
/// that the first two also take.
fn measure() -> Result<[f64; 4]> {
    let ((theirs, to_process), (from_process, their_end)) = (new_pipe()?, new_pipe()?);
    let mut command = Command::new("dd");
    let mut child = command.args(DD).stdin(theirs).stdout(their_end).spawn().context("start dd")?;
    // It has copies of the ends that are its own.
    drop(command);
    let ((mut theirs, to_thread), (from_thread, mut their_end)) = (new_pipe()?, new_pipe()?);
    let thread = thread::spawn(move || -> io::Result<()> {
        let mut byte = [0];
        while theirs.read(&mut byte)? == 1 {
            their_end.write_all(&byte)?;
        }
        Ok(())
    });
    let (from_itself, to_itself) = new_pipe()?;
    let times = least(ROUNDS, |place| match place {
        0 => pass(&to_process, &from_process).map(|pass| pass / 2.0),
        1 => pass(&to_thread, &from_thread).map(|pass| pass / 2.0),
        2 => Ok(switch_futures()),
        _ => pass(&to_itself, &from_itself),
    });
    // Both read the end of their pipe, and end.
    drop((to_process, to_thread));
    child.wait().context("wait for dd")?;
    thread.join().expect("the thread does not panic").context("pass a byte")?;
    times
}

fn new_pipe() -> Result<(PipeReader, PipeWriter)> {
    pipe().context("a pipe")
}

/// The time that a byte takes there and back, in nanoseconds.
fn pass(mut there: &PipeWriter, mut back: &PipeReader) -> Result<f64> {
    let mut byte = [0];
    let start = Instant::now();
    for _ in 0..PASSES {
        there.write_all(b"e").context("write into a pipe")?;
        let length = back.read(&mut byte).context("read a pipe")?;
        ensure!(length == 1, "the other one has ended");
    }
    Ok(start.elapsed().as_secs_f64() * 1e9 / f64::from(PASSES))
}

/// The time that a switch between two futures takes, in nanoseconds.
fn switch_futures() -> f64 {
    let mut context = TaskContext::from_waker(Waker::noop());
    let mut futures = [pin::pin!(give_way()), pin::pin!(give_way())];
    let start = Instant::now();
    for _ in 0..PASSES {
        for future in &mut futures {
            // The compiler must not see that a future does nothing.
            let is_pending = black_box(future.as_mut()).poll(&mut context).is_pending();
            assert!(is_pending, "it gives way for ever");
        }
    }
    start.elapsed().as_secs_f64() * 1e9 / f64::from(2 * PASSES)
}

/// Gives way again and again.
async fn give_way() {
    loop {
        let mut has_waited = false;
        let wait_once = |_: &mut TaskContext<'_>| {
            if std::mem::replace(&mut has_waited, true) { Poll::Ready(()) } else { Poll::Pending }
        };
        future::poll_fn(wait_once).await;
    }
}

fn judge(process: f64, thread: f64, future: f64) -> Answer {
    let future_is_fastest = future * SLOWER < thread.min(process);
    match process / thread {
        _ if !future_is_fastest => Answer::False,
        SLOWER.. => Answer::Holds,
        _ => Answer::Depends,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_times_decide() {
        assert_eq!(judge(3000.0, 2000.0, 5.0), Answer::Holds);
        assert_eq!(judge(2000.0, 2000.0, 5.0), Answer::Depends);
        assert_eq!(judge(1000.0, 2000.0, 5.0), Answer::Depends);
        assert_eq!(judge(3000.0, 2000.0, 2000.0), Answer::False);
    }
}
