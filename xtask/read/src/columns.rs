//! Rows for a terminal: two columns that are level, or one above the other where it is narrow.

use console::{Alignment, Style, Term, pad_str};
use unicode_width::UnicodeWidthChar;

use crate::beside::{Beside, Why};
use crate::highlight::{Class, Piece};
use crate::program::Said;
use crate::rows::Row;
use crate::text::cut;
use xtask::catalog::language::Language;
use xtask::terminal::wrapped_within;

/// Columns of the terminal from which on two are side by side.
const SIDE_BY_SIDE: usize = 100;
/// Columns of what is no terminal and does not say how wide it is.
const UNKNOWN_WIDTH: usize = 120;
/// Columns of a number, with the blank behind it.
const NUMBER: usize = 5;
const RULE: &str = " │ ";

pub struct Screen {
    pub width: usize,
    pub colours: bool,
    pub language: Language,
}

impl Screen {
    /// Standard output: a terminal as it is; anything else as `COLUMNS` says, and without colours.
    pub fn of_stdout(language: Language) -> Screen {
        let term = Term::stdout();
        let said = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        let width = match term.size_checked() {
            Some((_, columns)) => columns.into(),
            None => said.unwrap_or(UNKNOWN_WIDTH),
        };
        Screen { width: width.max(4 * NUMBER), colours: console::colors_enabled(), language }
    }

    /// A text of a head behind its label, over as many lines as it takes.
    pub fn said(&self, label: &str, said: Said<'_>, indent: &str) -> String {
        let words: Vec<&str> = said.to(self.language).split_whitespace().collect();
        wrapped_within(self.width, &format!("{label}{}", words.join(" ")), indent)
    }

    /// Text in a style, where there are colours.
    pub fn styled(&self, style: &Style, text: &str) -> String {
        match self.colours && !text.trim().is_empty() {
            true => style.clone().force_styling(true).apply_to(text).to_string(),
            false => text.to_owned(),
        }
    }
}

/// Writes the rows of one listing on a screen.
pub struct Columns<'a> {
    screen: &'a Screen,
    beside: &'a Beside<'a>,
    reasons: Vec<Vec<Why<'a>>>,
    /// Whether there is a note to show.
    has_note: bool,
    /// Whether much that Rust needs besides is left out.
    folds: bool,
}

impl<'a> Columns<'a> {
    /// For a listing with its note, or without; whole, or with less of what Rust needs besides.
    pub fn new(
        screen: &'a Screen,
        beside: &'a Beside<'a>,
        has_note: bool,
        folds: bool,
    ) -> Columns<'a> {
        Columns { screen, beside, reasons: beside.reasons(), has_note, folds }
    }

    pub fn row(&self, position: usize) -> String {
        let row = &self.beside.rows[position];
        let width = self.screen.width;
        let side_by_side = self.has_note && width >= SIDE_BY_SIDE;
        let column = if side_by_side { (width - RULE.chars().count()) / 2 } else { width };
        let (left, right) = (self.note(row, column), self.rust(row, column, side_by_side));
        let mut text = match side_by_side {
            true => level(&left, &right, column),
            false => left.iter().chain(&right).map(|line| format!("{line}\n")).collect(),
        };
        for why in &self.reasons[position] {
            text += &self.reason(why);
        }
        text
    }

    fn note(&self, row: &Row, width: usize) -> Vec<String> {
        let mut lines = Vec::new();
        for number in &row.note {
            let Some((own, pieces)) = self.beside.note_line(*number) else { continue };
            let own = own.map_or_else(String::new, |own| own.to_string());
            let gutter = match self.beside.has_own_numbers() {
                true => format!("{number:>4} {own:>4} "),
                false => format!("{number:>4} "),
            };
            lines.extend(self.wrapped(&gutter, pieces, width, None));
        }
        lines
    }

    fn rust(&self, row: &Row, width: usize, side_by_side: bool) -> Vec<String> {
        let pale = Style::new().dim();
        let mut lines = Vec::new();
        for piece in row.rust.chunk_by(|a, b| a.said == b.said) {
            if let Some(summary) = self.beside.folded(piece).filter(|_| self.folds) {
                let [english, chinese] = &summary;
                let summary = self.screen.language.choose(english, chinese);
                let gutter = if self.has_note { NUMBER } else { 2 * NUMBER + 8 };
                let text = format!("{:gutter$}… {summary}", "");
                lines.push(self.screen.styled(&pale, &text));
                continue;
            }
            for line in piece {
                let (pieces, end) = self.beside.rust_line(line.number);
                let said = if lines.is_empty() { self.said(row) } else { String::new() };
                let gutter = match self.has_note {
                    true if side_by_side => format!("{:>4} ", line.number),
                    true => format!("    {RULE}{:>4} ", line.number),
                    false => format!("{said:>12} {:>4} ", line.number),
                };
                let style = (!line.said).then_some(&pale);
                lines.extend(self.wrapped(&gutter, &cut(pieces, 0..end), width, style));
            }
        }
        for line in self.beside.said_elsewhere(row) {
            let said = if self.has_note { String::new() } else { self.said(row) };
            let by = self.screen.language.choose("said by line", "见 Rust 行号");
            let text = format!("{said:>12} {by} {line}");
            lines.push(self.screen.styled(&pale, &text));
        }
        if self.has_note && !row.also.is_empty() {
            let also: Vec<String> = row.also.iter().map(usize::to_string).collect();
            let label = self.screen.language.choose("also line", "还有行号");
            let text = format!("{:>NUMBER$}{label} {}", "", also.join(", "));
            lines.push(self.screen.styled(&pale, &text));
        }
        lines
    }

    /// The lines of the note that a row says, as `305-306`.
    fn said(&self, row: &Row) -> String {
        let is_said = row.rust.iter().any(|line| line.said) || row.rust.is_empty();
        let also = row.also.iter().map(usize::to_string);
        let level = match (row.note.first(), row.note.last()) {
            (Some(first), Some(last)) if first < last => Some(format!("{first}-{last}")),
            (Some(first), _) => Some(first.to_string()),
            _ => None,
        };
        let all: Vec<String> = level.into_iter().chain(also).collect();
        if is_said { all.join(", ") } else { String::new() }
    }

    fn reason(&self, why: &Why) -> String {
        let indent = " ".repeat(2 * NUMBER);
        let differs = self.screen.language.choose("differs: ", "不同：");
        let label = format!("{indent}{differs}");
        let text = match why {
            Why::Told(said) => self.screen.said(&label, *said, &indent),
            Why::As(line) => {
                let as_at = self.screen.language.choose("as at", "同前，见");
                format!("{label}{as_at} {line}")
            }
        };
        let lines =
            text.lines().map(|line| self.screen.styled(&Style::new().yellow(), line) + "\n");
        lines.collect()
    }

    /// A line behind its number, over as many lines as it takes.
    fn wrapped(
        &self,
        gutter: &str,
        pieces: &[Piece],
        width: usize,
        style: Option<&Style>,
    ) -> Vec<String> {
        let space = gutter.chars().count();
        let lines = wrap(pieces, width.saturating_sub(space).max(NUMBER));
        let line = |(position, line): (usize, Vec<Piece>)| {
            let before = if position == 0 { gutter.to_owned() } else { " ".repeat(space) };
            let pieces = line
                .iter()
                .map(|(class, text)| self.screen.styled(style.unwrap_or(&colour(*class)), text));
            self.screen.styled(&Style::new().dim(), &before) + &pieces.collect::<String>()
        };
        lines.into_iter().enumerate().map(line).collect()
    }
}

/// Two cells side by side.
fn level(left: &[String], right: &[String], width: usize) -> String {
    let line = |at: usize| {
        let [left, right] = [left, right].map(|cell| cell.get(at).map_or("", String::as_str));
        let left = pad_str(left, width, Alignment::Left, None);
        format!("{}\n", format!("{left}{RULE}{right}").trim_end())
    };
    (0..left.len().max(right.len())).map(line).collect()
}

fn colour(class: Class) -> Style {
    match class {
        Class::Plain => Style::new(),
        Class::Comment => Style::new().dim(),
        Class::Text => Style::new().green(),
        Class::Number => Style::new().magenta(),
        Class::Keyword => Style::new().red(),
        Class::Function => Style::new().blue(),
    }
}

/// Cuts a line into lines of at most `width` columns, at blanks where that wastes less than half
/// of the line; what follows is indented two columns more than the line.
fn wrap(pieces: &[Piece], width: usize) -> Vec<Vec<Piece>> {
    let one_by_one = |(class, text): &Piece| {
        let class = *class;
        text.chars().map(move |one| (class, one)).collect::<Vec<_>>()
    };
    let mut rest: Vec<(Class, char)> = pieces.iter().flat_map(one_by_one).collect();
    let indent = rest.iter().take_while(|(_, one)| one.is_whitespace()).count();
    let hanging = if indent + 2 <= width / 2 { indent + 2 } else { 2.min(width / 2) };
    let mut lines = Vec::new();
    loop {
        let before = if lines.is_empty() { 0 } else { hanging };
        let mut used = before;
        let fits = |(_, one): &&(Class, char)| {
            used += one.width().unwrap_or(0);
            used <= width
        };
        let fitting = rest.iter().take_while(fits).count();
        let blank = rest[..fitting].iter().rposition(|(_, one)| *one == ' ').map(|at| at + 1);
        let end = match blank {
            _ if fitting == rest.len() => fitting,
            Some(blank) if 2 * blank > fitting + indent => blank,
            // A character that is wider than the line is there all the same.
            _ => fitting.max(1),
        };
        let after = rest.split_off(end);
        let mut line = vec![(Class::Plain, " ".repeat(before))];
        line.extend(joined(&rest));
        lines.push(line);
        rest = after;
        if rest.is_empty() {
            return lines;
        }
    }
}

fn joined(characters: &[(Class, char)]) -> Vec<Piece> {
    let pieces = characters.chunk_by(|a, b| a.0 == b.0);
    pieces.map(|piece| (piece[0].0, piece.iter().map(|(_, one)| one).collect())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use xtask::catalog::margin::columns;

    fn wrapped(text: &str, width: usize) -> Vec<String> {
        let lines = wrap(&[(Class::Plain, text.to_owned())], width).into_iter();
        lines.map(|line| line.iter().map(|(_, text)| text.as_str()).collect()).collect()
    }

    #[test]
    fn lines_are_cut_at_blanks() {
        assert_eq!(wrapped("  one two three", 11), ["  one two ", "    three"]);
        assert_eq!(wrapped("abcdefgh", 5), ["abcde", "  fgh"]);
        assert_eq!(wrapped("明明明", 5), ["明明", "  明"]);
        assert_eq!(wrapped("", 5), [""]);
    }

    proptest! {
        #[test]
        fn no_line_is_too_wide_and_no_text_is_lost(text in "[ a-c明]{0,60}", width in 5usize..40) {
            let lines = wrapped(&text, width);
            for line in &lines {
                prop_assert!(columns(line) <= width, "{line}");
            }
            let strip = |text: &str| text.replace(' ', "");
            prop_assert_eq!(strip(&lines.concat()), strip(&text));
        }
    }
}
