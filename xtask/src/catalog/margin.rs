//! The margin of a mirror: its head, and the numbers behind its lines, by their text alone.

use std::ops::RangeInclusive;

use console::measure_text_width;

use crate::catalog::numbers;

/// How the head's paragraph of departures begins.
pub const DIFFERS: &str = "Differs from the listing:";
/// What keeps rustfmt from moving the numbers of an item.
pub const SKIP: &str = "#[rustfmt::skip]";

/// A Rust file as its reader sees it.
pub struct Margin {
    /// The paragraphs of the head, with the line on which each begins.
    pub head: Vec<(usize, String)>,
    /// The file's lines.
    pub lines: Vec<String>,
    /// The numbers, in the file's order.
    pub marks: Vec<Mark>,
}

/// Numbers of the note's lines behind a line of Rust.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// The line of Rust, from 1.
    pub line: usize,
    /// The column at which the comment begins, in characters from 0.
    pub column: usize,
    /// The lines of the note.
    pub numbers: Vec<RangeInclusive<usize>>,
    /// Whether the line departs from the listing; the head says why.
    pub differs: bool,
}

/// What the head says of some departures.
pub struct Departure {
    /// The line of the head on which it begins.
    pub line: usize,
    /// The note's lines, as they are written: `198, 199`.
    pub list: String,
    /// The same as numbers.
    pub numbers: Vec<RangeInclusive<usize>>,
    /// What differs there, and why.
    pub why: String,
}

impl Mark {
    /// Reads the comment that ends a line; `None` where there is none, or one in words. A string
    /// of several lines that ends a line with ` // 170` would be misread.
    fn read(line: usize, text: &str) -> Option<Mark> {
        let (code, comment) = text.rsplit_once("// ")?;
        let (list, differs) = match comment.strip_suffix(" differs") {
            Some(list) => (list, true),
            None => (comment, false),
        };
        let is_doc = !code.is_empty() && !code.ends_with(' ');
        let numbers = numbers::parse(list).filter(|_| !is_doc)?;
        Some(Mark { line, column: code.chars().count(), numbers, differs })
    }

    /// Whether it names line `number` of the note.
    pub fn names(&self, number: usize) -> bool {
        self.numbers.iter().any(|range| range.contains(&number))
    }
}

impl Departure {
    /// Whether it is of line `number` of the note.
    pub fn is_of(&self, number: usize) -> bool {
        self.numbers.iter().any(|range| range.contains(&number))
    }
}

impl Margin {
    /// Takes a text apart.
    pub fn read(text: &str) -> Margin {
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let marks = lines.iter().enumerate().filter_map(|(at, text)| Mark::read(at + 1, text));
        Margin { head: head(&lines), marks: marks.collect(), lines }
    }

    /// A line without its number.
    pub fn code(&self, line: usize) -> &str {
        let text = &self.lines[line - 1];
        let mark = self.marks.iter().find(|mark| mark.line == line);
        let at = mark.and_then(|mark| text.char_indices().nth(mark.column));
        at.map_or(text.as_str(), |(at, _)| text[..at].trim_end())
    }

    /// The column of a number's comment on a screen, from 0.
    pub fn column(&self, mark: &Mark) -> usize {
        let before: String = self.lines[mark.line - 1].chars().take(mark.column).collect();
        columns(&before)
    }

    /// Whether a line's number is in the margin: rustfmt formats an item of one line, as a `use`,
    /// and leaves one blank before its number.
    pub fn is_in_margin(&self, mark: &Mark) -> bool {
        let code = self.code(mark.line);
        code.starts_with([' ', '}']) || !code.ends_with(';')
    }

    /// The first line of the statement that a number is behind, by how the lines are indented.
    pub fn first_line(&self, mark: &Mark) -> usize {
        let code = |line: usize| self.code(line).trim_start();
        let indent = |line: usize| self.lines[line - 1].len() - code_with_number(self, line).len();
        let goes_on = |line: usize| {
            code(line).starts_with([')', ']', '.', '&', '|'])
                || code(line) == "{"
                || code(line).starts_with("})")
                || line > 1 && code(line - 1).ends_with('=')
        };
        let mut first = mark.line;
        while first > 1 && goes_on(first) {
            let above = (1..first).rev();
            let is_outer = |line: &usize| !code(*line).is_empty() && indent(*line) <= indent(first);
            first = above.clone().find(is_outer).unwrap_or(1);
        }
        first
    }

    /// The departures that the head lists.
    pub fn departures(&self) -> Vec<Departure> {
        let departure = |(line, item): (usize, &str)| {
            let (list, why) = item.split_once(": ")?;
            let (numbers, list, why) = (numbers::parse(list)?, list.to_owned(), why.to_owned());
            Some(Departure { line, list, numbers, why })
        };
        self.items().into_iter().filter_map(departure).collect()
    }

    /// The items of the head's list of departures, with their lines.
    pub fn items(&self) -> Vec<(usize, &str)> {
        let found = self.head.iter().find(|(_, text)| text.starts_with(DIFFERS));
        let Some((first, paragraph)) = found else { return Vec::new() };
        let mut line = *first;
        let mut items = Vec::new();
        for item in paragraph.split("\n- ") {
            items.push((line, item));
            line += item.lines().count();
        }
        items.split_off(1)
    }

    /// The text without the numbers, and without what keeps rustfmt from moving them; each line
    /// with its place in the file.
    pub fn bare(&self) -> Vec<(usize, &str)> {
        let lines = (1..=self.lines.len()).map(|line| (line, self.code(line)));
        lines.filter(|(_, code)| code.trim() != SKIP).collect()
    }
}

/// The columns that a text takes on a screen: a Chinese character takes two.
pub fn columns(text: &str) -> usize {
    measure_text_width(text)
}

/// A text with one blank before each number, wherever its margin is.
pub fn narrow(text: &str) -> String {
    let margin = Margin::read(text);
    let line = |line: usize| match margin.marks.iter().find(|mark| mark.line == line) {
        Some(mark) => {
            let comment: String = margin.lines[line - 1].chars().skip(mark.column).collect();
            format!("{} {comment}\n", margin.code(line))
        }
        None => format!("{}\n", margin.lines[line - 1]),
    };
    (1..=margin.lines.len()).map(line).collect()
}

fn code_with_number(margin: &Margin, line: usize) -> &str {
    margin.lines[line - 1].trim_start()
}

/// The paragraphs of the `//!` lines that the file begins with.
fn head(lines: &[String]) -> Vec<(usize, String)> {
    let mut paragraphs: Vec<(usize, String)> = Vec::new();
    let mut open = false;
    for (index, line) in lines.iter().enumerate() {
        let Some(text) = line.strip_prefix("//!") else {
            break;
        };
        let text = text.strip_prefix(' ').unwrap_or(text);
        match paragraphs.last_mut() {
            _ if text.is_empty() => open = false,
            Some((_, paragraph)) if open => *paragraph += &format!("\n{text}"),
            _ => {
                paragraphs.push((index + 1, text.to_owned()));
                open = true;
            }
        }
    }
    paragraphs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(text: &str) -> Option<(usize, String, bool)> {
        let mark = Mark::read(1, text)?;
        let numbers: Vec<String> =
            mark.numbers.iter().map(|range| format!("{}-{}", range.start(), range.end())).collect();
        Some((mark.column, numbers.join(" "), mark.differs))
    }

    #[test]
    fn numbers_are_read_behind_code() {
        assert_eq!(mark("a();   // 170"), Some((7, "170-170".to_owned(), false)));
        assert_eq!(mark("ä(); // 17, 19-20 differs"), Some((5, "17-17 19-20".to_owned(), true)));
        assert_eq!(mark("// 170"), Some((0, "170-170".to_owned(), false)));
        assert_eq!(mark(r#"a("http://x \" // 1"); // 2"#), Some((23, "2-2".to_owned(), false)));
    }

    #[test]
    fn other_comments_are_none() {
        for text in [
            "a / b",
            "/// 170",
            "//! 170",
            "f(\"a // 2\");",
            "// 10 bytes at a time",
            "a(); // the listener",
            "a(); // 170 differs: why",
        ] {
            assert_eq!(mark(text), None, "{text}");
        }
    }

    #[test]
    fn the_head_has_paragraphs_and_departures() {
        let text = "//! One\n//! sentence.\n//!\n//! Differs from the listing:\n//! - 9: it\n//!   \
                    may end.\n//! - none\n//! - 11-12, 14: other.\n\n//! not this\n";
        let margin = Margin::read(text);
        assert_eq!(margin.head[0], (1, "One\nsentence.".to_owned()));
        assert_eq!(margin.head.len(), 2);
        let lines: Vec<usize> = margin.items().iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [5, 7, 8]);
        let departures = margin.departures();
        let found: Vec<_> = departures.iter().map(|one| (one.line, one.why.as_str())).collect();
        assert_eq!(found, [(5, "it\n  may end."), (8, "other.")]);
        assert!(departures[1].is_of(12) && !departures[1].is_of(13));
    }

    #[test]
    fn a_statement_begins_where_it_is_indented_least() {
        let text = "fn f() {\n    say!(\n        a,\n        b\n    ); // 1\n    let x = y\n        \
                    .c()\n        .d(); // 2\n    let z =\n        g(); // 3\n    if a\n        \
                    && b\n    { // 4\n    } else { // 5\n        h(); // 6\n    }\n}\n";
        let margin = Margin::read(text);
        let firsts: Vec<usize> = margin.marks.iter().map(|mark| margin.first_line(mark)).collect();
        assert_eq!(firsts, [2, 6, 9, 11, 14, 15]);
    }

    #[test]
    fn chinese_takes_two_columns() {
        let margin = Margin::read("say(\"等\");  // 1\nsay(\"ab\");  // 2\nsay(\"a\");   // 3\n");
        let columns: Vec<usize> = margin.marks.iter().map(|mark| margin.column(mark)).collect();
        assert_eq!(columns, [12, 12, 12]);
    }

    #[test]
    fn the_bare_text_is_what_rustfmt_writes() {
        let margin = Margin::read("use a; // 1\n#[rustfmt::skip]\nfn f() {     // 2\n}\n");
        assert_eq!(margin.bare(), [(1, "use a;"), (3, "fn f() {"), (4, "}")]);
        let is_in_margin: Vec<bool> =
            margin.marks.iter().map(|mark| margin.is_in_margin(mark)).collect();
        assert_eq!(is_in_margin, [false, true]);
        assert_eq!(narrow("a(\n    ä,   // 1 differs\n"), "a(\n    ä, // 1 differs\n");
    }
}
