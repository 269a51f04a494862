//! One place of a note in the terminal.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::path::Path;

use anyhow::{Result, bail};
use console::Style;

use crate::beside::Beside;
use crate::columns::{Columns, Screen};
use crate::notes::{self, Note};
use crate::place::Place;
use crate::program::Program;
use crate::rows::said_in;
use xtask::catalog::fact;
use xtask::catalog::manifest::{self, Listing, Manifest};
use xtask::notes::copies::Copies;

/// Rows around the statement of a single line.
const AROUND: usize = 3;

/// The lines at a place beside the Rust that says them, from the notes in a folder; without a
/// folder the Rust alone. Where there is no code, the nearest.
///
/// # Errors
/// When there is no such note or line, or something cannot be read.
pub fn place(root: &Path, folder: Option<&Path>, place: &Place, screen: &Screen) -> Result<String> {
    let manifest = manifest::read(root)?;
    let known = manifest.notes();
    if !known.contains(place.note.as_str()) {
        let known: Vec<&str> = known.into_iter().collect();
        bail!("no note is called {}; there are {}", place.note, known.join(", "));
    }
    let read = |folder| {
        let facts = fact::read(root, &manifest)?;
        let copies = Copies::find(folder, &manifest, &facts)?;
        notes::read(&copies, &manifest, &facts, &place.note)
    };
    let note = folder.map(read).transpose()?;
    let note = note.as_ref();
    if let Some(note) = note.filter(|note| *place.lines.end() > note.lines.len()) {
        bail!("{} has {} lines; there is no {place}", note.file, note.lines.len());
    }
    let mut text = models(root, &manifest, place, screen)?;
    let nearest = nearest(&manifest, place);
    let is_code = |line: usize| manifest.listings.iter().any(|one| one.holds(&place.note, line));
    if !place.lines.clone().any(is_code) {
        text += &format!("{place} holds no code; the nearest is {nearest}\n\n");
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
            text += &format!("{separator}{}{shown}", head(listing, &program, screen));
            separator = "\n";
        }
    }
    Ok(text)
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
            text += &format!("{}\n", program.what());
            let command = program.command.iter().map(|command| format!("{command}\n"));
            text += &command.collect::<String>();
            text += "\n";
        }
    }
    Ok(text)
}

/// What is above a listing: its name, its file, its command.
fn head(listing: &Listing, program: &Program, screen: &Screen) -> String {
    let title = format!("{}  {}", listing.id(), program.file);
    let title = screen.styled(&Style::new().bold(), &title);
    let command = program.command.iter().map(|command| format!("{command}\n"));
    format!("{title}\n{}\n", command.collect::<String>())
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
