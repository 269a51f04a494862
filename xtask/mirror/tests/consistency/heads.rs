//! The heads of the mirrors and models: what they say, and how plainly.

use std::fs;

use xtask::catalog::manifest;
use xtask::catalog::margin::Margin;

/// Words of the longest sentence.
const LONGEST: usize = 20;

/// The paragraphs of the head of each file that mirrors a listing or shows a model.
fn heads() -> Vec<(String, Vec<String>)> {
    let manifest = manifest::read(xtask::root()).unwrap();
    let mut files: Vec<String> =
        manifest.listings.iter().flat_map(|listing| listing.files.clone()).collect();
    files.extend(manifest.prose.iter().map(|prose| prose.file.clone()));
    files.dedup();
    let head = |file: String| {
        let text = fs::read_to_string(xtask::root().join(&file)).unwrap();
        let paragraphs = Margin::read(&text).head.into_iter().map(|(_, text)| text);
        (file, paragraphs.collect())
    };
    files.into_iter().map(head).collect()
}

/// The sentences of a paragraph. Each ends with `.`, `?` or `!` before white space, or with its
/// item of a list; a span of code is one word.
fn sentences(paragraph: &str) -> Vec<String> {
    let mut sentences = Vec::new();
    for item in paragraph.split("\n- ") {
        let spans = item.split('`').enumerate();
        let words: String =
            spans.map(|(at, text)| if at % 2 == 1 { "code" } else { text }).collect();
        let mut sentence = Vec::new();
        for word in words.split_whitespace() {
            sentence.push(word);
            if word.trim_end_matches(')').ends_with(['.', '?', '!']) {
                sentences.push(sentence.join(" "));
                sentence.clear();
            }
        }
        sentences.extend((!sentence.is_empty()).then(|| sentence.join(" ")));
    }
    sentences
}

#[test]
fn a_sentence_ends_with_its_mark_or_its_item() {
    let text = "Try: `a b. c`; it\ntakes 1.5 s. Really?\n- 9: once\n- 10: (twice.) And";
    let expected = ["Try: code; it takes 1.5 s.", "Really?", "9: once", "10: (twice.)", "And"];
    assert_eq!(sentences(text), expected);
}

#[test]
fn no_sentence_is_longer_than_twenty_words() {
    let mut long = Vec::new();
    for (file, paragraphs) in heads() {
        for sentence in paragraphs.iter().flat_map(|paragraph| sentences(paragraph)) {
            let words = sentence.split(' ').count();
            if words > LONGEST {
                long.push(format!("{file}: {words} words: {sentence}"));
            }
        }
    }
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn every_experiment_works_for_a_user_in_a_new_shell() {
    for (file, paragraphs) in heads() {
        for code in paragraphs.join(" ").split('`').skip(1).step_by(2) {
            // Where kernel.yama.ptrace_scope is 1, strace may follow only what it has started.
            assert!(!code.starts_with("strace") || !code.contains(" -p"), "{file}: {code}");
            // Without -S it lowers the hard limit, too, and the shell cannot raise it again.
            assert!(!code.starts_with("ulimit -n "), "{file}: {code}");
        }
    }
}

#[test]
fn no_server_is_said_to_be_without_a_limit() {
    let unlimited = |(_, head): &(String, Vec<String>)| head.join(" ").contains("without a limit");
    let wrong: Vec<_> = heads().into_iter().filter(unlimited).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}
