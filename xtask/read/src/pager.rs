//! Text that is longer than the screen goes through a pager.

use std::env;
use std::io::Write;
use std::process::{Command, Stdio};

use console::Term;

use xtask::harness::interrupt::Interrupt;
use xtask::terminal::print;

/// The pager of whoever has chosen none.
const PAGER: &str = "less";

/// What a pager needs to show colours and text in any script, as git sets it.
const SETTINGS: [(&str, &str); 3] = [("LESS", "FRX"), ("LESSCHARSET", "utf-8"), ("LV", "-c")];

/// How a shell ends that cannot run a command.
const NOT_RUN: [i32; 2] = [126, 127];

/// Prints a text: through `$PAGER` where standard output is a terminal with fewer lines, else, or
/// where that pager cannot be started, as it is.
pub fn show(text: &str) {
    let rows = Term::stdout().size_checked().map_or(usize::MAX, |(rows, _)| rows.into());
    let pager = env::var("PAGER").unwrap_or_else(|_| PAGER.to_owned());
    let is_short = text.lines().count() < rows;
    if is_short || ["", "cat"].contains(&pager.trim()) || !through_pager(&pager, text) {
        print(text);
    }
}

/// Whether the pager, a command of the shell, could be started.
fn through_pager(pager: &str, text: &str) -> bool {
    let unset = SETTINGS.iter().filter(|(name, _)| env::var_os(name).is_none()).copied();
    // Ctrl-C is for the pager, which goes on after it.
    let _interrupt = Interrupt::watch();
    let child = Command::new("sh").args(["-c", pager]).envs(unset).stdin(Stdio::piped()).spawn();
    let Ok(mut child) = child else { return false };
    if let Some(mut stdin) = child.stdin.take() {
        // The reader may leave the pager before the end.
        let _ = stdin.write_all(text.as_bytes());
    }
    // How else the pager ends is the reader's business.
    !child.wait().is_ok_and(|status| status.code().is_some_and(|code| NOT_RUN.contains(&code)))
}
