//! What waits and what copies, in each model: the documents of the workspace as a part of a page.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use maud::{Markup, html};

use crate::site::Site;
use crate::text;

const FILE: &str = "docs/phases.md";
/// The same with its Chinese.
const FILES: [(&str, &str); 2] = [("en", FILE), ("zh-CN", "docs/phases.zh-CN.md")];

/// The documents below their titles, as Markdown.
pub struct Phases(Vec<(&'static str, String)>);

pub fn read(root: &Path) -> Result<Phases> {
    let read = |(language, file): (&'static str, &str)| {
        let text = fs::read_to_string(root.join(file)).with_context(|| format!("read {file}"))?;
        let (_, title) = text.split_once("\n# ").with_context(|| format!("{file} has no title"))?;
        // The picture is beside both languages, once.
        let is_text = |line: &&str| !line.starts_with("![");
        let below: Vec<&str> = title.lines().skip(1).filter(is_text).collect();
        Ok((language, below.join("\n")))
    };
    Ok(Phases(FILES.into_iter().map(read).collect::<Result<_>>()?))
}

impl Phases {
    /// Both languages, and the picture; a link to a program leads to its page.
    pub fn html(&self, site: &Site) -> Markup {
        html! {
            @for (language, text) in &self.0 {
                div.said.phases lang=(language) { (text::markdown(&linked(text, site))) }
            }
            @for picture in site.pictures.iter().filter(|picture| picture.is_of(FILE)) {
                (picture.figure())
            }
        }
    }
}

fn linked(text: &str, site: &Site) -> String {
    site.programs().fold(text.to_owned(), |text, program| {
        text.replace(&format!("](../{})", program.file), &format!("]({})", program.page()))
    })
}
