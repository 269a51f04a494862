//! The start page: the way through, the models, the listings.

use maud::{Markup, html};

use crate::about::{FILE, at_once, second_client};
use crate::note::anchor;
use crate::page;
use crate::program::Program;
use crate::site::{Site, note_page};
use crate::stations::{Station, Words};
use crate::text;
use xtask::catalog::language::Language;
use xtask::catalog::manifest::Listing;
use xtask::catalog::{SERVERS, Server};

/// The body of the start page.
pub fn body(site: &Site) -> Markup {
    html! {
        h1 { "I/O models, side by side" }
        p.text {
            "Your notes on the left, the Rust that says the same on the right, line by line. These \
             pages were made by " code { "cargo xtask read" } " from your own copy of the notes; \
             they load nothing and need no scripts."
        }
        h2 id="stations" { "The way through: one station after the other" }
        (page::switch())
        ol.stations { @for station in &site.stations { li.station { (self::station(site, station)) } } }
        section { h2 id="models" { "The models" } (models(site)) (site.picture) }
        section { h2 id="listings" { "The listings" } (listings(site)) }
    }
}

fn station(site: &Site, station: &Station) -> Markup {
    let words = [Language::English, Language::Chinese].map(|language| station.words(language));
    let both = |of: for<'a> fn(&'a Words<'a>) -> &'a str| {
        let [english, chinese] = words.each_ref().map(|words| text::inline(of(words)));
        page::both(&english, &chinese)
    };
    let label =
        |english: &str, chinese: &str| page::both(&html! { (english) }, &html! { (chinese) });
    html! {
        h3 { (both(|words| words.title)) }
        p {
            (label("Start ", "运行 ")) code translate="no" { (station.start) }
            @if let Some(link) = link(site, &station.listing) {
                (label(". Beside it: ", "，对照阅读：")) (link)
            }
        }
        p { (label("Then: ", "然后：")) (both(|words| words.then)) }
        p { b { (both(|words| words.question)) } }
        details { summary { (label("Answer", "答案")) } p { (both(|words| words.answer)) } }
    }
}

/// A link to a listing, by its name; none for one that there is not, or whose note is not shown.
fn link(site: &Site, id: &str) -> Option<Markup> {
    let listing = site.manifest.listings.iter().find(|listing| listing.id() == id)?;
    site.notes.iter().find(|note| note.number == listing.note)?;
    let page = note_page(&listing.note);
    Some(html! { a href={ (page) "#" (anchor(listing)) } { (id) } })
}

/// The first server of each model that the workspace has.
fn models(site: &Site) -> Markup {
    let mut seen: Vec<&str> = Vec::new();
    let programs = SERVERS.iter().filter_map(|server| {
        let is_new = !seen.contains(&server.model);
        let mut programs = site.programs();
        let program =
            programs.find(|one| one.server.is_some_and(|known| known.key() == server.key()));
        let found = program.filter(|_| is_new)?;
        seen.push(server.model);
        Some((server, found))
    });
    let rows: Vec<(&Server, &Program)> = programs.collect();
    html! {
        div.wide {
            table.facts {
                thead {
                    tr {
                        th { "model" } th { "in one sentence" } th { "command" }
                        th { "clients at once" } th { "a second client" }
                    }
                }
                tbody { @for (server, program) in rows { (model(site, server, program)) } }
            }
        }
        p.source {
            "Clients at once: the table of servers. A second client, while the first one says \
             nothing: the check " code { "second-client" } " in " (FILE) "."
        }
    }
}

fn model(site: &Site, server: &Server, program: &Program) -> Markup {
    let word = site.matrix.word(server, "second-client");
    html! {
        tr {
            td { a href=(program.page()) { (server.model) } }
            td { (text::inline(first_sentence(program.what()))) }
            td.command { code { (server.command()) } }
            td { (at_once(server.concurrency)) }
            td { (second_client(server.concurrency, word)) }
        }
    }
}

/// Up to the first full stop at the end of a word.
fn first_sentence(text: &str) -> &str {
    let end = text.find(". ").into_iter().chain(text.find(".\n")).min();
    end.map_or(text, |end| &text[..=end])
}

fn listings(site: &Site) -> Markup {
    html! {
        div.wide {
            table.facts {
                thead { tr { th { "listing" } th { "file" } th { "command" } } }
                tbody { @for listing in &site.manifest.listings { (self::listing(site, listing)) } }
            }
        }
        p.source { code { "cargo xtask mirror" } " proves each of them, line for line." }
    }
}

fn listing(site: &Site, listing: &Listing) -> Markup {
    let id = listing.id();
    html! {
        @for file in &listing.files {
            @let program = site.program(file);
            tr {
                td { @match link(site, &id) { Some(link) => (link), None => (id) } }
                td {
                    @match program {
                        Some(program) => a href=(program.page()) { (file) },
                        None => (file),
                    }
                }
                td.command { @if let Some(command) = program.and_then(|one| one.command.as_ref()) {
                    code { (command) }
                } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_ends_at_its_full_stop() {
        assert_eq!(first_sentence("Waits in select(2). Then\nmore."), "Waits in select(2).");
        assert_eq!(first_sentence("One 1.5 of\nit.\nTwo."), "One 1.5 of\nit.");
        assert_eq!(first_sentence("No end"), "No end");
    }
}
