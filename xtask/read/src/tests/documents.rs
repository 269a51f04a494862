//! Each document in Chinese is a translation of today's English.

use std::fs;

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
