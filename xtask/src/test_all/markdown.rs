//! The matrix in the documentation: rendered from the results by `--markdown`, never by hand.

use std::fs;

use anyhow::{Context, Result};

use crate::catalog::language::Language;
use crate::catalog::{SERVERS, Server, Target};
use crate::test_all::checks::{CHECKS, Check};
use crate::test_all::report;
use crate::test_all::results::{FILE, Matrix};

/// Where the six servers' matrix is, too.
const READMES: [(Language, &str); 2] =
    [(Language::English, "README.md"), (Language::Chinese, "README.zh-CN.md")];
/// The marks around it there.
const BEGIN: &str = "<!-- the matrix: cargo xtask test-all --markdown -->\n";
const END: &str = "<!-- the end of the matrix -->\n";

/// Columns of the documentation's lines.
const WIDTH: usize = 120;

/// Writes `docs/matrix.md`, and the six servers' part of it into the README of each language.
///
/// # Errors
/// When a file cannot be read or written, or a README has no place for the matrix.
pub fn write(matrix: &Matrix) -> Result<()> {
    let docs = crate::root().join("docs");
    fs::create_dir_all(&docs).context("create docs")?;
    fs::write(docs.join("matrix.md"), all(matrix)).context("write docs/matrix.md")?;
    for (language, file) in READMES {
        let path = crate::root().join(file);
        let readme = fs::read_to_string(&path).with_context(|| format!("read {file}"))?;
        let readme = replaced(&readme, &own(matrix, language));
        let readme = readme.with_context(|| format!("{file}: no place for it"))?;
        fs::write(path, readme).with_context(|| format!("write {file}"))?;
    }
    Ok(())
}

fn all(matrix: &Matrix) -> String {
    let groups = SERVERS.chunk_by(|a, b| report::group(a) == report::group(b));
    let tables = groups.flat_map(|servers| {
        let servers: Vec<&Server> = servers.iter().collect();
        // A check that none of them is asked tells nothing of them.
        let is_asked = |check: &&Check| servers.iter().any(|server| asked(matrix, server, check));
        let checks: Vec<&Check> = CHECKS.iter().filter(is_asked).collect();
        report::tables(&servers, &checks, WIDTH, word_of(matrix))
    });
    let counts = matrix.counts.iter().map(|(word, count)| format!("{count} {word}"));
    format!(
        "# What each server can do\n\n\
         `cargo xtask test-all --markdown` wrote this file on {}, on {}; the data are in \
         [{FILE}](../{FILE}). What each check requires: `cargo xtask list --checks`. A check that \
         none of a table's servers is asked has no row there.\n\n\
         ```\n{}\n{}```\n\n{}\n",
        matrix.date,
        matrix.machine,
        tables.collect::<Vec<_>>().join("\n"),
        report::skips(&matrix.skip),
        counts.collect::<Vec<_>>().join(", "),
    )
}

fn word_of(matrix: &Matrix) -> impl Fn(&Server, &Check) -> Option<String> {
    |server, check| matrix.word(server, check.name).map(str::to_owned)
}

/// Whether a check applies to a server.
fn asked(matrix: &Matrix, server: &Server, check: &Check) -> bool {
    matrix.word(server, check.name).is_some_and(|word| word != "skip")
}

/// Of a check that so few of the crates' own servers are asked, and pass, the README has no row.
const FEW: usize = 2;

/// The crates' own servers only, without the reasons for what was skipped: a row for each check
/// that tells them apart, and how many more all pass, or the few that are asked. Checks of which
/// none is asked are left out: they are the examples'.
fn own(matrix: &Matrix, language: Language) -> String {
    let is_own = |server: &&Server| server.target == Target::Bin && matrix.of(server).is_some();
    let servers: Vec<&Server> = SERVERS.iter().filter(is_own).collect();
    let (mut rows, mut of_all, mut of_few) = (Vec::new(), 0, 0);
    for check in CHECKS {
        let words = servers.iter().filter(|server| asked(matrix, server, check));
        let words: Vec<_> = words.map(|server| matrix.word(server, check.name)).collect();
        match words.iter().all(|word| *word == Some("pass")) {
            true if words.is_empty() => {}
            true if words.len() == servers.len() => of_all += 1,
            true if words.len() <= FEW => of_few += 1,
            _ => rows.push(check),
        }
    }
    let tables = report::tables(&servers, &rows, WIDTH, word_of(matrix));
    let more = language.choose(
        format!(
            "All six pass {of_all} more checks; {of_few} concern only one or two, which pass them."
        ),
        format!(
            "另有 {of_all} 项检查，六个全部通过；还有 {of_few} 项只与其中一两个有关，也都通过。"
        ),
    );
    format!("```\n{}\n```\n\n{more}\n", tables.concat().trim_end())
}

/// The text with something else between the two marks.
fn replaced(text: &str, matrix: &str) -> Option<String> {
    let (before, rest) = text.split_once(BEGIN)?;
    let (_old, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}{matrix}{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_all::results::Tested;

    #[test]
    fn what_stands_between_the_marks_is_replaced() {
        let text = format!("a\n{BEGIN}old\n{END}b\n");
        assert_eq!(replaced(&text, "new\n"), Some(format!("a\n{BEGIN}new\n{END}b\n")));
        assert_eq!(replaced("a\n", "new\n"), None);
    }

    /// Two of the crates' own servers and an example, with the words of the first checks.
    fn matrix(words: [[&str; 3]; 4]) -> Matrix {
        let server = ["blocking-server", "epoll-server", "interval"].into_iter().enumerate();
        let server = server.map(|(column, name)| {
            let package = SERVERS.iter().find(|server| server.name == name).unwrap().package;
            let words = words.iter().zip(CHECKS);
            let words = words.map(|(row, check)| (check.name.to_owned(), row[column].to_owned()));
            Tested { name: name.to_owned(), package: package.to_owned(), words: words.collect() }
        });
        Matrix { server: server.collect(), ..Matrix::default() }
    }

    #[test]
    fn the_readme_shows_what_tells_the_servers_apart_and_counts_the_rest() {
        let matrix = matrix([
            ["pass", "pass", "waits"],
            ["waits", "pass", "pass"],
            ["skip", "pass", "waits"],
            ["skip", "skip", "pass"],
        ]);
        let [of_all, row, of_few, of_none] = [0, 1, 2, 3].map(|check| CHECKS[check].name);
        let text = own(&matrix, Language::English);
        let more = "\n\nAll six pass 1 more checks; 1 concern only one or two, which pass them.\n";
        assert!(text.ends_with(more), "{text}");
        let rows: Vec<&str> = text.lines().skip(2).take_while(|line| *line != "```").collect();
        let words = rows.iter().flat_map(|row| row.split_whitespace());
        assert_eq!(words.collect::<Vec<_>>(), [row, "waits", "pass"], "{text}");
        assert!([of_all, of_few, of_none].iter().all(|name| !text.contains(name)), "{text}");
    }

    #[test]
    fn a_table_has_no_row_of_nothing_but_skip() {
        let matrix = matrix([["pass"; 3], ["skip", "skip", "pass"], ["skip"; 3], ["skip"; 3]]);
        let text = all(&matrix);
        let count = |check: usize| {
            let has_row = |line: &&str| line.starts_with(CHECKS[check].name);
            text.lines().filter(has_row).count()
        };
        // `interval` is in a table of its own.
        assert_eq!([0, 1, 2].map(count), [2, 1, 0], "{text}");
    }

    #[test]
    fn the_documentation_is_what_the_results_give() {
        let matrix = Matrix::read(crate::root()).unwrap();
        let read = |file: &str| fs::read_to_string(crate::root().join(file)).unwrap();
        assert_eq!(read("docs/matrix.md"), all(&matrix));
        for (language, file) in READMES {
            let readme = read(file);
            let today = replaced(&readme, &own(&matrix, language));
            assert_eq!(today.as_ref(), Some(&readme), "{file}");
        }
    }
}
