//! The start page: the way through, the models, the listings.

use maud::{Markup, html};

use crate::catalog::{SERVERS, Server};
use crate::mirror::Row;
use crate::mirror::figures::Figures;
use crate::read::about::{at_once, second_client};
use crate::read::matrix;
use crate::read::note::anchor;
use crate::read::program::Program;
use crate::read::site::{Site, note_page};
use crate::read::stations::{STATIONS, Station};
use crate::read::text;

/// The body of the start page.
pub fn body(site: &Site) -> Markup {
    html! {
        h1 { "I/O models, side by side" }
        p.text {
            "Your notes on the left, the Rust that says the same on the right, line by line. These \
             pages were made by " code { "cargo xtask read" } " from your own copy of the notes; \
             they load nothing and need no scripts."
        }
        h2 id="stations" { "The way through: ten stations, twenty minutes" }
        ol.stations { @for station in &STATIONS { li.station { (self::station(site, station)) } } }
        section { h2 id="models" { "The models" } (models(site)) (site.picture) }
        section { h2 id="listings" { "The listings" } (listings(site)) }
    }
}

fn station(site: &Site, station: &Station) -> Markup {
    html! {
        h3 { (station.title) }
        p {
            "Start " code { (station.start) } "."
            @if let Some(link) = link(site, station.listing) { " Beside it: " (link) "." }
        }
        p { "Then: " (text::inline(station.then)) }
        p { b { (text::inline(station.question)) } }
        details { summary { "Answer" } p { (text::inline(station.answer)) } }
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
             nothing: the check " code { "second-client" } " in " (matrix::FILE) "."
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
    let findings = &site.findings;
    html! {
        div.wide {
            table.facts {
                thead {
                    tr {
                        th { "listing" } th { "file" }
                        @for figure in FIGURES { th.figure { (figure) } }
                    }
                }
                tbody {
                    @for row in &findings.rows { (listing(site, row)) }
                    tr {
                        th { "total" }
                        td {}
                        td.figure { (findings.named) " of " (findings.to_name) }
                        (figures(findings.total()))
                    }
                }
            }
        }
        p.source {
            "By " code { "cargo xtask mirror" } ": code lines of the listing that the file says, \
             lines of Rust with and without a number, the second for each of the first, places \
             that differ. Files that are more than their listing are not in the total."
        }
    }
}

const FIGURES: [&str; 5] = ["lines", "numbered", "without", "ratio", "departures"];

fn listing(site: &Site, row: &Row) -> Markup {
    html! {
        tr {
            td { @match link(site, &row.listing) { Some(link) => (link), None => (row.listing) } }
            td {
                @match site.program(&row.file) {
                    Some(program) => a href=(program.page()) { (row.file) },
                    None => (row.file),
                }
                @if !row.counts { " (not in the total)" }
            }
            td.figure { (row.named) " of " (row.to_name) }
            (figures(row.figures))
        }
    }
}

fn figures(figures: Figures) -> Markup {
    html! {
        td.figure { (figures.numbered) }
        td.figure { (figures.without) }
        td.figure { (format!("{:.2}", figures.ratio())) }
        td.figure { (figures.departures) }
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

    #[test]
    fn every_station_has_its_listing() {
        let manifest = crate::mirror::read_manifest(crate::root()).unwrap();
        for station in STATIONS.iter().filter(|station| !station.listing.is_empty()) {
            let known = manifest.listings.iter().any(|listing| listing.id() == station.listing);
            assert!(known, "{}", station.title);
        }
    }
}
