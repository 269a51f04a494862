//! The start page: the way through, the phases, the models, the exercises, the listings.

use std::collections::BTreeSet;

use maud::{Markup, html};

use crate::about::{FILE, at_once, second_client};
use crate::note::anchor;
use crate::page::{self, words};
use crate::program::Program;
use crate::site::{Site, note_page};
use crate::stations::{Station, Words};
use xtask::catalog::language::Both;
use xtask::catalog::manifest::Listing;
use xtask::catalog::{SERVERS, Server};

pub fn body(site: &Site) -> Markup {
    html! {
        h1 { (words("I/O models, side by side", "I/O 模型，并排对照")) }
        p.text {
            @if site.notes.is_empty() {
                (words(
                    "These pages are without the notes' text. With your own copy of the notes, each \
                     listing is beside its Rust:",
                    "这些网页不含笔记的文字。有了你自己的笔记，每段代码都与 Rust 并排显示：",
                ))
                " " code { "cargo xtask read --notes DIR" }
            } @else {
                (words(
                    "Your notes on the left, the Rust that says the same on the right, line by \
                     line. These pages are made from your own copy of the notes.",
                    "左边是你的笔记，右边是意思相同的 Rust，逐行对照。这些网页由你自己的笔记生成。",
                ))
            }
        }
        h2 id="stations" { (words("The way through", "学习路线")) }
        ol.stations { @for station in &site.stations { li.station { (self::station(site, station)) } } }
        section {
            h2 id="phases" { (words("Two phases", "两个阶段")) }
            (site.phases.html(site))
        }
        section { h2 id="models" { (words("The models", "各种模型")) } (models(site)) (site.models) }
        section { h2 id="exercises" { (words("Exercises", "练习")) } (exercises(site)) }
        section { h2 id="listings" { (words("The listings", "笔记里的代码")) } (listings(site)) }
    }
}

fn station(site: &Site, station: &Station) -> Markup {
    let Both { english, zh } = &station.words;
    let both = |of: fn(&Words) -> &String| page::said(of(english), Some(of(&zh.words)));
    html! {
        h3 { (both(|words| &words.title)) }
        p {
            (words("Start ", "运行 ")) code translate="no" { (station.start) }
            @if let Some(link) = link(site, &station.listing) {
                (words(". Beside it: ", "，对照阅读：")) (link)
            }
        }
        p { (words("Then: ", "然后：")) (both(|words| &words.then)) }
        p { b { (both(|words| &words.question)) } }
        details {
            summary { (words("Answer", "答案")) }
            p { (both(|words| &words.answer)) }
            @for picture in site.pictures.iter().filter(|one| one.name == station.picture) {
                (picture.figure())
            }
        }
    }
}

/// The exercises in their order; each is also beside its program.
fn exercises(site: &Site) -> Markup {
    html! {
        p { code { "cargo xtask exercise" } }
        ol {
            @for exercise in &site.exercises {
                @let program = exercise.file().ok().and_then(|file| site.program(&file));
                li {
                    a href=[program.map(Program::page)] { (exercise.title()) }
                    " " code { "cargo xtask exercise start " (exercise.name) }
                }
            }
        }
    }
}

/// A link to a listing, by its name, or to its file where its note is not shown; none for one that
/// there is not.
fn link(site: &Site, id: &str) -> Option<Markup> {
    let listing = site.manifest.listings.iter().find(|listing| listing.id() == id)?;
    let page = match site.notes.iter().any(|note| note.number == listing.note) {
        true => format!("{}#{}", note_page(&listing.note), anchor(listing)),
        false => site.programs_of(listing).first()?.page(),
    };
    Some(html! { a href=(page) { (id) } })
}

/// The first server of each model that the workspace has.
fn models(site: &Site) -> Markup {
    let mut seen = BTreeSet::new();
    let found = SERVERS.iter().filter_map(|server| Some((server, site.program(&server.file()?)?)));
    let rows: Vec<_> = found.filter(|(server, _)| seen.insert(server.model)).collect();
    html! {
        div.wide {
            table.facts {
                thead {
                    tr {
                        th { (words("model", "模型")) } th { (words("in one sentence", "一句话")) }
                        th { (words("command", "命令")) }
                        th { (words("clients at once", "同时服务几个客户端")) }
                        th { (words("a second client", "第二个客户端")) }
                    }
                }
                tbody { @for (server, program) in rows { (model(site, server, program)) } }
            }
        }
        p.source {
            (words(
                "A second client, while the first one says nothing: the check",
                "第一个客户端不说话时的第二个客户端：检查",
            ))
            " " code { "second-client" } ", " (FILE)
        }
    }
}

fn model(site: &Site, server: &Server, program: &Program) -> Markup {
    let word = site.matrix.word(server, "second-client");
    let what = program.what();
    html! {
        tr {
            td { a href=(program.page()) { (server.model) } }
            td { (page::said(first_sentence(what.english), what.chinese.map(first_sentence))) }
            td.command { code { (server.command()) } }
            td { (at_once(server.concurrency)) }
            td { (second_client(server.concurrency, word)) }
        }
    }
}

/// Up to the first full stop at the end of a word.
fn first_sentence(text: &str) -> &str {
    let ends = [". ", ".\n", "。"];
    let ends = ends.iter().filter_map(|end| Some(text.find(end)? + end.trim_end().len()));
    ends.min().map_or(text, |end| &text[..end])
}

fn listings(site: &Site) -> Markup {
    html! {
        div.wide {
            table.facts {
                thead { tr {
                    th { (words("listing", "代码")) } th { (words("file", "文件")) }
                    th { (words("command", "命令")) }
                } }
                tbody { @for listing in &site.manifest.listings { (self::listing(site, listing)) } }
            }
        }
        p.source {
            code { "cargo xtask mirror" } " "
            (words("proves each of them, line for line.", "逐行验证每一段。"))
        }
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
        assert_eq!(first_sentence("阻塞。等待。"), "阻塞。");
    }
}
