//! The reader's own copies of the notes, whatever their files are called.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

use crate::catalog::fact::{Fact, Facts};
use crate::catalog::manifest::Manifest;
use crate::catalog::{fact, manifest};
use crate::notes::code;

/// The largest file that may be a note, in bytes.
const LARGEST: u64 = 1024 * 1024;

/// The names that a message shows of a folder.
const SHOWN: usize = 5;

/// The files of a folder, some of which are notes.
pub struct Copies {
    folder: PathBuf,
    files: Vec<File>,
}

struct File {
    name: String,
    /// Its text, or why it cannot be shown.
    text: Result<String, String>,
    /// The note that it is by its code.
    note: Option<String>,
}

impl Copies {
    /// Looks for the notes that the workspace at `root` mirrors.
    ///
    /// # Errors
    /// When something cannot be read, or no file of the folder is a note.
    pub fn open(root: &Path, folder: &Path) -> Result<Copies> {
        let manifest = manifest::read(root)?;
        Copies::find(folder, &manifest, &fact::read(root, &manifest)?)
    }

    /// Looks which files of a folder are notes: by their code, else by the number in their names.
    ///
    /// # Errors
    /// When the folder cannot be read, or no file of it is a note.
    pub fn find(folder: &Path, manifest: &Manifest, facts: &Facts) -> Result<Copies> {
        let expected = || {
            let expected = expected(manifest);
            format!("expected a folder with the notes' files, {expected}, or under other names")
        };
        let held = |text: &str| held(text, manifest, facts);
        let files = files(folder, held).with_context(expected)?;
        let copies = Copies { folder: folder.to_owned(), files };
        let is_any = manifest.notes().into_iter().any(|note| copies.file(note).is_some());
        ensure!(is_any, "{}; {}", expected(), copies.found());
        Ok(copies)
    }

    /// The name and the text of a note.
    ///
    /// # Errors
    /// When there is none, or it cannot be read, or is not UTF-8.
    pub fn read(&self, note: &str) -> Result<(&str, &str)> {
        let Some(file) = self.file(note) else { bail!("no note {note}: {}", self.found()) };
        match &file.text {
            Ok(text) => Ok((&file.name, text)),
            Err(why) => bail!("{why}"),
        }
    }

    /// The file of a note. A copy that was converted may be beside the original.
    fn file(&self, note: &str) -> Option<&File> {
        let is_it = |file: &&File| match &file.note {
            Some(own) => own == note,
            None => note.parse().ok() == number(&file.name),
        };
        let files = self.files.iter().filter(is_it);
        files.min_by_key(|file| (file.note.is_none(), file.text.is_err()))
    }

    /// What there is in the folder.
    fn found(&self) -> String {
        let folder = self.folder.display();
        let names: Vec<&str> = self.files.iter().map(|file| file.name.as_str()).collect();
        let shown = names[..names.len().min(SHOWN)].join(", ");
        match names.len() {
            0 => format!("{folder} holds no text"),
            1..=SHOWN => format!("{folder} holds {shown}"),
            more => format!("{folder} holds {shown} and {} more", more - SHOWN),
        }
    }
}

/// What a folder is expected to hold, as `000_….txt, 001_….txt`.
pub fn expected(manifest: &Manifest) -> String {
    let names: Vec<String> =
        manifest.notes().iter().map(|number| format!("{number}_….txt")).collect();
    names.join(", ")
}

/// The files of a folder that may be notes, by their names; an editor's own files are hidden.
fn files(folder: &Path, held: impl Fn(&str) -> Option<String>) -> Result<Vec<File>> {
    let context = || format!("read {}", folder.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).with_context(context)? {
        let path = entry.with_context(context)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let is_small = fs::metadata(&path).is_ok_and(|it| it.is_file() && it.len() <= LARGEST);
        if is_small && !name.starts_with('.') {
            let bytes = fs::read(&path);
            let note = bytes.as_ref().ok().and_then(|bytes| held(&String::from_utf8_lossy(bytes)));
            files.push(File { name, text: text(&path, bytes), note });
        }
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(files)
}

/// The text of a file without the mark of some editors, or why there is none.
fn text(path: &Path, bytes: io::Result<Vec<u8>>) -> Result<String, String> {
    let path = path.display();
    let text = String::from_utf8(bytes.map_err(|error| format!("read {path}: {error}"))?);
    text.map(|text| text.trim_start_matches('\u{feff}').to_owned()).map_err(|error| {
        let from = encoding(error.as_bytes());
        format!("{path} is not UTF-8; try: iconv -f {from} -t UTF-8 '{path}' > '{path}.utf8.txt'")
    })
}

/// The note of whose code lines a text says the most, and at least half, wherever they are.
fn held(text: &str, manifest: &Manifest, facts: &Facts) -> Option<String> {
    let said: BTreeSet<Vec<Fact>> = text.lines().map(code::facts_of_line).collect();
    let percent = |note: &str| {
        let own: Vec<_> = facts.0.iter().filter(|((of, _), _)| of == note).collect();
        let same = own.iter().filter(|(_, facts)| said.contains(*facts)).count();
        100 * same / own.len().max(1)
    };
    let best = manifest.notes().into_iter().max_by_key(|note| percent(note))?;
    (percent(best) >= 50).then(|| best.to_owned())
}

/// The number in the name of a text: the only one, or the one before an underscore.
fn number(name: &str) -> Option<u32> {
    let stem = name.strip_suffix(".txt").or_else(|| name.strip_suffix(".md"))?;
    let before = stem.split('_').next().unwrap_or_default();
    let parse = |text: &str| text.trim_matches(|one: char| !one.is_ascii_digit()).parse().ok();
    parse(stem).or_else(|| parse(before))
}

/// The encoding of a text that is not UTF-8, by its mark, else the usual one of Chinese text.
fn encoding(bytes: &[u8]) -> &'static str {
    match bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "UTF-16",
        _ => "GB18030",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_the_number_of_its_note() {
        for (name, expected) in [
            ("000.md", Some(0)),
            ("002_bd68428ff63ce7a1.txt", Some(2)),
            ("笔记0.txt", Some(0)),
            ("note_4.txt", Some(4)),
            ("IO models (4).md", Some(4)),
            ("notes.md", None),
            ("2024-01-02.md", None),
            ("adler2.d", None),
            ("99999999999999999999.txt", None),
        ] {
            assert_eq!(number(name), expected, "{name}");
        }
    }
}
