//! Each text in Chinese is a translation of today's English, and documents are made of today's data.

use std::fs;

use crate::exercise::table;
use crate::{picture, read, stations};

use xtask::catalog::language::fingerprint;

const DOCUMENTS: [&str; 10] = [
    "README",
    "CONTRIBUTING",
    "docs/phases",
    "docs/teach",
    "blocking-server/README",
    "nonblocking-server/README",
    "select-server/README",
    "epoll-server/README",
    "selectors-server/README",
    "threadpool-server/README",
];

/// What is before the first heading, and what is below each.
fn sections(text: &str) -> Vec<&str> {
    text.split("\n## ").collect()
}

/// The fingerprint of a section's words, without the matrix that a command writes.
fn of(section: &str) -> String {
    let (before, rest) = section.split_once("<!-- the matrix").unwrap_or((section, ""));
    let after = rest.split_once("<!-- the end of the matrix").map_or("", |(_, after)| after);
    fingerprint(before.split_whitespace().chain(after.split_whitespace()))
}

#[test]
fn every_section_is_a_translation_of_today_s_english() {
    let mut faults = Vec::new();
    for name in DOCUMENTS {
        let file = format!("{name}.zh-CN.md");
        let read = |file: &str| fs::read_to_string(xtask::root().join(file)).unwrap();
        let (english, chinese) = (read(&format!("{name}.md")), read(&file));
        let (english, chinese) = (sections(&english), sections(&chinese));
        assert_eq!(english.len(), chinese.len(), "{file} has other sections than its English");
        for (english, chinese) in english.iter().zip(chinese) {
            let mark = format!("<!-- of: {} -->", of(english));
            let heading = chinese.lines().next().unwrap_or_default();
            if !chinese.contains(&mark) {
                faults.push(format!("{file}, {heading:?}: then its mark is {mark}"));
            }
        }
    }
    let what = "the English has changed: let the Chinese say the same";
    assert!(faults.is_empty(), "{what}\n{}", faults.join("\n"));
}

#[test]
fn every_text_of_data_is_a_translation_of_today_s_english() {
    let root = xtask::root();
    let mut faults = Vec::new();
    let mut compare = |title: &str, english: Vec<&String>, of: &str| {
        let today = fingerprint(english.into_iter().map(String::as_str));
        faults.extend((of != today).then(|| format!("{title}: translate it anew, of = {today:?}")));
    };
    for station in stations::read(root).unwrap() {
        let stations::Words { title, then, question, answer } = &station.words.english;
        compare(title, vec![title, then, question, answer], &station.words.zh.of);
    }
    for picture in picture::read(root).unwrap() {
        let picture::Words { title, caption } = &picture.words.english;
        compare(title, vec![title, caption], &picture.words.zh.of);
    }
    for exercise in table::read(root).unwrap() {
        let table::Words { title, task, hints } = &exercise.words.english;
        compare(title, [title, task].into_iter().chain(hints).collect(), &exercise.words.zh.of);
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_document_that_is_made_of_data_is_made_of_today_s() {
    for (file, text) in read::documents(xtask::root()).unwrap() {
        let written = fs::read_to_string(xtask::root().join(file)).unwrap();
        let is_same = written == text;
        assert!(is_same, "{file}: cargo xtask read --markdown writes it anew");
    }
}
