//! A Rust file of the workspace as a reader meets it: its name, its command, its head.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use maud::Markup;
use serde::Deserialize;

use crate::{page, picture};
use xtask::catalog::language::{Chinese, Language};
use xtask::catalog::margin::{Departure, Margin};
use xtask::catalog::{SERVERS, Server, data};

const HEADS: &str = "xtask/data/heads";
/// What the first paragraph of a head is called there.
const WHAT: &str = "what";

/// A mirror of a listing, or a model that a note describes in words.
pub struct Program {
    pub file: String,
    /// What it is called: the server's or the client's name, or the file's.
    pub name: String,
    /// What is known of it, where it is a server.
    pub server: Option<&'static Server>,
    /// The command that runs it; none for a library.
    pub command: Option<String>,
    /// Its text, taken apart.
    pub margin: Margin,
    /// What was seen of its system calls, where it is a model of the notes.
    pub trace: Option<Markup>,
    /// Its head in Chinese: the paragraphs by their first word, the departures by their lines.
    chinese: BTreeMap<String, Chinese<Text>>,
}

#[derive(Clone, Debug, Deserialize)]
struct Text {
    zh: String,
}

#[derive(Clone, Copy, Debug)]
pub struct Said<'a> {
    pub english: &'a str,
    pub chinese: Option<&'a str>,
}

impl<'a> Said<'a> {
    /// The text in a language; English where there is no other.
    pub fn to(self, language: Language) -> &'a str {
        language.choose(self.english, self.chinese.unwrap_or(self.english))
    }

    /// The text in both languages, for a page.
    pub fn html(self) -> Markup {
        page::said(self.english, self.chinese)
    }
}

impl Program {
    pub fn read(root: &Path, file: &str) -> Result<Program> {
        let text = fs::read_to_string(root.join(file)).with_context(|| format!("read {file}"))?;
        let server = SERVERS.iter().find(|server| server.file().as_deref() == Some(file));
        let (name, command) = name_and_command(file);
        let package = file.split('/').next().unwrap_or_default();
        let mut heads: BTreeMap<String, BTreeMap<String, Chinese<Text>>> =
            data::read_or_default(root, &format!("{HEADS}/{package}.toml"))?;
        let chinese = heads.remove(file).unwrap_or_default();
        let margin = Margin::read(&text);
        let trace = picture::traced(root, &name);
        Ok(Program { file: file.to_owned(), name, server, command, margin, trace, chinese })
    }

    /// What it is: the first paragraph of its head.
    pub fn what(&self) -> Said<'_> {
        self.said(WHAT, self.margin.head.first().map_or("", |(_, text)| text))
    }

    /// The paragraph of its head that begins with a word such as `Try`, without that word.
    pub fn paragraph(&self, word: &str) -> Option<Said<'_>> {
        let texts = self.margin.head.iter().map(|(_, text)| text.as_str());
        let mut found = texts.filter_map(|text| text.strip_prefix(word)?.strip_prefix(": "));
        Some(self.said(word, found.next()?))
    }

    pub fn departures(&self) -> Vec<Departure> {
        self.margin.departures()
    }

    /// Why it departs from its listing at one of these places.
    pub fn why<'a>(&'a self, departure: &'a Departure) -> Said<'a> {
        self.said(&departure.list, &departure.why)
    }

    fn said<'a>(&'a self, name: &str, english: &'a str) -> Said<'a> {
        Said { english, chinese: self.chinese.get(name).map(|text| text.words.zh.as_str()) }
    }

    /// The name of the page that shows the whole file.
    pub fn page(&self) -> String {
        format!("file-{}.html", self.file.trim_end_matches(".rs").replace('/', "-"))
    }
}

/// A file's name and command as cargo has them.
fn name_and_command(file: &str) -> (String, Option<String>) {
    let path: Vec<&str> = file.split('/').collect();
    match path.as_slice() {
        [package, "src", "main.rs"] => {
            ((*package).to_owned(), Some(format!("cargo run -p {package}")))
        }
        [package, "examples", name] => {
            let name = name.trim_end_matches(".rs");
            (name.to_owned(), Some(format!("cargo run -p {package} --example {name}")))
        }
        [package, .., name] => (format!("{package}, {name}"), None),
        _ => (file.to_owned(), None),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use xtask::catalog::language::fingerprint;
    use xtask::catalog::manifest;

    /// The texts of a head by the names that the translations have.
    fn english(program: &Program) -> BTreeMap<String, String> {
        let paragraphs = program.margin.head.iter().filter_map(|(line, text)| match line {
            1 => Some((WHAT, text.as_str())),
            _ => text.split_once(": ").filter(|(name, _)| !name.contains('\n')),
        });
        let paragraphs = paragraphs.map(|(name, text)| (name.to_owned(), text.to_owned()));
        paragraphs.chain(program.departures().into_iter().map(|one| (one.list, one.why))).collect()
    }

    /// What is wrong with the translation of a text.
    fn wrong(english: &str, chinese: Option<&Chinese<Text>>) -> Option<String> {
        let today = fingerprint(english.split_whitespace());
        let Some(chinese) = chinese else { return Some(format!("no translation, of = {today:?}")) };
        if chinese.of != today {
            return Some(format!("the English has changed: translate it anew, of = {today:?}"));
        }
        let words = |code: &str| code.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut code = english.split('`').skip(1).step_by(2).map(words);
        let missing = code.find(|code| !chinese.words.zh.contains(code))?;
        Some(format!("`{missing}` is not in the translation"))
    }

    #[test]
    fn every_head_has_a_translation_of_today_s_english() {
        let manifest = manifest::read(xtask::root()).unwrap();
        let files = manifest.listings.iter().flat_map(|listing| &listing.files);
        let files: BTreeSet<_> = files.chain(manifest.prose.iter().map(|one| &one.file)).collect();
        let mut faults = Vec::new();
        for file in files {
            let program = Program::read(xtask::root(), file).unwrap();
            let english = english(&program);
            for (name, text) in &english {
                let wrong = wrong(text, program.chinese.get(name));
                faults.extend(wrong.map(|wrong| format!("{file}, {name}: {wrong}")));
            }
            for name in program.chinese.keys().filter(|name| !english.contains_key(*name)) {
                faults.push(format!("{file}, {name}: its English is gone"));
            }
        }
        assert!(faults.is_empty(), "in {HEADS}:\n{}", faults.join("\n"));
    }

    #[test]
    fn a_program_has_its_name_and_command() {
        let read = |file: &str| Program::read(xtask::root(), file).unwrap();
        let chat = read("select-server/examples/chat.rs");
        assert_eq!(chat.command.as_deref(), Some("cargo run -p select-server --example chat"));
        assert_eq!(chat.server.map(|server| server.name), Some("chat"));
        let (english, chinese) = (Language::English, Language::Chinese);
        assert!(chat.what().to(english).starts_with("A select server for a chat"));
        assert!(chat.what().to(chinese).starts_with("聊天用的 select 服务器"));
        assert!(chat.paragraph("Try").unwrap().to(english).starts_with("`nc 127.0.0.1 6969`"));
        assert_eq!(chat.page(), "file-select-server-examples-chat.html");
        let client = read("select-server/examples/chat-client.rs");
        assert_eq!((client.name.as_str(), client.server.is_none()), ("chat-client", true));
        let library = read("selectors-server/src/lib.rs");
        assert_eq!((library.name.as_str(), library.command), ("selectors-server, lib.rs", None));
    }
}
