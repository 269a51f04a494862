//! How a process sleeps while it waits for data: by its state in /proc, and by what a signal does.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt;
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::process::{self, Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use procfs::process::{Process, Stat};
use rustix::fs::{Advice, fadvise};
use rustix::process::{Pid, Signal, kill_process};
use rustix::thread::gettid;

use crate::checkout;
use crate::claims::claim::{Answer, Finding, Measured};
use crate::harness::client::DEADLINE;
use crate::terminal::grouped;

/// A sleep that a signal ends, and one that it does not end (proc(5), /proc/PID/stat).
const INTERRUPTIBLE: char = 'S';
const UNINTERRUPTIBLE: char = 'D';

/// A file that is read from the disk, and its pages.
const FILE: usize = 16 * 1024 * 1024;
const PAGE: usize = 4096;
/// How long it is read at most.
const READING: Duration = Duration::from_millis(500);

/// Whether a blocked process sleeps uninterruptibly.
///
/// # Errors
/// When a process cannot be started, or its state not be read.
pub fn state() -> Result<Measured> {
    let (on_socket, ended) = wait_for_socket()?;
    let on_disk = wait_for_disk()?;
    Ok(Measured::Found(judge(&Sleep { on_socket, ended, on_disk })))
}

struct Sleep {
    /// The state of a process that waits for a socket.
    on_socket: char,
    /// Whether a signal ended it.
    ended: bool,
    /// A thread that waits for a disk.
    on_disk: Looks,
}

/// How often a thread was found asleep.
#[derive(Clone, Copy, Default)]
struct Looks {
    interruptible: usize,
    uninterruptible: usize,
}

/// Lets cat(1) wait for a socket, and returns its state, and whether a signal ended it.
fn wait_for_socket() -> Result<(char, bool)> {
    let (mut here, there) = UnixStream::pair().context("a pair of sockets")?;
    let child = Command::new("cat").stdin(OwnedFd::from(there)).stdout(Stdio::piped()).spawn();
    let mut cat = Ends(child.context("start cat")?);
    let pid = Pid::from_child(&cat.0);
    // Its first line back shows that it reads from the socket, and not its own program from a disk.
    here.write_all(b"line\n").context("send to cat")?;
    let mut echo = BufReader::new(cat.0.stdout.take().context("the output of cat")?);
    let length = echo.read_line(&mut String::new()).context("read from cat")?;
    ensure!(length > 0, "cat does not write what it reads");
    let state = settled(|| Process::new(pid.as_raw_nonzero().get())?.stat())?;
    kill_process(pid, Signal::TERM).context("send a signal to cat")?;
    let end = Instant::now() + DEADLINE;
    while Instant::now() < end {
        if let Some(status) = cat.0.try_wait().context("wait for cat")? {
            return Ok((state, status.signal() == Some(Signal::TERM.as_raw())));
        }
        thread::sleep(Duration::from_millis(1));
    }
    Ok((state, false))
}

/// The state that a process stays in.
fn settled(stat: impl Fn() -> procfs::ProcResult<Stat>) -> Result<char> {
    const LOOKS: usize = 5;
    let end = Instant::now() + DEADLINE;
    let mut seen = Vec::new();
    while Instant::now() < end {
        seen.push(stat().context("look at a process")?.state);
        let last = &seen[seen.len().saturating_sub(LOOKS)..];
        if last.len() == LOOKS && last.iter().all(|state| *state != 'R' && *state == last[0]) {
            return Ok(last[0]);
        }
        thread::sleep(Duration::from_millis(1));
    }
    bail!("a process that waits for a socket does not come to rest")
}

/// Lets a thread read a file that the kernel has no copy of, and looks at it meanwhile.
fn wait_for_disk() -> Result<Looks> {
    let folder = checkout::target()?;
    fs::create_dir_all(&folder).with_context(|| format!("create {}", folder.display()))?;
    let path = folder.join(format!("claim-{}", process::id()));
    let file = File::options().read(true).write(true).create_new(true).open(&path);
    let file = file.with_context(|| format!("create {}", path.display()))?;
    // It is gone when it is closed, however this ends.
    fs::remove_file(&path).with_context(|| format!("remove {}", path.display()))?;
    file.write_all_at(&vec![1; FILE], 0).context("write a file")?;
    file.sync_all().context("write a file to the disk")?;
    fadvise(&file, 0, None, Advice::DontNeed).context("drop the kernel's copy of a file")?;
    fadvise(&file, 0, None, Advice::Random).context("read nothing ahead")?;
    let (tell, told) = mpsc::channel();
    let reader = thread::spawn(move || -> Result<()> {
        tell.send(gettid()).context("tell who reads")?;
        let end = Instant::now() + READING;
        let mut page = [0; PAGE];
        for place in (0..FILE).step_by(PAGE).take_while(|_| Instant::now() < end) {
            file.read_exact_at(&mut page, place as u64).context("read a file")?;
        }
        Ok(())
    });
    let tid = told.recv().context("learn who reads")?.as_raw_nonzero().get();
    let task = Process::myself()?.task_from_tid(tid);
    let mut looks = Looks::default();
    while !reader.is_finished() {
        // The thread may have ended since.
        match task.as_ref().ok().and_then(|task| task.stat().ok()).map(|stat| stat.state) {
            Some(INTERRUPTIBLE) => looks.interruptible += 1,
            Some(UNINTERRUPTIBLE) => looks.uninterruptible += 1,
            _ => {}
        }
    }
    reader.join().expect("reading does not panic")?;
    Ok(looks)
}

/// A child that does not outlive this.
struct Ends(Child);

impl Drop for Ends {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn judge(seen: &Sleep) -> Finding {
    let Looks { interruptible, uninterruptible } = seen.on_disk;
    let socket = seen.on_socket == UNINTERRUPTIBLE || !seen.ended;
    let asleep = interruptible + uninterruptible;
    let disk = (asleep > 0).then_some(uninterruptible > interruptible);
    let answer = match (socket, disk) {
        (true, Some(true) | None) => Answer::Holds,
        (false, Some(false) | None) => Answer::False,
        _ => Answer::Depends,
    };
    let ended = if seen.ended { "SIGTERM ends it" } else { "SIGTERM does not end it" };
    let disk = match asleep {
        0 => "on a disk: it never waited".to_owned(),
        _ => format!(
            "on a disk: {UNINTERRUPTIBLE} in {} of {} looks",
            grouped(uninterruptible as f64),
            grouped(asleep as f64)
        ),
    };
    Finding {
        answer,
        figures: format!("on a socket: state {}, {ended}; {disk}", seen.on_socket),
        why: match answer {
            Answer::Depends => {
                "Data may never come to a socket, so that a signal may end the wait for it; only \
                 the wait for a disk, which answers soon, is uninterruptible."
            }
            Answer::False => {
                "Data may never come to a socket, so that a signal may end the wait for it."
            }
            Answer::Holds => "No signal ends the wait.",
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_and_the_signal_decide() {
        let answer = |on_socket, ended, interruptible, uninterruptible| {
            let on_disk = Looks { interruptible, uninterruptible };
            judge(&Sleep { on_socket, ended, on_disk }).answer
        };
        assert_eq!(answer('S', true, 0, 90), Answer::Depends);
        assert_eq!(answer('S', true, 90, 0), Answer::False);
        assert_eq!(answer('S', true, 0, 0), Answer::False);
        assert_eq!(answer('D', false, 0, 90), Answer::Holds);
        assert_eq!(answer('S', false, 0, 0), Answer::Holds);
        assert_eq!(answer('D', false, 90, 0), Answer::Depends);
    }

    #[test]
    fn a_signal_ends_the_wait_for_a_socket_here() {
        assert_eq!(wait_for_socket().unwrap(), (INTERRUPTIBLE, true));
    }

    #[test]
    fn the_state_is_measured() {
        let Measured::Found(finding) = state().unwrap() else { panic!("it was measured") };
        // Whether a file is on a disk depends on the machine.
        assert_ne!(finding.answer, Answer::Holds, "{}", finding.figures);
    }
}
