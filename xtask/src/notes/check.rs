//! What the manifest says of a listing and the note's own file does not.

use std::collections::BTreeSet;

use anyhow::Result;

use crate::catalog::fact::{Fact, Facts};
use crate::catalog::manifest::Listing;
use crate::notes::code;
use crate::notes::copies::Copies;
use crate::notes::fault::Fault;

/// What the manifest says of a listing and the note does not.
///
/// # Errors
/// When the note cannot be read.
pub fn check(listing: &Listing, facts: &Facts, copies: &Copies) -> Result<Vec<Fault>> {
    let (file, text) = copies.read(&listing.note)?;
    let Some(lines) = code::listing_of(text, listing) else {
        let message = format!("the note ends before {}", listing.id());
        return Ok(vec![Fault::new(file, text.lines().count(), message)]);
    };
    let said = code::facts_of(&lines);
    let numbers: BTreeSet<usize> = lines.iter().map(|(line, _)| *line).collect();
    let missed = numbers.difference(&listing.code);
    let missed = missed.map(|line| (line, "holds code, which the manifest leaves out".to_owned()));
    let extra = listing.code.difference(&numbers);
    let extra =
        extra.map(|line| (line, "holds no code, which the manifest says it does".to_owned()));
    let other = numbers.intersection(&listing.code).filter_map(|line| {
        let here = said.get(line).map_or(&[][..], Vec::as_slice);
        let there = facts.of(&listing.note, *line);
        (there != here)
            .then(|| (line, format!("says {}, and the manifest {}", list(here), list(there))))
    });
    let faults = missed.chain(extra).chain(other);
    Ok(faults.map(|(line, message)| Fault::new(file, *line, message)).collect())
}

/// Facts as a fault shows them.
fn list(facts: &[Fact]) -> String {
    let facts: Vec<String> = facts.iter().map(|fact| format!("`{fact}`")).collect();
    if facts.is_empty() { "nothing".to_owned() } else { facts.join(" ") }
}
