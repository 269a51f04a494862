//! strace(1), which not every system has, and which not every system lets watch.

use std::io::ErrorKind;
use std::process::Command;

/// Why strace cannot watch what it starts; `None` where it can.
pub fn refused() -> Option<String> {
    let output = match Command::new("strace").args(["-o", "/dev/null", "true"]).output() {
        Ok(output) => output,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let reason = "strace is missing; Debian and Ubuntu: sudo apt-get install strace";
            return Some(reason.to_owned());
        }
        Err(error) => return Some(format!("cannot start strace: {error}")),
    };
    let says = String::from_utf8_lossy(&output.stderr);
    match output.status.success() {
        true => None,
        false if says.to_lowercase().contains("ptrace") => {
            let reason = "this system refuses ptrace(2), by which strace watches a program; `sysctl \
                          kernel.yama.ptrace_scope` must be 0 or 1, and a container must allow it";
            Some(reason.to_owned())
        }
        false => Some(format!("strace fails: {}", says.lines().next().unwrap_or_default())),
    }
}
