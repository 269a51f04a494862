//! Every link of every page leads somewhere, and nothing is loaded.

use std::collections::{BTreeMap, BTreeSet};

use crate::tests::made_up::Workspace;

/// The values of an attribute in a page.
fn values<'a>(page: &'a str, attribute: &str) -> Vec<&'a str> {
    let begin = format!(" {attribute}=\"");
    let values = page.split(begin.as_str()).skip(1);
    values.map(|rest| rest.split('"').next().unwrap()).collect()
}

/// A page without its style sheet and script, which hold no links.
fn body(page: &str) -> &str {
    page.split_once("<body>").unwrap().1.rsplit_once("<script>").unwrap().0
}

#[test]
fn every_link_leads_somewhere() {
    let pages = Workspace::new("links").pages();
    let ids = |page: &String| values(body(page), "id").into_iter().map(str::to_owned).collect();
    let ids: BTreeMap<&str, BTreeSet<String>> =
        pages.iter().map(|(name, page)| (name.as_str(), ids(page))).collect();
    let mut followed = 0;
    for (name, page) in &pages {
        for link in values(page, "href") {
            if link.starts_with("https://example.test/") {
                continue;
            }
            let (file, address) = link.split_once('#').unwrap_or((link, ""));
            let folder = if name.starts_with("large/") { "large/" } else { "" };
            let target = match file {
                "" => name.clone(),
                file => format!("{folder}{file}").replace("large/../", ""),
            };
            let known = ids.get(target.as_str()).unwrap_or_else(|| panic!("{link} in {name}"));
            assert!(address.is_empty() || known.contains(address), "{link} in {name}");
            followed += 1;
        }
    }
    assert!(followed > 200, "{followed}");
}

#[test]
fn every_address_stands_there_once_and_every_line_has_one() {
    let workspace = Workspace::new("addresses");
    let pages = workspace.pages();
    for (name, page) in &pages {
        let ids = values(body(page), "id");
        let unique: BTreeSet<&&str> = ids.iter().collect();
        assert_eq!(unique.len(), ids.len(), "{name}");
    }
    for (name, file) in [("note-001.html", "001_a.txt"), ("note-002.html", "002_b.txt")] {
        let lines = std::fs::read_to_string(workspace.notes.join(file)).unwrap().lines().count();
        let ids = values(body(&pages[name]), "id");
        for line in 1..=lines {
            assert!(ids.contains(&line.to_string().as_str()), "{name}#{line}");
        }
    }
}

#[test]
fn nothing_is_loaded_from_anywhere() {
    for (name, page) in Workspace::new("loads").pages() {
        assert!(page.contains("content=\"default-src 'none'; "), "{name}");
        let loads = ["<link", "<img", "<iframe", "<script src", "@import", "url(", " src="];
        for load in loads {
            let text = page.replace("&lt;img src=", "");
            assert!(!text.contains(load), "{load} in {name}");
        }
    }
}
