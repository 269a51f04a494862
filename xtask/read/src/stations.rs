//! The way through the project, in the order in which one learns.

use std::path::Path;

use anyhow::Result;
use serde::Deserialize;

use xtask::catalog::data;
use xtask::catalog::language::{Both, Language};

const FILE: &str = "xtask/data/stations.toml";
/// Where they are for a reader without pages.
pub const DOCUMENTS: [(Language, &str); 2] =
    [(Language::English, "docs/stations.md"), (Language::Chinese, "docs/stations.zh-CN.md")];

#[derive(Debug, Deserialize)]
pub struct Station {
    /// The lines of a note to read beside it; empty where there are none.
    pub listing: String,
    /// The command of the first terminal.
    pub start: String,
    /// The picture that explains the answer; empty where there is none.
    #[serde(default)]
    pub picture: String,
    #[serde(flatten)]
    pub words: Both<Words>,
}

/// What a station says, as Markdown.
#[derive(Debug, Deserialize)]
pub struct Words {
    pub title: String,
    /// What to do elsewhere, and what one then sees.
    pub then: String,
    /// What to ask oneself.
    pub question: String,
    pub answer: String,
}

#[derive(Deserialize)]
struct File {
    station: Vec<Station>,
}

pub fn read(root: &Path) -> Result<Vec<Station>> {
    Ok(data::read::<File>(root, FILE)?.station)
}

/// The document in one language: each answer is folded, until a reader has thought about the
/// question.
pub fn markdown(stations: &[Station], language: Language) -> String {
    let (mut text, then, beside, answer) = match language {
        Language::English => (
            "**English** · [中文](stations.zh-CN.md)\n\n# The way through\n\nEach station is \
             something to run, a question and its answer. Start the command, do the rest in other \
             terminals, and think before you open the answer. `cargo xtask read --markdown` wrote \
             this file.\n"
                .to_owned(),
            "Then: ",
            "Beside it: ",
            "Answer",
        ),
        Language::Chinese => (
            "[English](stations.md) · **中文**\n\n# 学习路线\n\n每一站都有一条要运行的命令、一个问题和它的答案。\
             先运行命令，再到别的终端里做其余的事；想一想，再打开答案。本文件由 \
             `cargo xtask read --markdown` 生成。\n"
                .to_owned(),
            "然后：",
            "对照阅读：",
            "答案",
        ),
    };
    for (index, station) in stations.iter().enumerate() {
        let words = station.words.to(language);
        let beside = match station.listing.as_str() {
            "" => String::new(),
            id => format!("\n\n{beside}`cargo xtask read {id} --notes DIR`"),
        };
        let picture = match station.picture.as_str() {
            "" => String::new(),
            name => format!("![{}](pictures/{name}.svg)\n\n", words.title),
        };
        text += &format!(
            "\n## {}. {}\n\n```\n{}\n```\n\n{then}{}{beside}\n\n**{}**\n\n\
             <details><summary>{answer}</summary>\n\n{}\n\n{picture}</details>\n",
            index + 1,
            words.title,
            station.start,
            words.then,
            words.question,
            words.answer,
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use xtask::catalog::{SERVERS, Server, manifest};

    #[test]
    fn every_station_has_its_listing_and_a_command_of_this_project() {
        let manifest = manifest::read(xtask::root()).unwrap();
        for Station { words, listing, start, .. } in read(xtask::root()).unwrap() {
            let is_known = manifest.listings.iter().any(|known| known.id() == listing)
                || manifest.prose.iter().any(|known| known.id() == listing);
            assert!(listing.is_empty() || is_known, "{}: {listing}", words.english.title);
            assert!(start.starts_with("cargo run -p ") || start.starts_with("cargo xtask "));
        }
    }

    #[test]
    fn what_one_types_reaches_the_server_that_was_started() {
        for station in read(xtask::root()).unwrap() {
            let is_it = |server: &&Server| {
                station.start == server.command()
                    || station.start.starts_with(&format!("{} -- ", server.command()))
            };
            let Some(server) = SERVERS.iter().find(is_it) else { continue };
            let nc = format!("nc {}", server.addr.replace(':', " "));
            for words in [Language::English, Language::Chinese].map(|one| station.words.to(one)) {
                let Words { title, then, .. } = words;
                assert!(then.contains(&nc), "{title}: no `{nc}` in {then}");
            }
        }
    }
}
