//! One place of a note in the terminal, or what there is in a note.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::path::Path;

use anyhow::{Result, bail};
use console::Style;

use crate::beside::Beside;
use crate::claims::Claims;
use crate::columns::{Columns, Screen};
use crate::notes::{self, Note};
use crate::place::Place;
use crate::program::Program;
use crate::rows::said_in;
use xtask::catalog::fact;
use xtask::catalog::language::Language;
use xtask::catalog::manifest::{self, Listing, Manifest};
use xtask::notes::copies::Copies;
use xtask::terminal::wrapped;

/// Rows around the statement of a single line.
const AROUND: usize = 3;

/// Columns of a place in the contents.
const PLACE: usize = 14;

/// The lines at a place beside the Rust that says them, from the notes in a folder, and the answers
/// to what they claim; without a folder the Rust and the answers. Where there is nothing of this,
/// the nearest code.
pub fn place(root: &Path, folder: Option<&Path>, place: &Place, screen: &Screen) -> Result<String> {
    let manifest = manifest::read(root)?;
    let note = read(root, folder, &manifest, &place.note)?;
    let note = note.as_ref();
    if let Some(note) = note.filter(|note| *place.lines.end() > note.lines.len()) {
        bail!("{} has {} lines; there is no {place}", note.file, note.lines.len());
    }
    let answers = Claims::read(root)?.told(&place.note, &place.lines, screen.language);
    let mut text = models(root, &manifest, place, screen)?;
    let nearest = nearest(&manifest, place);
    let is_code = |line: usize| manifest.listings.iter().any(|one| one.holds(&place.note, line));
    if !place.lines.clone().any(is_code) {
        let said = note.map_or_else(String::new, |note| said(note, &place.lines));
        if !answers.is_empty() || !text.is_empty() {
            return Ok(joined([said, answers, text]));
        }
        let english = format!("{place} holds no code; the nearest is {nearest}\n\n");
        let chinese = format!("{place} 没有代码；最近的是 {nearest}\n\n");
        text = joined([said, screen.language.choose(english, chinese)]);
    }
    let mut separator = "";
    for listing in &manifest.listings {
        let here = |line: &usize| listing.holds(&place.note, *line);
        if !nearest.lines.clone().any(|line| here(&line)) {
            continue;
        }
        for file in &listing.files {
            let program = Program::read(root, file)?;
            let shown = shown(note, listing, &program, &nearest.lines, screen);
            let title = format!("{}  {file}", listing.id());
            let title = screen.styled(&Style::new().bold(), &title);
            let head = match place.lines.start() == place.lines.end() {
                true => command(&program),
                false => told(&program, screen),
            };
            text += &format!("{separator}{title}\n{head}\n{shown}");
            separator = "\n";
        }
    }
    if !answers.is_empty() {
        text += &format!("\n{answers}");
    }
    Ok(text)
}

/// Parts of a text that are not empty, with an empty line between two.
fn joined<const COUNT: usize>(parts: [String; COUNT]) -> String {
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
}

/// Some lines of a note, each as it is called.
fn said(note: &Note, lines: &RangeInclusive<usize>) -> String {
    let line = |number| format!("{}:{number}  {}\n", note.number, note.lines[number - 1]);
    lines.clone().map(line).collect()
}

/// The note from a folder; `None` without a folder.
fn read(
    root: &Path,
    folder: Option<&Path>,
    manifest: &Manifest,
    number: &str,
) -> Result<Option<Note>> {
    let known = manifest.notes();
    if !known.contains(number) {
        let known: Vec<&str> = known.into_iter().collect();
        bail!("no note is called {number}; there are {}", known.join(", "));
    }
    let read = |folder| {
        let facts = fact::read(root, manifest)?;
        let copies = Copies::find(folder, manifest, &facts)?;
        notes::read(&copies, manifest, &facts, number)
    };
    folder.map(read).transpose()
}

/// What there is in a note, by its lines: listings and models with their files, claims with their
/// answers.
pub fn contents(
    root: &Path,
    folder: Option<&Path>,
    number: &str,
    language: Language,
) -> Result<String> {
    let manifest = manifest::read(root)?;
    let note = read(root, folder, &manifest, number)?;
    let listings = manifest.listings.iter().filter(|listing| listing.note == number);
    let listings = listings.map(|one| (*one.lines.start(), one.id(), one.files.join(", ")));
    let models = manifest.prose.iter().filter(|prose| prose.note == number);
    let models = models.map(|one| (*one.lines.start(), one.id(), one.file.clone()));
    let claims = Claims::read(root)?.in_note(number, language);
    let mut rows: Vec<(usize, String, String)> = listings.chain(models).chain(claims).collect();
    rows.sort();
    let lines = language.choose("lines", "行");
    let mut text = note.map_or_else(String::new, |note| {
        format!("{}, {} {lines}\n\n", note.file, note.lines.len())
    });
    for (_, id, what) in rows {
        text += &wrapped(&format!("{id:PLACE$}{what}"), &" ".repeat(PLACE));
    }
    let one = language.choose("One of them: ", "查看其中一处：");
    Ok(text + &format!("\n{one}cargo xtask read PLACE --notes DIR\n"))
}

/// The place, or the line of code that is nearest to it; of two the one behind it.
fn nearest(manifest: &Manifest, place: &Place) -> Place {
    let listings = manifest.listings.iter().filter(|listing| listing.note == place.note);
    let distance = |line: &usize| match line {
        line if place.lines.contains(line) => 0,
        line if line < place.lines.start() => 2 * (place.lines.start() - line) + 1,
        line => 2 * (line - place.lines.end()),
    };
    let line = listings.flat_map(|listing| &listing.code).min_by_key(|line| distance(line));
    match line {
        Some(line) if distance(line) > 0 => {
            Place { note: place.note.clone(), lines: *line..=*line }
        }
        _ => place.clone(),
    }
}

/// The models that the note describes at a place.
fn models(root: &Path, manifest: &Manifest, place: &Place, screen: &Screen) -> Result<String> {
    let mut text = String::new();
    let overlaps = |lines: &RangeInclusive<usize>| {
        lines.start() <= place.lines.end() && place.lines.start() <= lines.end()
    };
    for prose in &manifest.prose {
        if prose.note == place.note && overlaps(&prose.lines) {
            let program = Program::read(root, &prose.file)?;
            let title = format!("{}  {}", prose.id(), program.file);
            text += &format!("{}\n", screen.styled(&Style::new().bold(), &title));
            text += &told(&program, screen);
            text += "\n";
        }
    }
    Ok(text)
}

/// What a program's head says besides its departures, and its command.
fn told(program: &Program, screen: &Screen) -> String {
    let mut text = screen.said("", program.what(), "") + &command(program);
    for (word, chinese) in [("Try", "试一试"), ("Costs", "代价"), ("Experiment", "实验")] {
        if let Some(said) = program.paragraph(word) {
            let label = screen.language.choose(format!("{word}: "), format!("{chinese}："));
            text += &screen.said(&label, said, "");
        }
    }
    text
}

fn command(program: &Program) -> String {
    program.command.iter().map(|command| format!("{command}\n")).collect()
}

/// The rows of some lines, or of a single line and those around it.
fn shown(
    note: Option<&Note>,
    listing: &Listing,
    program: &Program,
    lines: &RangeInclusive<usize>,
    screen: &Screen,
) -> String {
    let beside = Beside::new(note, listing, program);
    let is_single = lines.start() == lines.end();
    let columns = Columns::new(screen, &beside, note.is_some(), is_single);
    let last = beside.rows.len() - 1;
    let mut positions: BTreeSet<usize> = BTreeSet::new();
    if is_single {
        for at in said_in(&beside.rows, *lines.start()) {
            positions.extend(at.saturating_sub(AROUND)..=(at + AROUND).min(last));
        }
    } else if lines.contains(listing.lines.start()) && lines.contains(listing.lines.end()) {
        positions.extend(0..=last);
    } else {
        let has = |at: &usize| beside.rows[*at].note.iter().any(|line| lines.contains(line));
        let with: Vec<usize> = (0..=last).filter(has).collect();
        if let (Some(first), Some(last)) = (with.first(), with.last()) {
            positions.extend(*first..=*last);
        }
    }
    let mut text = String::new();
    let mut next = None;
    for position in positions {
        if next.is_some_and(|next| next < position) {
            text += "…\n";
        }
        text += &columns.row(position);
        next = Some(position + 1);
    }
    text
}
