//! A Rust file of the workspace as a reader meets it: its name, its command, its head.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use xtask::catalog::margin::{Departure, Margin};
use xtask::catalog::{PROGRAMS, SERVERS, Server, Target};

/// A mirror of a listing, or a model that a note describes in words.
pub struct Program {
    /// The file, from the workspace's root.
    pub file: String,
    /// What it is called: the server's or the client's name, or the file's.
    pub name: String,
    /// What is known of it, where it is a server.
    pub server: Option<&'static Server>,
    /// The command that runs it; none for a library.
    pub command: Option<String>,
    /// Its text, taken apart.
    pub margin: Margin,
}

impl Program {
    /// Reads a file of the workspace at `root`.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(root: &Path, file: &str) -> Result<Program> {
        let text = fs::read_to_string(root.join(file)).with_context(|| format!("read {file}"))?;
        let server = SERVERS.iter().find(|server| is_of(file, server));
        let (name, command) = name_and_command(file);
        let command = server.map(Server::command).or(command);
        Ok(Program { file: file.to_owned(), name, server, command, margin: Margin::read(&text) })
    }

    /// What it is: the first paragraph of its head.
    pub fn what(&self) -> &str {
        self.margin.head.first().map_or("", |(_, text)| text)
    }

    /// The paragraph of its head that begins with a word such as `Try`, without that word.
    pub fn paragraph(&self, word: &str) -> Option<&str> {
        let texts = self.margin.head.iter().map(|(_, text)| text.as_str());
        let mut found = texts.filter_map(|text| text.strip_prefix(word)?.strip_prefix(": "));
        found.next()
    }

    /// Where it departs from its listing, and why.
    pub fn departures(&self) -> Vec<Departure> {
        self.margin.departures()
    }

    /// The name of the page that shows the whole file.
    pub fn page(&self) -> String {
        format!("file-{}.html", self.file.trim_end_matches(".rs").replace('/', "-"))
    }
}

/// Whether a file is that of a server.
fn is_of(file: &str, server: &Server) -> bool {
    let Server { package, name, .. } = server;
    match server.target {
        Target::Bin => file == format!("{package}/src/main.rs"),
        Target::Example => is_example(file, package, name),
        Target::Program(_) => false,
    }
}

fn is_example(file: &str, package: &str, name: &str) -> bool {
    let folder = format!("{package}/examples/{name}");
    file == format!("{folder}.rs") || file == format!("{folder}/main.rs")
}

/// A file's name and command as cargo has them.
fn name_and_command(file: &str) -> (String, Option<String>) {
    let path: Vec<&str> = file.split('/').collect();
    match path.as_slice() {
        [package, "src", "main.rs"] => {
            ((*package).to_owned(), Some(format!("cargo run -p {package}")))
        }
        [package, "examples", name, ..] => {
            let name = name.trim_end_matches(".rs");
            let known =
                PROGRAMS.iter().find(|program| is_example(file, program.package, program.name));
            let command = known.map_or_else(
                || format!("cargo run -p {package} --example {name}"),
                |program| program.command(),
            );
            (name.to_owned(), Some(command))
        }
        [package, ..] => (format!("{package}, {}", path[path.len() - 1]), None),
        [] => (file.to_owned(), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_has_its_name_and_command() {
        let read = |file: &str| Program::read(xtask::root(), file).unwrap();
        let chat = read("select-server/examples/chat.rs");
        assert_eq!(chat.command.as_deref(), Some("cargo run -p select-server --example chat"));
        assert_eq!(chat.server.map(|server| server.name), Some("chat"));
        assert!(chat.what().starts_with("A select server for a chat"), "{}", chat.what());
        assert!(chat.paragraph("Try").unwrap().starts_with("`nc 127.0.0.1 6969`"));
        assert_eq!(chat.page(), "file-select-server-examples-chat.html");
        let client = read("select-server/examples/chat-client.rs");
        assert_eq!((client.name.as_str(), client.server.is_none()), ("chat-client", true));
        let library = read("selectors-server/src/lib.rs");
        assert_eq!((library.name.as_str(), library.command), ("selectors-server, lib.rs", None));
    }
}
