//! Printing, tables, progress.

use std::io::{self, Write};
use std::time::Duration;

use comfy_table::Table;
use comfy_table::presets::NOTHING;
use indicatif::{ProgressBar, ProgressStyle};

/// Prints on standard output; the reader may be gone (`cargo xtask list | head -1`).
pub fn print(text: &str) {
    let _ = io::stdout().write_all(text.as_bytes());
}

/// A line on standard error that shows what runs now; on a terminal only.
pub fn progress(steps: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("[{pos}/{len}] {elapsed} {msg}");
    let style = style.expect("the template is well formed");
    let progress = ProgressBar::new(steps as u64).with_style(style);
    progress.enable_steady_tick(Duration::from_millis(100));
    progress
}

/// A line on standard error that shows what runs now and how much time is left, of work that takes
/// about `millis` milliseconds; on a terminal only.
pub fn timed_progress(millis: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("[{percent:>3} %] {elapsed} gone, {eta} left  {msg}");
    let style = style.expect("the template is well formed");
    let progress = ProgressBar::new(millis).with_style(style);
    progress.enable_steady_tick(Duration::from_millis(250));
    progress
}

/// A table without lines.
pub fn plain_table() -> Table {
    let mut table = Table::new();
    table.load_preset(NOTHING);
    table
}

/// The table as text, without the blanks around its lines.
pub fn trimmed(table: &Table) -> String {
    let lines = table
        .lines()
        .map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(&line).trim_end()));
    lines.collect()
}
