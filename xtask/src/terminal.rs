//! Printing, tables, progress.

use std::io::{self, Write};
use std::time::Duration;

use comfy_table::presets::NOTHING;
use comfy_table::{ContentArrangement, Table};
use indicatif::{ProgressBar, ProgressStyle};
use textwrap::{Options, WordSplitter};

/// Columns of what is printed: those of a terminal that has its usual width.
pub const WIDTH: usize = 80;

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

/// A table without lines. Its columns wrap at words, so that it is at most [`WIDTH`] wide, unless
/// its words are longer.
pub fn plain_table() -> Table {
    let mut table = Table::new();
    table.load_preset(NOTHING);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    // The blank before a line is taken away.
    table.set_width(WIDTH as u16 + 1);
    table
}

/// Text and a newline, wrapped at words to [`WIDTH`] columns; further lines are indented.
pub fn wrapped(text: &str, indent: &str) -> String {
    wrapped_within(WIDTH, text, indent)
}

/// The same for another width.
pub fn wrapped_within(width: usize, text: &str, indent: &str) -> String {
    let options = Options::new(width).subsequent_indent(indent).break_words(false);
    // A name with hyphens stays on one line.
    format!("{}\n", textwrap::fill(text, options.word_splitter(WordSplitter::NoHyphenation)))
}

/// The table as text, without the blanks around its lines.
pub fn trimmed(table: &Table) -> String {
    let lines = table
        .lines()
        .map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(&line).trim_end()));
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_wraps_at_words_and_a_long_word_stays_whole() {
        let long = "x".repeat(20);
        let text = wrapped_within(12, &format!("one second-word {long} end"), "  ");
        assert_eq!(text, format!("one\n  second-word\n  {long}\n  end\n"));
    }
}
