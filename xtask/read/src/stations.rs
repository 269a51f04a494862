//! The way through the project, in the order in which one learns.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;

/// Where the stations are, from the workspace's root.
const FILE: &str = "xtask/data/stations.toml";
/// Where they are for a reader without pages.
pub const DOCUMENT: &str = "docs/stations.md";

/// A thing to do, and what to understand by it. Texts are Markdown.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Station {
    /// What it is about.
    pub title: String,
    /// The listing to read beside it; empty where there is none.
    pub listing: String,
    /// The command of the first terminal.
    pub start: String,
    /// What to do elsewhere, and what one then sees.
    pub then: String,
    /// What to ask oneself.
    pub question: String,
    /// The answer.
    pub answer: String,
}

#[derive(Deserialize)]
struct File {
    station: Vec<Station>,
}

/// All stations of the workspace at `root`.
///
/// # Errors
/// When the file cannot be read, or is malformed.
pub fn read(root: &Path) -> Result<Vec<Station>> {
    let text = fs::read_to_string(root.join(FILE)).with_context(|| format!("read {FILE}"))?;
    let file: File = toml::from_str(&text).with_context(|| format!("read {FILE}"))?;
    Ok(file.station)
}

/// The document: each answer is folded, until a reader has thought about the question.
pub fn markdown(stations: &[Station]) -> String {
    let mut text = "# The way through\n\nEach station is something to run, a question and its \
                    answer. Start the command, do the rest in other terminals, and think before \
                    you open the answer. `cargo xtask read --markdown` wrote this file.\n"
        .to_owned();
    for (index, station) in stations.iter().enumerate() {
        let Station { title, listing, start, then, question, answer } = station;
        let beside = match listing.as_str() {
            "" => String::new(),
            id => format!(" Beside it: `cargo xtask read {id} --notes DIR`."),
        };
        text += &format!(
            "\n## {}. {title}\n\n```\n{start}\n```\n\nThen: {then}{beside}\n\n**{question}**\n\n\
             <details><summary>Answer</summary>\n\n{answer}\n\n</details>\n",
            index + 1,
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use xtask::catalog::manifest;

    #[test]
    fn every_station_has_its_listing_and_a_command_of_this_project() {
        let manifest = manifest::read(xtask::root()).unwrap();
        for Station { title, listing, start, .. } in read(xtask::root()).unwrap() {
            let is_known = manifest.listings.iter().any(|known| known.id() == listing);
            assert!(listing.is_empty() || is_known, "{title}: {listing}");
            assert!(start.starts_with("cargo run -p ") || start.starts_with("cargo xtask "));
        }
    }

    #[test]
    fn the_document_is_made_of_the_data() {
        let written = fs::read_to_string(xtask::root().join(DOCUMENT)).unwrap();
        assert!(
            written == markdown(&read(xtask::root()).unwrap()),
            "write it anew: cargo xtask read --markdown"
        );
    }
}
