//! Who ends a program when nobody else can: `cargo xtask` may be killed at any time.

use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::harness::outcome::{Outcome, started};

/// Waits for the end of its input, which comes with the end of the process that holds the pipe, and
/// kills its own process group, itself included. A server that ends its group politely does not
/// mean the guard.
const SCRIPT: &str = "trap '' HUP INT QUIT TERM; read -r _; kill -KILL 0";

/// A shell that leads a process group, which programs can join. All of the group is killed when
/// this is dropped, and when this process ends in any other way.
///
/// PR_SET_PDEATHSIG would reach only the program itself, not what it forks, and follows the thread
/// that started it. The group's number stays taken while the guard lives, so that nobody else can
/// be hit.
pub struct Guard(Child);

impl Guard {
    /// Starts the shell.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start() -> Outcome<Guard> {
        let mut shell = Command::new("/bin/sh");
        shell
            .args(["-c", SCRIPT])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        Ok(Guard(started(shell.process_group(0).spawn(), "a shell that starts")?))
    }

    /// Its process group, which has its own number.
    pub fn group(&self) -> Pid {
        Pid::from_child(&self.0)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        // It cannot fail while the guard is not waited for, and then nothing blocks the guard's
        // end.
        let _ = kill_process_group(self.group(), Signal::KILL);
        let _ = self.0.wait();
    }
}
