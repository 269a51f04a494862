//! The check of all files.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::mirror::figures::{Figures, figures};
use crate::mirror::source::Source;
use crate::mirror::{check, format, unlisted};
use xtask::catalog::fact;
use xtask::catalog::manifest::{self, MORE_THAN_LISTING, Manifest};
use xtask::notes::copies::Copies;
use xtask::notes::fault::Fault;

pub struct Row {
    pub listing: String,
    pub file: String,
    /// Code lines that the file names.
    pub named: usize,
    /// Code lines that the listing has.
    pub to_name: usize,
    /// How thin the file is.
    pub figures: Figures,
    /// Whether the figures are added up.
    pub counts: bool,
}

pub struct Findings {
    /// A row for each file, in the manifest's order.
    pub rows: Vec<Row>,
    /// Listings of which every file names every line.
    pub complete: usize,
    /// Listings that there are.
    pub listings: usize,
    /// Code lines that every file of their listing names.
    pub named: usize,
    /// Code lines that there are.
    pub to_name: usize,
    pub faults: Vec<Fault>,
}

impl Findings {
    /// The figures of all files that count.
    pub fn total(&self) -> Figures {
        let counting = self.rows.iter().filter(|row| row.counts);
        counting.fold(Figures::default(), |total, row| total.and(row.figures))
    }
}

/// Checks every mirror of the workspace at `root`, and with `notes` the manifest against the notes
/// in that folder.
pub fn find(root: &Path, notes: Option<&Path>) -> Result<Findings> {
    let manifest = manifest::read(root)?;
    let facts = fact::read(root, &manifest)?;
    let copies = notes.map(|folder| Copies::find(folder, &manifest, &facts)).transpose()?;
    let mut findings = Findings {
        rows: Vec::new(),
        complete: 0,
        listings: manifest.listings.len(),
        named: 0,
        to_name: 0,
        faults: unlisted::find(root, &manifest)?,
    };
    let formats = format::is_there();
    for listing in &manifest.listings {
        let mut named = listing.code.clone();
        for file in &listing.files {
            let text = fs::read_to_string(root.join(file)).unwrap_or_else(|error| {
                let message = format!("mirrors {}: {error}", listing.id());
                findings.faults.push(Fault::new(file, 1, message));
                String::new()
            });
            let source = Source::parse(&text).ok();
            let here =
                source.as_ref().map_or(BTreeSet::new(), |it| check::named(listing, &it.margin));
            named.retain(|line| here.contains(line));
            findings.rows.push(Row {
                listing: listing.id(),
                file: file.clone(),
                named: here.len(),
                to_name: listing.code.len(),
                figures: source.as_ref().map(figures).unwrap_or_default(),
                counts: !MORE_THAN_LISTING.contains(&file.as_str()),
            });
            findings.faults.extend(check::check(listing, &facts, file, &text));
            if let (Some(source), true) = (&source, formats) {
                findings.faults.extend(format::check(root, file, &source.margin)?);
            }
        }
        findings.complete += usize::from(named == listing.code);
        findings.named += named.len();
        findings.to_name += listing.code.len();
        if let Some(copies) = &copies {
            findings.faults.extend(xtask::notes::check::check(listing, &facts, copies)?);
        }
    }
    findings.faults.extend(models(root, &manifest)?);
    Ok(findings)
}

/// What is wrong with the files that follow a note in words; the first row of each is its head's.
fn models(root: &Path, manifest: &Manifest) -> Result<Vec<Fault>> {
    let mut faults = Vec::new();
    let mut seen = BTreeSet::new();
    for prose in manifest.prose.iter().filter(|prose| seen.insert(&prose.file)) {
        let text = fs::read_to_string(root.join(&prose.file));
        let text = text.with_context(|| format!("read {}", prose.file))?;
        faults.extend(check::model(prose, &text));
    }
    Ok(faults)
}

#[cfg(test)]
mod tests;
