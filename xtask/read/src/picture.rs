//! Pictures, as parts of a page, which loads nothing: what `cargo xtask trace --all` drew of the
//! models, and those of `docs/pictures` beside the places that they explain.

use std::fs;
use std::ops::RangeInclusive;
use std::path::Path;

use anyhow::{Context, Result};
use maud::{Markup, PreEscaped, html};
use serde::Deserialize;

use crate::page;
use crate::place::Place;
use xtask::catalog::data;
use xtask::catalog::language::Both;

/// Where the picture of the models is, from the workspace's root.
pub const MODELS: &str = "docs/trace.svg";
const FILE: &str = "xtask/data/pictures.toml";
const FOLDER: &str = "docs/pictures";
/// Where they are for a reader without pages.
pub const DOCUMENT: &str = "docs/pictures/README.md";

#[derive(Debug, Deserialize)]
pub struct Picture {
    /// The name of its file, without `.svg`.
    pub name: String,
    /// What it explains: lines of a note, or a file of the workspace.
    pub at: Vec<String>,
    #[serde(flatten)]
    pub words: Both<Words>,
    #[serde(skip)]
    svg: String,
}

/// What a picture shows. The caption is Markdown.
#[derive(Debug, Deserialize)]
pub struct Words {
    pub title: String,
    pub caption: String,
}

#[derive(Deserialize)]
struct File {
    picture: Vec<Picture>,
}

pub fn read(root: &Path) -> Result<Vec<Picture>> {
    let mut pictures = data::read::<File>(root, FILE)?.picture;
    for picture in &mut pictures {
        picture.svg = svg(root, &format!("{FOLDER}/{}.svg", picture.name))?;
    }
    Ok(pictures)
}

pub fn models(root: &Path) -> Result<Markup> {
    drawn(root, MODELS, &format!("cargo xtask trace --all --svg {MODELS}"))
}

/// What the same command drew of one server; `None` where it is not among those.
pub fn traced(root: &Path, name: &str) -> Option<Markup> {
    drawn(root, &format!("docs/trace/{name}.svg"), &format!("cargo xtask trace {name}")).ok()
}

fn drawn(root: &Path, file: &str, command: &str) -> Result<Markup> {
    let svg = svg(root, file)?;
    Ok(html! {
        figure.picture {
            (PreEscaped(svg))
            figcaption.source { code { (command) } }
        }
    })
}

fn svg(root: &Path, file: &str) -> Result<String> {
    fs::read_to_string(root.join(file)).with_context(|| format!("read {file}"))
}

impl Picture {
    pub fn figure(&self) -> Markup {
        html! {
            figure.picture {
                (PreEscaped(&self.svg))
                figcaption.source {
                    (page::said(&self.words.english.caption, Some(&self.words.zh.words.caption)))
                }
            }
        }
    }

    /// Whether it explains lines of a note that end in these.
    pub fn is_beside(&self, note: &str, lines: &RangeInclusive<usize>) -> bool {
        let mut places = self.at.iter().filter_map(|at| at.parse::<Place>().ok());
        places.any(|place| place.note == note && lines.contains(place.lines.end()))
    }

    /// Whether it explains a file.
    pub fn is_of(&self, file: &str) -> bool {
        self.at.iter().any(|at| at == file)
    }
}

/// The document with all pictures, in both languages.
pub fn markdown(pictures: &[Picture]) -> String {
    let mut text = "# Pictures · 图\n\nEach picture is light or dark, as your system is. \
                    `cargo xtask read --markdown` wrote this file.\n每幅图随系统设置呈浅色或深色。本文件由 \
                    `cargo xtask read --markdown` 生成。\n"
        .to_owned();
    for Picture { name, at, words: Both { english: Words { title, caption }, zh }, .. } in pictures
    {
        let zh = &zh.words;
        let file = |at: &String| match at.parse::<Place>() {
            Ok(_) => format!("`{at}`"),
            Err(_) => format!("[{at}](../../{at})"),
        };
        let at: Vec<String> = at.iter().map(file).collect();
        text += &format!(
            "\n## {title} · {}\n\n![{title} · {}]({name}.svg)\n\n{caption}\n\n{}\n\nBeside · 对照：{}\n",
            zh.title,
            zh.title,
            zh.caption,
            at.join(", "),
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use xtask::catalog::manifest;

    fn pictures() -> Vec<Picture> {
        read(xtask::root()).unwrap()
    }

    #[test]
    fn every_place_is_a_file_or_in_a_note() {
        let manifest = manifest::read(xtask::root()).unwrap();
        for Picture { name, at, .. } in pictures() {
            for at in at {
                let is_place = at
                    .parse()
                    .is_ok_and(|place: Place| manifest.notes().contains(place.note.as_str()));
                assert!(is_place || xtask::root().join(&at).is_file(), "{name}: {at}");
            }
        }
    }

    #[test]
    fn every_picture_can_be_read_from_the_last_row_in_the_light_and_in_the_dark() {
        let entries = fs::read_dir(xtask::root().join(FOLDER)).unwrap();
        let files = entries.map(|entry| entry.unwrap().path());
        let count = files.filter(|file| file.extension().is_some_and(|it| it == "svg")).count();
        assert_eq!(count, pictures().len(), "each file is in {FILE}");
        for Picture { name, svg, .. } in pictures() {
            assert!(svg.contains(" viewBox=\"0 0 1600 900\""), "{name}: 16:9");
            assert!(svg.contains("<title>") && svg.contains("<desc>"), "{name}");
            assert!(svg.contains("@media (prefers-color-scheme: dark)"), "{name}");
            let sizes = svg.split("font-size: ").skip(1).chain(svg.split("font: ").skip(1));
            for size in sizes {
                let pixels: u32 = size.split_once("px").unwrap().0.parse().unwrap();
                assert!(pixels >= 900 / 45, "{name}: {pixels} px");
            }
        }
    }
}
