//! `cargo xtask read`: pages and places of notes that the tests make up.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::columns::Screen;
use crate::folder;
use crate::show;
use crate::site::Site;
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

fn pages(workspace: &Workspace) -> BTreeMap<String, String> {
    Site::read(&workspace.root, Some(&workspace.notes)).unwrap().pages()
}

/// The rows of the first table of a page, each cell and each line on a line of its own.
fn rows(page: &str) -> String {
    let (_, body) = page.split_once("<tbody>").unwrap();
    let (body, _) = body.split_once("</tbody>").unwrap();
    let begins = ["<tr", "<td", "<div", "<details", "<code"];
    begins.iter().fold(body.to_owned(), |text, tag| text.replace(tag, &format!("\n{tag}")))
}

#[test]
fn the_rows_of_a_listing_are_as_they_were() {
    let workspace = Workspace::new("snapshot");
    let rows = rows(&pages(&workspace)["note-001.html"]);
    let expected = include_str!("rows.html");
    assert_eq!(rows.trim(), expected.trim(), "\n{rows}");
}

#[test]
fn a_page_says_what_is_known_of_a_server() {
    let workspace = Workspace::new("about");
    let page = &pages(&workspace)["note-001.html"];
    for words in [
        "<code>cargo run -p blocking-server</code>",
        ">试一试</span></dt><dd><code>nc 127.0.0.1 1</code>; it greets.</dd>",
        ">实验</span></dt><dd>start a second one.</dd>",
        "<code>cargo xtask exercise start greet</code>",
        "<b>waits</b> at <code>second-client</code>",
        "<a href=\"file-blocking-server-src-main.html\">blocking-server/src/main.rs</a>",
        "</b> the read may be empty; the listing <code>dies</code>.",
    ] {
        assert!(page.contains(words), "{words}");
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
    let page = &pages(&workspace)["note-001.html"];
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
    let chinese = Screen { language: Language::Chinese, ..PLAIN };
    let shown = workspace.shown("001:3-8", &chinese);
    for line in
        ["等待的服务器。", "试一试：运行 `nc 127.0.0.1 1`，它会问候。", "实验：start a second one."]
    {
        assert!(shown.lines().any(|one| one == line), "{line} in\n{shown}");
    }
    assert!(shown.contains("          不同：可能读到空。\n"), "{shown}");
}

#[test]
fn prose_leads_to_the_model_that_it_describes() {
    let workspace = Workspace::new("prose");
    let page = &pages(&workspace)["note-002.html"];
    let model = "<a href=\"file-blocking-server-examples-each.html\">each</a></p><p>A thread each.";
    let (before, after) = page.split_once(model).unwrap();
    assert!(before.contains("A thread for each client.") && after.contains("Something else."));
    assert!(before.contains("<div class=\"described\" lang=\"zh-CN\">"), "{before}");
}

#[test]
fn an_answer_stands_behind_the_sentence_that_it_is_about() {
    let workspace = Workspace::new("claims");
    let pages = pages(&workspace);
    let (page, other) = (&pages["note-001.html"], &pages["note-002.html"]);
    let aside = "<aside class=\"claim false\"><p><b>false</b>: who waits takes a &lt;whole&gt; \
                 core <code>waiting-is-dear</code></p><p><span class=\"said\" lang=\"en\">Measured: \
                 </span><span class=\"said\" lang=\"zh-CN\">实测：</span>0.0 % of a core</p>\
                 <p>A process that waits in <code>accept</code> sleeps.<span class=\"said\" \
                 lang=\"en\"> Source: </span><span class=\"said\" lang=\"zh-CN\">出处：</span>\
                 accept(2).</p></aside>";
    assert!(page.contains(&format!("About waiting</p></div>{aside}")), "{page}");
    assert!(other.contains(&format!("tag.png\"&gt;</p>\n</div></div>{aside}")), "{other}");
    let below_listing = "</table></section><aside class=\"claim false\"><p>\
                         <a href=\"#4\">001:4</a>, <b>false</b>";
    assert!(page.contains(below_listing), "{page}");
    let count = |page: &str| page.matches("<aside class=\"claim ").count();
    assert_eq!((count(page), count(other)), (2, 2));
    assert!(other.contains("<aside class=\"claim missing\"><p><b>missing</b>: "), "{other}");
}

#[test]
fn without_answers_the_pages_are_whole() {
    let workspace = Workspace::new("no-claims");
    fs::remove_file(workspace.root.join(xtask::catalog::claim::ANSWERS)).unwrap();
    let page = &pages(&workspace)["note-001.html"];
    assert!(
        page.contains("About waiting</p></div>") && !page.contains("<aside class=\"claim"),
        "{page}"
    );
}

#[test]
fn the_start_page_has_models_and_listings() {
    let workspace = Workspace::new("start");
    let page = &pages(&workspace)["index.html"];
    assert_eq!(page.matches("class=\"station\"").count(), 2);
    assert!(page.contains("connects, and waits until the first one leaves"));
    assert!(page.contains("href=\"note-001.html#listing-3\""));
    assert!(page.contains(made_up::PICTURE), "the picture is inside: {page}");
    let phases = "<p><a href=\"file-blocking-server-src-main.html\">阶段</a></p>";
    assert!(page.contains(phases) && page.contains("exercise start greet"), "{page}");
}

#[test]
fn without_notes_everything_else_is_there() {
    let workspace = Workspace::new("no-notes");
    let pages = Site::read(&workspace.root, None).unwrap().pages();
    let names: Vec<&str> = pages.keys().map(String::as_str).collect();
    let file = "file-blocking-server-src-main.html";
    assert!(names.contains(&"claims.html") && names.contains(&file), "{names:?}");
    assert!(!names.contains(&"note-001.html") && !pages.values().any(|it| it.contains("#listing")));
    assert!(pages["claims.html"].contains("<p><a>001:1</a>, <a>001:4</a>, <a>002:7</a>, <b>false"));
}

#[test]
fn a_picture_is_beside_what_it_explains() {
    let pages = pages(&Workspace::new("pictures"));
    let picture = "<svg><title>Waiting</title></svg><figcaption class=\"source\">";
    let (before, after) = pages["note-001.html"].split_once(picture).unwrap();
    assert!(before.contains("About waiting") && !before.contains("example.test"), "{before}");
    assert!(after.contains("It <code>waits</code>.") && after.contains("它在等。"), "{after}");
    assert!(pages["file-blocking-server-src-main.html"].contains(picture));
    assert!(!pages["note-002.html"].contains(picture));
}

#[test]
fn pages_replace_pages_and_nothing_else() {
    let workspace = Workspace::new("folder");
    let out = workspace.root.join("deep/er/out");
    let pages = pages(&workspace);
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
fn a_line_is_shown_with_its_whole_statement() {
    let workspace = Workspace::new("line");
    let shown = workspace.shown("001:6", &PLAIN);
    let level =
        ("   6    4         data = conn.recv(10)", "  17         let data = conn.recv(10)?;");
    let columns = shown.lines().filter_map(|line| line.split_once(" │ "));
    assert!(columns.clone().any(|(left, right)| (left.trim_end(), right) == level), "{shown}");
    assert!(shown.contains("differs: the read may be empty; the listing `dies`."), "{shown}");
    let alone = show::place(&workspace.root, None, &"001:8".parse().unwrap(), &PLAIN).unwrap();
    for line in [
        "           7   18         let greeting = format!(",
        "               19             \"{}\",",
    ] {
        assert!(alone.lines().any(|one| one.trim_end() == line), "{line} in\n{alone}");
    }
}

#[test]
fn around_a_line_much_that_rust_needs_besides_is_left_out() {
    let workspace = Workspace::new("folded");
    let line = workspace.shown("001:7", &PLAIN);
    assert!(line.contains("│      … 4 lines of Rust besides, 22 to 25\n"), "{line}");
    assert!(!line.contains("three();"), "{line}");
    let listing = workspace.shown("001:3-8", &PLAIN);
    assert!(listing.contains("three();") && !listing.contains("besides"), "{listing}");
}

#[test]
fn a_narrow_screen_has_one_above_the_other() {
    let workspace = Workspace::new("narrow");
    let narrow = Screen { width: 60, ..PLAIN };
    let shown = workspace.shown("001:3-8", &narrow);
    let position = |text: &str| shown.find(text).unwrap_or_else(|| panic!("{text} in\n{shown}"));
    assert!(position("conn = server.accept()") < position("let conn = server.accept()?;"));
    assert!(shown.lines().all(|line| line.chars().count() <= 60), "{shown}");
}

#[test]
fn colours_change_no_text() {
    let workspace = Workspace::new("colours");
    let coloured = workspace.shown("001:3-8", &Screen { colours: true, ..PLAIN });
    assert!(coloured.contains('\x1b'));
    assert_eq!(console::strip_ansi_codes(&coloured), workspace.shown("001:3-8", &PLAIN));
}

#[test]
fn prose_and_comments_show_the_nearest_code() {
    let workspace = Workspace::new("nearest");
    let comment = workspace.shown("001:5", &PLAIN);
    let nearest = "001:5  3     # a comment\n\n001:5 holds no code; the nearest is 001:6\n";
    assert!(comment.starts_with(nearest), "{comment}");
    let prose = workspace.shown("001:2", &PLAIN);
    assert!(prose.contains("001:2 holds no code; the nearest is 001:3\n"), "{prose}");
}

#[test]
fn a_sentence_is_shown_with_its_answer_and_its_model() {
    let workspace = Workspace::new("answered");
    let sentence = workspace.shown("001:1", &PLAIN);
    let answer = "001:1  About waiting\n\nfalse: who waits takes a <whole> core\n";
    assert!(sentence.starts_with(answer) && !sentence.contains("nearest"), "{sentence}");
    let model = workspace.shown("002:5", &PLAIN);
    let parts =
        ["002:5  A thread for each", "\nmissing: ", "\n002:5  blocking-server/examples/each.rs"];
    assert!(parts.iter().map(|part| model.find(part).unwrap()).is_sorted(), "{model}");
    let code = workspace.shown("001:4", &PLAIN);
    assert!(code.contains("\n\nfalse: who waits takes a <whole> core\n"), "{code}");
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

#[test]
fn a_place_that_there_is_not_is_named() {
    let workspace = Workspace::new("nowhere");
    let error = |place: &str| {
        let place = place.parse().unwrap();
        show::place(&workspace.root, Some(&workspace.notes), &place, &PLAIN)
            .unwrap_err()
            .to_string()
    };
    assert_eq!(error("009:1"), "no note is called 009; there are 001, 002");
    assert_eq!(error("001:99"), "001_a.txt has 10 lines; there is no 001:99");
}
