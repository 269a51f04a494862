//! Text that is longer than the screen goes through a pager.

use std::env;
use std::io::Write;
use std::process::{Command, Stdio};

use console::Term;

use crate::terminal::print;

/// The pager of whoever has chosen none; `-R` shows colours.
const PAGER: &str = "less -R";

/// Prints a text: through `$PAGER` where standard output is a terminal with fewer lines, else, or
/// where that pager cannot be started, as it is.
pub fn show(text: &str) {
    let rows = Term::stdout().size_checked().map_or(usize::MAX, |(rows, _)| rows.into());
    if text.lines().count() < rows || !through_pager(text) {
        print(text);
    }
}

/// Whether the pager could be started.
fn through_pager(text: &str) -> bool {
    let pager = env::var("PAGER").ok().filter(|pager| !pager.trim().is_empty());
    let words: Vec<String> =
        pager.as_deref().unwrap_or(PAGER).split_whitespace().map(str::to_owned).collect();
    let child = Command::new(&words[0]).args(&words[1..]).stdin(Stdio::piped()).spawn();
    let Ok(mut child) = child else { return false };
    if let Some(mut stdin) = child.stdin.take() {
        // The reader may leave the pager before the end.
        let _ = stdin.write_all(text.as_bytes());
    }
    // How the pager ends is the reader's business.
    let _ = child.wait();
    true
}
