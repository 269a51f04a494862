//! What a switch from one process, thread or future to another costs.

use std::hint::black_box;
use std::io::{PipeReader, PipeWriter, Read, Write, pipe};
use std::process::{Child, Command, Stdio};
use std::task::{Context as TaskContext, Poll, Waker};
use std::time::Instant;
use std::{future, io, pin, thread};

use anyhow::{Context, Result, ensure};

use crate::claims::claim::{Answer, Finding, Measured};
use crate::claims::measure::rounds::least;
use crate::pin::{Processors, on};

/// How often a byte goes there and back in one round: a round is short, so that some fall between
/// the turns of other programs on the same processor.
const PASSES: u32 = 200;
const ROUNDS: usize = 45;

/// What takes this many times longer is slower; less is noise.
const SLOWER: f64 = 1.3;

/// Nanoseconds for each switch; for processes and threads with the call that writes a byte into a
/// pipe and the one that reads it.
#[derive(Clone, Copy, Debug)]
struct Figures {
    process: f64,
    thread: f64,
    future: f64,
    /// The two calls alone, in one thread that never waits.
    calls: f64,
}

/// Passes a byte to and fro between two processes, two threads and two futures, all on one
/// processor, where one can only run when the other does not.
///
/// # Errors
/// When the kernel refuses a call.
pub fn switching() -> Result<Measured> {
    let ended = Command::new("dd").args(DD).stdin(Stdio::null()).output();
    let missing = match ended.map(|output| output.status) {
        Ok(status) if status.success() => None,
        Ok(status) => Some(status.to_string()),
        Err(error) => Some(error.to_string()),
    };
    if let Some(reason) = missing {
        return Ok(Measured::Missing(format!("dd(1), the other process: {reason}")));
    }
    let processors = Processors::allowed()?;
    let times = on(processors.of_load(), || {
        let mut process = Pipes::to_process()?;
        let mut thread = Pipes::to_thread()?;
        let mut alone = Pipes::to_itself()?;
        least(ROUNDS, |place| match place {
            0 => process.pass().map(|pass| pass / 2.0),
            1 => thread.pass().map(|pass| pass / 2.0),
            2 => Ok(switch_futures()),
            _ => alone.pass(),
        })
    })??;
    let [process, thread, future, calls] = times;
    Ok(Measured::Found(judge(Figures { process, thread, future, calls })))
}

fn judge(Figures { process, thread, future, calls }: Figures) -> Finding {
    let future_is_fastest = future * SLOWER < thread.min(process);
    let answer = match process / thread {
        _ if !future_is_fastest => Answer::False,
        SLOWER.. => Answer::Holds,
        _ => Answer::Depends,
    };
    let figures = format!(
        "at least: process {process:.0} ns, thread {thread:.0} ns (of that {calls:.0} ns for write \
         and read), future {future:.1} ns"
    );
    let why = match answer {
        Answer::Holds => {
            "The kernel changes threads, between processes also their memory; a future returns \
             from a function, and the kernel knows nothing of it. Each figure is a least one: \
             nobody else waits for the processor, and its caches stay warm."
        }
        Answer::Depends => {
            "Futures change without the kernel, by returning from a function; to the kernel a \
             process is a thread with memory of its own, and changing that costs little here. Each \
             figure is a least one: nobody else waits for the processor, and its caches stay warm."
        }
        Answer::False => "Here a switch between futures costs as much as one by the kernel.",
    };
    Finding { answer, figures, why }
}

/// Copies single bytes from its standard input to its standard output until that ends.
const DD: [&str; 2] = ["bs=1", "status=none"];

/// A pipe to the other one, and a pipe from it.
struct Pipes {
    there: Option<PipeWriter>,
    back: PipeReader,
    other: Other,
}

/// Who gives each byte back.
enum Other {
    Process(Child),
    Thread(Option<thread::JoinHandle<io::Result<()>>>),
    /// The pipe itself.
    Nobody,
}

impl Pipes {
    fn to_process() -> Result<Pipes> {
        let ((theirs, there), (back, their_back)) = two_pipes()?;
        let mut command = Command::new("dd");
        command.args(DD).stdin(theirs).stdout(their_back);
        let child = command.spawn().context("start dd")?;
        Ok(Pipes { there: Some(there), back, other: Other::Process(child) })
    }

    fn to_thread() -> Result<Pipes> {
        let ((mut theirs, there), (back, mut their_back)) = two_pipes()?;
        let thread = thread::spawn(move || {
            let mut byte = [0];
            while theirs.read(&mut byte)? == 1 {
                their_back.write_all(&byte)?;
            }
            Ok(())
        });
        Ok(Pipes { there: Some(there), back, other: Other::Thread(Some(thread)) })
    }

    fn to_itself() -> Result<Pipes> {
        let (back, there) = pipe().context("a pipe")?;
        Ok(Pipes { there: Some(there), back, other: Other::Nobody })
    }

    /// The time that a byte takes there and back, in nanoseconds.
    fn pass(&mut self) -> Result<f64> {
        let there = self.there.as_mut().expect("it is open until this is dropped");
        let mut byte = [0];
        let start = Instant::now();
        for _ in 0..PASSES {
            there.write_all(b"e").context("write into a pipe")?;
            let length = self.back.read(&mut byte).context("read a pipe")?;
            ensure!(length == 1, "the other one has ended");
        }
        Ok(start.elapsed().as_secs_f64() * 1e9 / f64::from(PASSES))
    }
}

impl Drop for Pipes {
    fn drop(&mut self) {
        // The other one reads the end of its pipe, and ends.
        self.there = None;
        match &mut self.other {
            Other::Process(child) => drop(child.wait()),
            Other::Thread(thread) => drop(thread.take().map(thread::JoinHandle::join)),
            Other::Nobody => {}
        }
    }
}

type Pipe = (PipeReader, PipeWriter);

fn two_pipes() -> Result<(Pipe, Pipe)> {
    Ok((pipe().context("a pipe")?, pipe().context("a pipe")?))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(process: f64, thread: f64, future: f64) -> Answer {
        judge(Figures { process, thread, future, calls: 500.0 }).answer
    }

    #[test]
    fn the_times_decide() {
        assert_eq!(answer(3000.0, 2000.0, 5.0), Answer::Holds);
        assert_eq!(answer(2000.0, 2000.0, 5.0), Answer::Depends);
        assert_eq!(answer(1000.0, 2000.0, 5.0), Answer::Depends);
        assert_eq!(answer(3000.0, 2000.0, 2000.0), Answer::False);
    }

    #[test]
    fn it_is_measured() {
        match switching().unwrap() {
            Measured::Found(found) => {
                assert!(!found.figures.contains(" 0 ns"), "{}", found.figures);
                assert!(!found.figures.contains(" 0.0 ns"), "{}", found.figures);
            }
            Measured::Missing(reason) => assert!(reason.starts_with("dd(1)"), "{reason}"),
        }
    }
}
