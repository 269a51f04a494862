//! `cargo xtask read`: pages and places of notes that the tests make up.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::columns::Screen;
use crate::site::Site;
use crate::{folder, show};
use xtask::catalog::language::Language;
use xtask::catalog::numbers;

mod browser;
mod command;
mod copies;
mod documents;
mod links;
mod made_up;
mod pager;
mod teach;

use made_up::{Workspace, write};

const PLAIN: Screen = Screen { width: 120, colours: false, language: Language::English };

/// The rows of the first table of a page, each cell and each line on a line of its own.
fn rows(page: &str) -> String {
    let (_, body) = page.split_once("<tbody>").unwrap();
    let (body, _) = body.split_once("</tbody>").unwrap();
    let begins = ["<tr", "<td", "<div", "<details", "<code"];
    begins.iter().fold(body.to_owned(), |text, tag| text.replace(tag, &format!("\n{tag}")))
}

#[test]
fn the_rows_of_a_listing_are_as_they_were() {
    let rows = rows(&Workspace::new("snapshot").pages()["note-001.html"]);
    let expected = include_str!("rows.html");
    assert_eq!(rows.trim(), expected.trim(), "\n{rows}");
}

/// A claim of the made-up notes with its answer, as its page shows it.
const ASIDE: &str = "<aside class=\"claim false\"><p><b>false</b>: who waits takes a &lt;whole&gt; \
                     core <code>waiting-is-dear</code></p><p><span class=\"said\" lang=\"en\">\
                     Measured: </span><span class=\"said\" lang=\"zh-CN\">实测：</span>0.0 % of a \
                     core</p><p>A process that waits in <code>accept</code> sleeps.<span \
                     class=\"said\" lang=\"en\"> Source: </span><span class=\"said\" \
                     lang=\"zh-CN\">出处：</span>accept(2).</p></aside>";
const PICTURE: &str = "<svg><title>Waiting</title></svg><figcaption class=\"source\">";
const FILE: &str = "file-blocking-server-src-main.html";

#[test]
fn a_page_has_its_parts_in_their_order() {
    let pages = Workspace::new("parts").pages();
    let models =
        "<a href=\"file-blocking-server-examples-each.html\">each</a></p><p>A thread each.";
    for (page, parts) in [
        (
            "note-001.html",
            &[
                // What claims something and what explains it are after their sentence.
                &format!("About waiting</p></div>{ASIDE}"),
                PICTURE,
                "It <code>waits</code>.",
                "它在等。",
                "example.test",
                // What is known of a server is above its listing.
                "<code>cargo run -p blocking-server</code>",
                ">试一试</span></dt><dd><code>nc 127.0.0.1 1</code>; it greets.</dd>",
                ">实验</span></dt><dd>start a second one.</dd>",
                "<b>waits</b> at <code>second-client</code>",
                "<a href=\"file-blocking-server-src-main.html\">blocking-server/src/main.rs</a>",
                "<code>cargo xtask exercise start greet</code>",
                "</b> the read may be empty; the listing <code>dies</code>.",
                "</table></section><aside class=\"claim false\"><p>",
                "<a href=\"#4\">001:4</a>, <b>false</b>",
            ][..],
        ),
        (
            "note-002.html",
            &[
                "<div class=\"described\" lang=\"zh-CN\">",
                "A thread for each client.",
                "<aside class=\"claim missing\"><p><b>missing</b>: ",
                models,
                &format!("tag.png\"&gt;</p>\n</div></div>{ASIDE}"),
            ],
        ),
        (
            "index.html",
            &[
                "class=\"station\"",
                "href=\"note-001.html#listing-3\"",
                "class=\"station\"",
                "<p><a href=\"file-blocking-server-src-main.html\">阶段</a></p>",
                "connects, and waits until the first one leaves",
                include_str!("../../made-up/docs/trace.svg"),
                "exercise start greet",
            ],
        ),
        (FILE, &[PICTURE]),
    ] {
        let mut rest = pages[page].as_str();
        for part in parts {
            let (_, after) = rest.split_once(part).unwrap_or_else(|| panic!("{part} in {rest}"));
            rest = after;
        }
        let claims = pages[page].matches("<aside class=\"claim ").count();
        assert_eq!(claims, if page.starts_with("note") { 2 } else { 0 }, "{page}");
        let pictures = pages[page].matches(PICTURE).count();
        assert_eq!(pictures, usize::from(["note-001.html", FILE].contains(&page)), "{page}");
    }
}

#[test]
fn a_head_is_shown_in_both_languages() {
    let workspace = Workspace::new("chinese");
    let text = |name: &str, zh: &str| format!("{name} = {{ of = '', zh = '{zh}' }}\n");
    let heads = [
        "['blocking-server/src/main.rs']\n",
        &text("what", "等待的服务器。"),
        &text("Try", "运行 `nc 127.0.0.1 1`，它会问候。"),
        &text("6", "可能读到空。"),
    ];
    write(&workspace.root, "xtask/data/heads/blocking-server.toml", &heads.concat());
    let page = &workspace.pages()["note-001.html"];
    let both = |english: &str, chinese: &str| {
        let span =
            |language, text| format!("<span class=\"said\" lang=\"{language}\">{text}</span>");
        span("en", english) + &span("zh-CN", chinese)
    };
    for words in [
        both("A server that waits.", "等待的服务器。"),
        both("the read may be empty; the listing <code>dies</code>.", "可能读到空。"),
    ] {
        assert!(page.contains(&words), "{words}");
    }
    let shown = workspace.shown("001:3-8", &Screen { language: Language::Chinese, ..PLAIN });
    for line in [
        "等待的服务器。",
        "试一试：运行 `nc 127.0.0.1 1`，它会问候。",
        "实验：start a second one.",
        "          不同：可能读到空。",
    ] {
        assert!(shown.lines().any(|one| one == line), "{line} in\n{shown}");
    }
}

#[test]
fn without_answers_and_without_notes_everything_else_is_there() {
    let workspace = Workspace::new("without");
    let pages = Site::read(&workspace.root, None).unwrap().pages();
    let names: Vec<&str> = pages.keys().map(String::as_str).collect();
    assert!(names.contains(&"claims.html") && names.contains(&FILE), "{names:?}");
    assert!(!names.contains(&"note-001.html") && !pages.values().any(|it| it.contains("#listing")));
    assert!(pages["claims.html"].contains("<p><a>001:1</a>, <a>001:4</a>, <a>002:7</a>, <b>false"));

    fs::remove_file(workspace.root.join(xtask::catalog::claim::ANSWERS)).unwrap();
    let page = &workspace.pages()["note-001.html"];
    assert!(page.contains("About waiting</p></div>") && !page.contains("<aside class=\"claim"));
}

#[test]
fn pages_replace_pages_and_nothing_else() {
    let workspace = Workspace::new("folder");
    let out = workspace.root.join("deep/er/out");
    let pages = workspace.pages();
    folder::write(&out, &pages).unwrap();
    let mut fewer = pages.clone();
    fewer.remove("note-002.html");
    folder::write(&out, &fewer).unwrap();
    assert!(out.join("large/note-001.html").exists() && !out.join("note-002.html").exists());
    write(&out, "mine.txt", "precious");
    let error = folder::write(&out, &pages).unwrap_err().to_string();
    assert!(error.contains("mine.txt") && !out.join("note-002.html").exists(), "{error}");
    assert_eq!(names(out.parent().unwrap()), ["out"], "nothing half written is left");
    let full = BTreeMap::from([("a".to_owned(), String::new()), ("a/b".to_owned(), String::new())]);
    assert!(folder::write(&workspace.root.join("half"), &full).is_err());
    let left: Vec<String> = names(&workspace.root);
    assert!(left.iter().all(|name| !name.contains("half")), "{left:?}");
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn a_place_shows_its_parts_in_their_order() {
    let workspace = Workspace::new("places");
    let level =
        format!("{:58} │   17         let data = ", "   6    4         data = conn.recv(10)");
    let answer = "\n\nfalse waiting-is-dear (001:1, 001:4, 002:7)\n  \
                  Claim:    who waits takes a <whole> core\n";
    for (place, parts) in [
        ("001:6", &["          differs: the read may be empty; the listing `dies`.\n", &level][..]),
        // Around a line, much that Rust needs besides is left out.
        ("001:7", &["conn.recv(10)?;", "│      … 4 lines of Rust besides, 22 to 25\n"]),
        ("001:3-8", &["A server that waits.", "Try: ", "three();", "}"]),
        // Prose and comments show the nearest code.
        ("001:5", &["001:5  3     # a comment\n\n001:5 holds no code; the nearest is 001:6\n"]),
        ("001:2", &["001:2 holds no code; the nearest is 001:3\n"]),
        // A sentence is shown with its answer and its model.
        ("001:1", &["001:1  About waiting", answer]),
        ("001:4", &["server.accept()", answer]),
        (
            "002:5",
            &[
                "002:5  A thread for each",
                "\nmissing threads-are-many ",
                "\n002:5  blocking-server/examples/each.rs",
            ],
        ),
    ] {
        let shown = workspace.shown(place, &PLAIN);
        let mut rest = shown.as_str();
        for part in parts {
            let (_, after) = rest.split_once(part).unwrap_or_else(|| panic!("{part} in\n{shown}"));
            rest = after;
        }
        assert!(place != "001:3-8" || !shown.contains("besides"), "{shown}");
        assert_eq!(shown.contains("nearest"), ["001:5", "001:2"].contains(&place), "{shown}");
    }
    let alone = workspace.try_to_show("001:8", None, &PLAIN).unwrap();
    for line in [
        "           7   18         let greeting = format!(",
        "               19             \"{}\",",
    ] {
        assert!(alone.lines().any(|one| one.trim_end() == line), "{line} in\n{alone}");
    }
    let error = |place| workspace.try_to_show(place, Some(&workspace.notes), &PLAIN).unwrap_err();
    assert_eq!(error("009:1").to_string(), "no note is called 009; there are 001, 002");
    assert_eq!(error("001:99").to_string(), "001_a.txt has 10 lines; there is no 001:99");
}

#[test]
fn a_narrow_screen_has_one_above_the_other_and_colours_change_no_text() {
    let workspace = Workspace::new("screens");
    let shown = workspace.shown("001:3-8", &Screen { width: 60, ..PLAIN });
    let position = |text: &str| shown.find(text).unwrap_or_else(|| panic!("{text} in\n{shown}"));
    assert!(position("conn = server.accept()") < position("let conn = server.accept()?;"));
    assert!(shown.lines().all(|line| line.chars().count() <= 60), "{shown}");

    let coloured = workspace.shown("001:3-8", &Screen { colours: true, ..PLAIN });
    assert!(coloured.contains('\x1b'));
    assert_eq!(console::strip_ansi_codes(&coloured), workspace.shown("001:3-8", &PLAIN));
}

#[test]
fn a_whole_note_is_a_list_of_what_there_is() {
    let workspace = Workspace::new("contents");
    let contents =
        |folder| show::contents(&workspace.root, folder, "001", Language::English).unwrap();
    let rows = "001:1         false: who waits takes a <whole> core\n\
                001:3-8       blocking-server/src/main.rs\n\
                001:4         false: who waits takes a <whole> core\n";
    assert!(contents(None).starts_with(rows), "{}", contents(None));
    let named = format!("001_a.txt, 10 lines\n\n{rows}");
    assert!(contents(Some(workspace.notes.as_path())).starts_with(&named));
}

#[test]
fn every_line_of_code_can_be_shown() {
    let manifest = xtask::catalog::manifest::read(xtask::root()).unwrap();
    for listing in &manifest.listings {
        for line in &listing.code {
            let place = format!("{}:{line}", listing.note).parse().unwrap();
            let shown = show::place(xtask::root(), None, &place, &PLAIN).unwrap();
            for file in &listing.files {
                assert!(shown.contains(&format!("{}  {file}\n", listing.id())), "{place}: {shown}");
            }
            assert!(!shown.contains("holds no code"), "{place}");
            let says = |shown: &str| {
                let begin = shown.trim_start().split("  ").next().unwrap();
                numbers::parse(begin)
                    .is_some_and(|all| numbers::expand(&all).any(|one| one == *line))
            };
            assert!(shown.lines().any(says), "{place}: {shown}");
        }
    }
}
