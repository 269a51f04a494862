//! The reader's notes under other names, in another encoding, of another edition, or not there.

use std::fs;
use std::os::unix::fs::symlink;

use crate::show;
use crate::site::Site;

use crate::tests::PLAIN;
use crate::tests::made_up::{NOTE, Workspace, write};

/// The files of the notes that are shown, and why others are not.
fn found(workspace: &Workspace) -> (Vec<String>, Vec<String>) {
    let site = Site::read(&workspace.root, Some(&workspace.notes)).unwrap();
    let files = site.notes.into_iter().map(|note| note.file).collect();
    (files, site.missing.iter().map(|error| format!("{error:#}")).collect())
}

fn rename(workspace: &Workspace, from: &str, to: &str) {
    fs::rename(workspace.notes.join(from), workspace.notes.join(to)).unwrap();
}

/// Writes note 001 with a first line of these bytes.
fn begin_note(workspace: &Workspace, file: &str, bytes: &[u8]) {
    let (_, rest) = NOTE.split_once('\n').unwrap();
    let bytes = [bytes, b"\n", rest.as_bytes()].concat();
    fs::write(workspace.notes.join(file), bytes).unwrap();
}

/// A word of Chinese in GB18030.
const CHINESE: &[u8] = b"\xd6\xd0\xce\xc4";

#[test]
fn notes_are_found_under_any_name() {
    for (number, names) in [
        ["001.md", "002.md"],
        ["笔记1.txt", "笔记2.txt"],
        ["waiting", "threads"],
        // Somebody has counted from another number.
        ["note 2.md", "note 3.md"],
        ["2.md", "1.md"],
    ]
    .into_iter()
    .enumerate()
    {
        let workspace = Workspace::new(&format!("names-{number}"));
        rename(&workspace, "001_a.txt", names[0]);
        rename(&workspace, "002_b.txt", names[1]);
        write(&workspace.notes, ".001.md.swp", "an editor's own");
        assert_eq!(found(&workspace), (names.map(str::to_owned).to_vec(), vec![]));
        assert!(workspace.shown("001:6", &PLAIN).contains("data = conn.recv(10)  "));
    }
}

#[test]
fn a_note_that_is_not_utf_8_says_how_to_convert_it_and_the_others_are_shown() {
    let utf_16: Vec<u8> =
        format!("\u{feff}{NOTE}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (number, (bytes, file, from)) in [
        (CHINESE, "001_a.txt", "GB18030"),
        (CHINESE, "waiting.md", "GB18030"),
        (&utf_16, "笔记1.txt", "UTF-16"),
    ]
    .into_iter()
    .enumerate()
    {
        let workspace = Workspace::new(&format!("encoding-{number}"));
        fs::remove_file(workspace.notes.join("001_a.txt")).unwrap();
        begin_note(&workspace, file, bytes);
        let (files, missing) = found(&workspace);
        assert_eq!(files, ["002_b.txt"]);
        let says = |words: &str| assert!(missing[0].contains(words), "{words}: {missing:?}");
        says(&format!("/{file} is not UTF-8; try: iconv -f {from} -t UTF-8 "));
        assert_eq!(missing.len(), 1);

        // Its copy in UTF-8 may be beside it, with the mark of some editors.
        let copy = format!("{file}.utf8.txt");
        says(&format!("> '{}'", workspace.notes.join(&copy).display()));
        begin_note(&workspace, &copy, "\u{feff}中文".as_bytes());
        assert_eq!(found(&workspace), (vec![copy, "002_b.txt".into()], vec![]));
    }
}

#[test]
fn another_edition_names_its_first_line_that_differs_and_the_others_are_shown() {
    for (number, (from, to, line)) in [
        ("recv(10)", "recv(11)", 6),
        // The last line is no code any more, and an earlier one says something else.
        ("accept()\n3     # a comment\n4", "listen()\n3     # a comment\n4 #", 4),
        // A line more, between those that the note numbers.
        ("3     # a comment", "3     # a comment\n\n", 6),
        // Every line is one further down.
        ("About waiting\n", "About waiting\n\n", 3),
    ]
    .into_iter()
    .enumerate()
    {
        let workspace = Workspace::new(&format!("edition-{number}"));
        fs::remove_file(workspace.notes.join("001_a.txt")).unwrap();
        write(&workspace.notes, "笔记2.txt", &NOTE.replace(from, to));
        let (files, missing) = found(&workspace);
        assert_eq!((files.as_slice(), missing.len()), (&["002_b.txt".to_owned()][..], 1));
        let place = format!("mirrored: 笔记2.txt:{line}: ");
        assert!(
            missing[0].contains("another edition") && missing[0].contains(&place),
            "{missing:?}"
        );
    }
}

#[test]
fn without_a_note_the_others_are_shown_and_no_link_leads_to_it() {
    let workspace = Workspace::new("missing");
    fs::remove_file(workspace.notes.join("001_a.txt")).unwrap();
    // Nor is one there that leads nowhere.
    symlink("/nowhere", workspace.notes.join("001.md")).unwrap();
    let (files, missing) = found(&workspace);
    assert_eq!(files, ["002_b.txt"]);
    assert!(missing[0].starts_with("no note 001: ") && missing[0].ends_with("holds 002_b.txt"));
    let pages = Site::read(&workspace.root, Some(&workspace.notes)).unwrap().pages();
    let leads = |page: &&String| page.contains("href=\"note-001.html");
    assert_eq!(pages.values().find(leads), None);
    assert!(workspace.shown("002:11", &PLAIN).contains("x = thread()  "));
    let place = "001:6".parse().unwrap();
    let error = show::place(&workspace.root, Some(&workspace.notes), &place, &PLAIN).unwrap_err();
    assert_eq!(error.to_string(), missing[0]);
}
