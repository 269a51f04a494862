//! Printing, tables, progress.

use std::io::{self, Write};
use std::os::fd::AsFd;
use std::time::Duration;

use comfy_table::presets::NOTHING;
use comfy_table::{ColumnConstraint, ContentArrangement, Table, Width};
use console::measure_text_width;
use indicatif::{HumanCount, ProgressBar, ProgressStyle};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use textwrap::core::Word;
use textwrap::{Options, WordSeparator, WordSplitter};
use unicode_linebreak::linebreaks;

/// Columns of what is printed: those of a terminal that has its usual width.
pub const WIDTH: usize = 80;

/// The blanks on both sides of a cell: comfy-table's own.
const PADDING: u16 = 2;

/// Prints on standard output; the reader may be gone (`cargo xtask list | head -1`).
pub fn print(text: &str) {
    let _ = io::stdout().write_all(text.as_bytes());
}

/// Whether standard output still has a reader, which a pipe may lose (`… | head -5`).
pub fn is_read() -> bool {
    has_reader(&io::stdout())
}

/// Whether the other end of a pipe is open. Without asking for anything, only that is told (poll(2),
/// POLLERR).
pub fn has_reader(pipe: &impl AsFd) -> bool {
    let mut pipe = [PollFd::new(pipe, PollFlags::empty())];
    poll(&mut pipe, Some(&Timespec::default())).is_ok_and(|count| count == 0)
}

/// A whole number, in groups of three digits.
pub fn grouped(value: f64) -> String {
    HumanCount(value.round_ties_even() as u64).to_string()
}

/// A count with commas, for example `41,022`.
pub fn thousands(count: usize) -> String {
    HumanCount(count as u64).to_string()
}

/// A line on standard error that shows what runs now; on a terminal only.
pub fn progress(steps: usize) -> ProgressBar {
    progress_with("[{pos}/{len}] {elapsed} {msg}", steps)
}

/// The same for many steps, each of about the same time: it shows how much time is left.
pub fn timed_progress(steps: usize) -> ProgressBar {
    progress_with("[{percent:>3} %] {elapsed} gone, {eta} left  {msg}", steps)
}

fn progress_with(template: &str, steps: usize) -> ProgressBar {
    let style = ProgressStyle::with_template(template).expect("the template is well formed");
    let progress = ProgressBar::new(steps as u64).with_style(style);
    progress.enable_steady_tick(Duration::from_millis(100));
    progress
}

/// A table without lines. Its columns wrap at words, so that it is at most [`WIDTH`] wide, unless
/// its words are longer.
pub fn plain_table() -> Table {
    plain_table_within(WIDTH)
}

/// The same for another width.
pub fn plain_table_within(width: usize) -> Table {
    let mut table = Table::new();
    table.load_preset(NOTHING);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    // The blank before a line is taken away.
    table.set_width(width as u16 + 1);
    table
}

/// Text and a newline, wrapped at words to [`WIDTH`] columns; further lines are indented.
pub fn wrapped(text: &str, indent: &str) -> String {
    wrapped_within(WIDTH, text, indent)
}

/// The same for another width.
pub fn wrapped_within(width: usize, text: &str, indent: &str) -> String {
    // A name with hyphens stays on one line.
    let splitter = WordSplitter::NoHyphenation;
    let options = Options::new(width).subsequent_indent(indent).break_words(false);
    let options = options.word_splitter(splitter).word_separator(separator(text));
    format!("{}\n", textwrap::fill(text, options))
}

/// Where a text may be wrapped: at blanks, and Chinese between its characters, too.
fn separator(text: &str) -> WordSeparator {
    let is_chinese = |one: char| ('\u{4e00}'..='\u{9fff}').contains(&one);
    match text.contains(is_chinese) {
        true => WordSeparator::Custom(chinese_words),
        false => WordSeparator::AsciiSpace,
    }
}

/// The pieces of a line of Chinese that stay whole (UAX #14); a name with hyphens is one.
fn chinese_words(line: &str) -> Box<dyn Iterator<Item = Word<'_>> + '_> {
    let mut start = 0;
    let ends = linebreaks(line).map(|(end, _)| end);
    let ends = ends.filter(|end| *end == line.len() || !line[..*end].ends_with('-'));
    Box::new(ends.map(move |end| {
        let word = Word::from(&line[start..end]);
        start = end;
        word
    }))
}

/// The table as text, without the blanks around its lines; two blanks are between columns.
pub fn trimmed(table: Table) -> String {
    lines(table, PADDING)
}

/// The same with one blank between columns.
pub fn tightened(mut table: Table) -> String {
    table.column_iter_mut().for_each(|column| _ = column.set_padding((1, 0)));
    lines(table, 1)
}

fn lines(mut table: Table, padding: u16) -> String {
    keep_words_whole(&mut table, padding);
    let lines = table
        .lines()
        .map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(&line).trim_end()));
    lines.collect()
}

/// Makes each column as wide as its longest word, at least.
fn keep_words_whole(table: &mut Table, padding: u16) {
    let mut longest = vec![0; table.column_count()];
    for row in table.header().into_iter().chain(table.row_iter()) {
        for (longest, cell) in longest.iter_mut().zip(row.cell_iter()) {
            let content = cell.content();
            let words = content.split_whitespace().map(measure_text_width);
            *longest = words.max().unwrap_or_default().max(*longest);
        }
    }
    for (column, longest) in table.column_iter_mut().zip(longest) {
        let width = Width::Fixed(longest as u16 + padding);
        column.set_constraint(ColumnConstraint::LowerBoundary(width));
    }
}

/// A table as text with a line below each of its rows.
pub fn with_lines_below(table: &str, mut below: impl Iterator<Item = String>) -> String {
    let mut rows: Vec<String> = Vec::new();
    for line in table.lines() {
        match rows.last_mut() {
            // The rest of a row with a cell that is wrapped.
            Some(row) if line.starts_with(' ') => *row += &format!("{line}\n"),
            _ => rows.push(format!("{line}\n")),
        }
    }
    for row in rows.iter_mut().skip(1) {
        *row += &below.next().map_or_else(String::new, |line| format!("    {line}\n"));
    }
    rows.concat()
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

    #[test]
    fn chinese_wraps_between_characters_and_not_before_a_full_stop() {
        let text = wrapped_within(11, "一个 second-word 和一行汉字。汉字", "");
        assert_eq!(text, "一个\nsecond-word\n和一行汉\n字。汉字\n");
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!([0.0, 999.0, 1000.0].map(grouped), ["0", "999", "1,000"]);
        assert_eq!([41_022.0, 1_234_567.4].map(grouped), ["41,022", "1,234,567"]);
    }

    #[test]
    fn a_table_wraps_at_words_only() {
        let mut table = plain_table();
        let long = "a-name-that-is-longer-than-an-equal-share-of-80";
        table.add_row([long, "one two three four five six", "second-word"]);
        let text = trimmed(table);
        let words: Vec<&str> = text.split_whitespace().collect();
        for word in [long, "three", "second-word"] {
            assert!(words.contains(&word), "{text}");
        }
        assert!(text.lines().count() > 1 && text.lines().all(|line| line.len() <= WIDTH), "{text}");
    }

    #[test]
    fn a_line_stands_below_its_row_though_a_cell_is_wrapped() {
        let table = "name  what\n      it is\none   a\n      thing\ntwo   b\n";
        let text = with_lines_below(table, ["run one", "run two"].map(str::to_owned).into_iter());
        let rows = "one   a\n      thing\n    run one\ntwo   b\n    run two\n";
        assert_eq!(text, format!("name  what\n      it is\n{rows}"));
    }
}
