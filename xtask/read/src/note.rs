//! The page of a note: its prose in its own order, and in their places its listings.

use maud::{Markup, html};

use crate::exercise::table as exercises;
use crate::listing::table;
use crate::notes::Note;
use crate::page::words;
use crate::prose::{Block, blocks, repetition};
use crate::site::Site;
use crate::{about, site};
use xtask::catalog::manifest::{Listing, Prose};

/// Rows of a listing from which on it may be torn between two sheets of paper.
const LONG: usize = 40;

pub fn body(site: &Site, note: &Note) -> Markup {
    let listings = site.listings_of(&note.number);
    let blocks = blocks(note, &listings);
    let repeated = repetition(note);
    let is_repeated =
        |block: &&Block| repeated.is_some_and(|(_, again)| *block.lines(note).start() >= again);
    let first = blocks.iter().filter(|block| !is_repeated(block));
    html! {
        h1 { (words("Note", "笔记")) " " (note.number) }
        p.source {
            (note.file) ", " (note.lines.len()) " "
            (words("lines. A line's address is its number:", "行。地址里的数字就是行号："))
            " " code { (site::note_page(&note.number)) "#12" }
        }
        (contents(site, &listings))
        @for block in first { (self::block(site, note, block)) }
        @if let Some((said, again)) = repeated {
            details {
                summary {
                    (words("The note says this again, from line", "笔记在此重复前文，行号：")) " "
                    (said) " → " (again)
                }
                @for block in blocks.iter().filter(is_repeated) { (self::block(site, note, block)) }
            }
        }
    }
}

fn contents(site: &Site, listings: &[&Listing]) -> Markup {
    html! {
        nav.text aria-label="Listings" {
            ul {
                @for listing in listings {
                    li {
                        a href={ "#" (anchor(listing)) } { (listing.id()) }
                        @for program in site.programs_of(listing) { ", " (program.name) }
                    }
                }
            }
        }
    }
}

/// The address of a listing's heading.
pub fn anchor(listing: &Listing) -> String {
    format!("listing-{}", listing.lines.start())
}

fn block(site: &Site, note: &Note, block: &Block) -> Markup {
    let lines = block.lines(note);
    let ends_here = |prose: &&Prose| lines.contains(prose.lines.end());
    let models = site.prose_of(&note.number).filter(ends_here);
    let is_described = site
        .prose_of(&note.number)
        .any(|prose| lines.clone().any(|line| prose.lines.contains(&line)));
    html! {
        @match block {
            Block::Prose { html, .. } if is_described => div.described lang="zh-CN" { (html) },
            Block::Prose { html, .. } => div lang="zh-CN" { (html) },
            Block::Listing(listing) => (self::listing(site, note, listing)),
        }
        (site.claims.beside(&note.number, &lines))
        @for picture in site.pictures.iter().filter(|one| one.is_beside(&note.number, &lines)) {
            (picture.figure())
        }
        @for prose in models {
            @if let Some(program) = site.program(&prose.file) {
                (about::model(program))
                (exercises::beside(&site.exercises, &program.file))
            }
        }
    }
}

fn listing(site: &Site, note: &Note, listing: &Listing) -> Markup {
    let class = if listing.lines.clone().count() > LONG { "listing long" } else { "listing" };
    html! {
        @for (position, program) in site.programs_of(listing).into_iter().enumerate() {
            section class=(class) id=[(position == 0).then(|| anchor(listing))] {
                div.above {
                    h2 { (listing.id()) ", " (program.name) }
                    (about::about(program, &site.matrix))
                    dl.about {
                        dt { "Python" }
                        dd { code { "cargo xtask read " (listing.id()) " --notes DIR --original > original.py" } }
                    }
                    (exercises::beside(&site.exercises, &program.file))
                }
                (table(note, listing, program, position))
            }
        }
    }
}
