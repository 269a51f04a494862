//! strace(1), which not every system has.

use std::process::{Command, Stdio};

/// Whether strace can be started.
pub fn is_installed() -> bool {
    let mut command = Command::new("strace");
    let status = command.arg("-V").stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}
