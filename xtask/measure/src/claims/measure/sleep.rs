//! How a process sleeps while it waits for data: by its state in /proc, and by what a signal does.

use std::fs::{self, File};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileExt;
use std::os::unix::process::ExitStatusExt;
use std::process::{self, Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result};
use rustix::fs::{Advice, fadvise};
use rustix::process::{Pid, Signal, kill_process};

use crate::claims::claim::{Answer, Measured};
use crate::claims::measure::calls::read_in;
use crate::claims::measure::server::launch;
use crate::statistics::median;
use crate::units::{figure, millis};
use xtask::checkout;
use xtask::harness::proc::Process;
use xtask::harness::process::wait_for_sleep;

/// A sleep that a signal ends, and one that most signals do not end (proc(5), /proc/PID/stat).
const INTERRUPTIBLE: char = 'S';
const UNINTERRUPTIBLE: char = 'D';

/// A file that is read from the disk by one call, and the same for dd(1).
const FILE: usize = 64 * 1024 * 1024;
const ONE_READ: [&str; 4] = ["bs=64M", "count=1", "of=/dev/null", "status=none"];
/// Reads of each kind; a short one ends unseen.
const TRIES: usize = 4;
/// A wait that is this many times shorter was ended by the signal.
const ENDED: f64 = 4.0;

/// How long a process that was seen in an uninterruptible sleep then lived, in milliseconds: by
/// itself, and after SIGKILL. `None` where it was not seen.
type Wait = Option<[f64; 2]>;

/// Whether a blocked process sleeps uninterruptibly.
pub fn state() -> Result<Measured> {
    let (state, ended) = wait_for_socket()?;
    let file = file()?;
    let (cached, direct) = (wait_for_disk(&file, &[])?, wait_for_disk(&file, &["iflag=direct"])?);
    let told = |wait: Wait| match wait {
        None => "never seen to wait".to_owned(),
        Some(times) => {
            let [unharmed, killed] = times.map(figure);
            format!("state D, ends after {unharmed} ms, and {killed} ms after SIGKILL")
        }
    };
    let figures = format!(
        "blocking-server: state {state}, SIGTERM {}; one read of 64 MiB from a disk: {}; past the \
         cache: {}",
        if ended { "ends it" } else { "does not end it" },
        told(cached),
        told(direct)
    );
    Ok((judge(state == INTERRUPTIBLE && ended, [cached, direct]), figures))
}

/// `is_interruptible` tells of the wait for a socket.
fn judge(is_interruptible: bool, disks: [Wait; 2]) -> Answer {
    let is_killable = |[unharmed, killed]: [f64; 2]| killed * ENDED < unharmed;
    let disks = disks.map(|wait| wait.map(is_killable));
    match is_interruptible {
        true if !disks.contains(&Some(false)) => Answer::False,
        false if !disks.contains(&Some(true)) => Answer::Holds,
        _ => Answer::Depends,
    }
}

/// Lets a server wait for a client, and returns its state, and whether a signal ended it.
fn wait_for_socket() -> Result<(char, bool)> {
    let running = launch("blocking-server", &[])?.running;
    wait_for_sleep(&running)?;
    let mut program = running.program;
    let state = Process::new(program.pid())?.stat()?.state;
    program.signal(Signal::TERM)?;
    let ended = program.end().is_ok_and(|status| status.signal() == Some(Signal::TERM.as_raw()));
    Ok((state, ended))
}

/// A file on the disk, without a name: it is gone when it is closed, however this ends.
fn file() -> Result<File> {
    let folder = checkout::target()?;
    let create = || -> io::Result<File> {
        fs::create_dir_all(&folder)?;
        let path = folder.join(format!("claim-{}", process::id()));
        let file = File::options().read(true).write(true).create_new(true).open(&path)?;
        fs::remove_file(&path)?;
        file.write_all_at(&vec![1; FILE], 0)?;
        file.sync_all()?;
        Ok(file)
    };
    create().with_context(|| format!("write a file in {}", folder.display()))
}

/// Lets dd(1) read the file with one call, without a signal and with SIGKILL.
fn wait_for_disk(file: &File, options: &[&str]) -> Result<Wait> {
    let lives = |signal| -> Result<Option<f64>> {
        let tried = (0..TRIES).map(|_| life(file, options, signal));
        let tried = tried.collect::<Result<Vec<_>>>()?;
        Ok(median(&tried.into_iter().flatten().collect::<Vec<_>>()))
    };
    Ok(lives(None)?.zip(lives(Some(Signal::KILL))?).map(Into::into))
}

/// How long dd(1) lives after it was seen to wait for the disk, and was sent a signal then.
fn life(file: &File, options: &[&str], signal: Option<Signal>) -> Result<Option<f64>> {
    fadvise(file, 0, None, Advice::DontNeed).context("drop the kernel's copy of a file")?;
    let path = format!("/proc/self/fd/{}", file.as_raw_fd());
    let reader = File::open(path).context("open a file again")?;
    fadvise(&reader, 0, None, Advice::Random).context("read little ahead")?;
    let mut command = Command::new("dd");
    command.args(ONE_READ).args(options).stdin(reader).stderr(Stdio::null());
    let mut dd = command.spawn().context("start dd")?;
    let pid = Pid::from_child(&dd);
    while dd.try_wait().context("wait for dd")?.is_none() {
        if !waits_for_file(pid) {
            continue;
        }
        let seen = Instant::now();
        if let Some(signal) = signal {
            kill_process(pid, signal).context("send a signal to dd")?;
        }
        dd.wait().context("wait for dd")?;
        return Ok(Some(millis(seen.elapsed())));
    }
    Ok(None)
}

/// Whether a process sleeps uninterruptibly in the call that reads the file; it may have ended.
fn waits_for_file(pid: Pid) -> bool {
    let look = || -> io::Result<bool> {
        let process = Process::new(pid)?;
        let reads =
            read_in(&process.read("syscall")?).is_some_and(|(_, length)| length == FILE as u64);
        Ok(reads && process.stat()?.state == UNINTERRUPTIBLE)
    };
    look().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_signals_end_decides_and_not_the_letter() {
        let (killable, not_killable) = (Some([120.0, 0.2]), Some([20.0, 16.0]));
        assert_eq!(judge(true, [killable, killable]), Answer::False);
        assert_eq!(judge(true, [killable, not_killable]), Answer::Depends);
        assert_eq!(judge(true, [not_killable, None]), Answer::Depends);
        assert_eq!(judge(true, [None, None]), Answer::False);
        assert_eq!(judge(false, [not_killable, None]), Answer::Holds);
        assert_eq!(judge(false, [None, None]), Answer::Holds);
        assert_eq!(judge(false, [killable, not_killable]), Answer::Depends);
    }
}
