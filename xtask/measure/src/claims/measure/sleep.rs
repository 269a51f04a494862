//! How a process sleeps while it waits for data: by its state in /proc, and by what a signal does.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::FileExt;
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::process::{self, Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use procfs::process::{Process, Stat};
use rustix::fs::{Advice, fadvise};
use rustix::process::{Pid, Signal, kill_process};
use syscalls::Sysno;

use crate::claims::claim::{Answer, Finding, Measured};
use crate::claims::measure::clock::figure;
use crate::statistics::median;
use xtask::checkout;
use xtask::harness::client::DEADLINE;

/// A sleep that a signal ends, and one that most signals do not end (proc(5), /proc/PID/stat).
const INTERRUPTIBLE: char = 'S';
const UNINTERRUPTIBLE: char = 'D';

/// A file that is read from the disk by one call, and the same for dd(1).
const FILE: usize = 64 * 1024 * 1024;
const ONE_READ: [&str; 4] = ["bs=64M", "count=1", "of=/dev/null", "status=none"];
/// Reads of each kind that are to be seen, and those that are tried: a short one ends unseen.
const SEEN: usize = 3;
const TRIES: usize = 9;
/// A wait that is this many times shorter was ended by the signal.
const ENDED: f64 = 4.0;

/// Whether a blocked process sleeps uninterruptibly.
///
/// # Errors
/// When a process cannot be started, or its state not be read.
pub fn state() -> Result<Measured> {
    let (on_socket, ended) = wait_for_socket()?;
    let file = file()?;
    let (cached, direct) = (wait_for_disk(&file, &[])?, wait_for_disk(&file, &["iflag=direct"])?);
    Ok(Measured::Found(judge(&Sleep { on_socket, ended, cached, direct })))
}

struct Sleep {
    /// The state of a process that waits for a socket.
    on_socket: char,
    /// Whether a signal ended it.
    ended: bool,
    /// A process that reads from a disk, through the kernel's cache and past it; `None` where it
    /// was not seen to wait.
    cached: Option<Wait>,
    direct: Option<Wait>,
}

/// How long a process that was seen in an uninterruptible sleep then lived, in milliseconds.
#[derive(Clone, Copy)]
struct Wait {
    unharmed: f64,
    killed: f64,
}

impl Wait {
    /// Whether SIGKILL ended the wait.
    fn is_killable(&self) -> bool {
        self.killed * ENDED < self.unharmed
    }
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

/// A file on the disk, without a name: it is gone when it is closed, however this ends.
fn file() -> Result<File> {
    let folder = checkout::target()?;
    fs::create_dir_all(&folder).with_context(|| format!("create {}", folder.display()))?;
    let path = folder.join(format!("claim-{}", process::id()));
    let file = File::options().read(true).write(true).create_new(true).open(&path);
    let file = file.with_context(|| format!("create {}", path.display()))?;
    fs::remove_file(&path).with_context(|| format!("remove {}", path.display()))?;
    file.write_all_at(&vec![1; FILE], 0).context("write a file")?;
    file.sync_all().context("write a file to the disk")?;
    Ok(file)
}

/// Lets dd(1) read the file with one call, without a signal and with SIGKILL.
fn wait_for_disk(file: &File, options: &[&str]) -> Result<Option<Wait>> {
    let (mut unharmed, mut killed) = (Vec::new(), Vec::new());
    for _ in 0..TRIES {
        if unharmed.len() < SEEN {
            unharmed.extend(life(file, options, None)?);
        }
        if killed.len() < SEEN {
            killed.extend(life(file, options, Some(Signal::KILL))?);
        }
    }
    let medians = median(&unharmed).zip(median(&killed));
    Ok(medians.map(|(unharmed, killed)| Wait { unharmed, killed }))
}

/// How long dd(1) lives after it was seen to wait for the disk, and was sent a signal then.
fn life(file: &File, options: &[&str], signal: Option<Signal>) -> Result<Option<f64>> {
    fadvise(file, 0, None, Advice::DontNeed).context("drop the kernel's copy of a file")?;
    let path = format!("/proc/self/fd/{}", file.as_raw_fd());
    let reader = File::open(path).context("open a file again")?;
    fadvise(&reader, 0, None, Advice::Random).context("read little ahead")?;
    let mut command = Command::new("dd");
    command.args(ONE_READ).args(options).stdin(reader).stderr(Stdio::null());
    let mut dd = Ends(command.spawn().context("start dd")?);
    let pid = Pid::from_child(&dd.0);
    while dd.0.try_wait().context("wait for dd")?.is_none() {
        if !waits_for_file(pid) {
            continue;
        }
        let seen = Instant::now();
        if let Some(signal) = signal {
            kill_process(pid, signal).context("send a signal to dd")?;
        }
        dd.0.wait().context("wait for dd")?;
        return Ok(Some(seen.elapsed().as_secs_f64() * 1e3));
    }
    Ok(None)
}

/// Whether a process sleeps uninterruptibly in the call that reads the file.
fn waits_for_file(pid: Pid) -> bool {
    // It may have ended, and some kernels do not tell the call.
    let read = |name| fs::read_to_string(format!("/proc/{pid}/{name}")).unwrap_or_default();
    let call = read("syscall");
    let words: Vec<&str> = call.split_whitespace().collect();
    let [number, _fd, _buffer, length, ..] = words[..] else { return false };
    let is_read = number.parse().ok().and_then(Sysno::new) == Some(Sysno::read);
    let state = read("stat").rsplit_once(") ").and_then(|(_, rest)| rest.chars().next());
    is_read && length == format!("{FILE:#x}") && state == Some(UNINTERRUPTIBLE)
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
    let is_killable = |wait: Option<Wait>| wait.map(|wait| wait.is_killable());
    let (cached, direct) = (is_killable(seen.cached), is_killable(seen.direct));
    let disks = [cached, direct];
    let answer = match seen.on_socket == INTERRUPTIBLE && seen.ended {
        true if !disks.contains(&Some(false)) => Answer::False,
        false if !disks.contains(&Some(true)) => Answer::Holds,
        _ => Answer::Depends,
    };
    let ended = if seen.ended { "SIGTERM ends it" } else { "SIGTERM does not end it" };
    let told = |wait: Option<Wait>| match wait {
        None => "never seen to wait".to_owned(),
        Some(Wait { unharmed, killed }) => format!(
            "state {UNINTERRUPTIBLE}, ends after {} ms, and {} ms after SIGKILL",
            figure(unharmed),
            figure(killed)
        ),
    };
    Finding {
        answer,
        figures: format!(
            "on a socket: state {}, {ended}; one read of 64 MiB from a disk: {}; past the cache: {}",
            seen.on_socket,
            told(seen.cached),
            told(seen.direct)
        ),
        why: match (answer, cached, direct) {
            (Answer::Depends, Some(true), Some(false)) => {
                "Data may never come to a socket, so any signal ends the wait for it. A read \
                 through the cache has the letter D, too, but is killable: what ends the process \
                 ends the wait. Past the cache (O_DIRECT) even SIGKILL waits for the disk."
            }
            (Answer::Depends, ..) => {
                "Data may never come to a socket, so any signal ends the wait for it; that for a \
                 disk goes on after SIGKILL."
            }
            (Answer::False, Some(_), _) => {
                "Any signal ends the wait for a socket, and SIGKILL ends that for a disk."
            }
            (Answer::False, ..) => {
                "Data may never come to a socket, so any signal ends the wait for it."
            }
            (Answer::Holds, ..) => "No signal ends the wait.",
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KILLABLE: Option<Wait> = Some(Wait { unharmed: 120.0, killed: 0.2 });
    const NOT_KILLABLE: Option<Wait> = Some(Wait { unharmed: 20.0, killed: 16.0 });

    #[test]
    fn what_the_signals_end_decides_and_not_the_letter() {
        let answer = |on_socket, ended, cached, direct| {
            judge(&Sleep { on_socket, ended, cached, direct }).answer
        };
        assert_eq!(answer('S', true, KILLABLE, KILLABLE), Answer::False);
        assert_eq!(answer('S', true, KILLABLE, NOT_KILLABLE), Answer::Depends);
        assert_eq!(answer('S', true, NOT_KILLABLE, None), Answer::Depends);
        assert_eq!(answer('S', true, None, None), Answer::False);
        assert_eq!(answer('D', false, NOT_KILLABLE, None), Answer::Holds);
        assert_eq!(answer('S', false, None, None), Answer::Holds);
        assert_eq!(answer('D', false, KILLABLE, NOT_KILLABLE), Answer::Depends);
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
