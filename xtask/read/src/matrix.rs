//! The matrix as `cargo xtask test-all --markdown` wrote it: what each server can do, in words.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use xtask::catalog::{Server, Target};

/// Where it stands, from the workspace's root.
pub const FILE: &str = "docs/matrix.md";

/// The tables of the file.
#[derive(Debug, Default)]
pub struct Matrix {
    tables: Vec<Table>,
}

#[derive(Debug)]
struct Table {
    /// Empty for the crates' own servers, else `examples of select-server`.
    title: String,
    /// Servers without `-server`.
    names: Vec<String>,
    /// A check with the word of each server.
    rows: Vec<(String, Vec<String>)>,
}

impl Matrix {
    /// Reads the file of the workspace at `root`.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(root: &Path) -> Result<Matrix> {
        let text = fs::read_to_string(root.join(FILE)).with_context(|| format!("read {FILE}"))?;
        Ok(Matrix::parse(&text))
    }

    fn parse(text: &str) -> Matrix {
        let mut matrix = Matrix::default();
        let mut lines = text.lines().skip_while(|line| *line != "```").skip(1);
        let (mut inside, mut group) = (false, String::new());
        for line in lines.by_ref().take_while(|line| *line != "```" && !line.starts_with("skip ")) {
            if line.trim().is_empty() {
                (inside, group) = (false, String::new());
                continue;
            }
            if line.starts_with("examples of ") || line.starts_with("models of ") {
                (inside, group) = (false, line.trim().to_owned());
                continue;
            }
            let cells = cells(line);
            // A group that is wider than a terminal has several headings.
            inside &= !line.starts_with(' ');
            match matrix.tables.last_mut() {
                Some(table) if inside => {
                    if let [check, words @ ..] = cells.as_slice() {
                        table.rows.push((check.clone(), words.to_vec()));
                    }
                }
                _ => {
                    let title = group.clone();
                    matrix.tables.push(Table { title, names: cells, rows: Vec::new() });
                    inside = true;
                }
            }
        }
        matrix
    }

    /// The checks that a server went through, each with its word; none where the file does not know
    /// the server.
    pub fn of(&self, server: &Server) -> Vec<(&str, &str)> {
        let short = server.name.trim_end_matches("-server");
        let is_own = server.target == Target::Bin;
        let position = |table: &Table| {
            let group = table.title.split_whitespace().last();
            let fits = if is_own { group.is_none() } else { group == Some(server.package) };
            table.names.iter().position(|name| fits && name == short)
        };
        let found = self.tables.iter().find_map(|table| Some((table, position(table)?)));
        let words = found.into_iter().flat_map(|(table, column)| {
            table.rows.iter().filter_map(move |(check, words)| {
                Some((check.as_str(), words.get(column)?.as_str()))
            })
        });
        words.collect()
    }

    /// The word of one check of a server.
    pub fn word(&self, server: &Server, check: &str) -> Option<&str> {
        self.of(server).into_iter().find(|(name, _)| *name == check).map(|(_, word)| word)
    }
}

/// The cells of a line: two blanks or more stand between them.
fn cells(line: &str) -> Vec<String> {
    let cells = line.split("  ").map(str::trim).filter(|cell| !cell.is_empty());
    cells.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use xtask::catalog::SERVERS;

    const TEXT: &str = "# Title\n\nText  with two  blanks.\n\n```\n               blocking  epoll\n\
                        sizes          skip      pass\nsecond-client  waits     pass\n\n\
                        examples of select-server\n                           chat  hello\nsizes                      pass  \
                        skip\n\nskip sizes: why (blocking-server)\n```\n\n4 pass\n";

    fn server(name: &str) -> &'static Server {
        SERVERS.iter().find(|server| server.name == name).unwrap()
    }

    #[test]
    fn every_server_has_its_column() {
        let matrix = Matrix::parse(TEXT);
        let blocking = [("sizes", "skip"), ("second-client", "waits")];
        assert_eq!(matrix.of(server("blocking-server")), blocking);
        assert_eq!(matrix.word(server("epoll-server"), "second-client"), Some("pass"));
        assert_eq!(matrix.of(server("hello")), [("sizes", "skip")]);
        assert_eq!(matrix.of(server("your-msg")), []);
    }

    #[test]
    fn the_documentation_can_be_read() {
        let matrix = Matrix::read(xtask::root()).unwrap();
        assert_eq!(matrix.word(server("blocking-server"), "second-client"), Some("waits"));
        assert_eq!(matrix.word(server("chat"), "second-client"), Some("pass"));
    }
}
