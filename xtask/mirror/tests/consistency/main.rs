//! One source of facts: the table of servers, the manifest, the heads of the files, `--help` and
//! the READMEs say the same of each server.
#![forbid(unsafe_code)]

mod heads;
mod mutants;

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::net::TcpListener;
use std::process::Command;

use xtask::catalog::manifest::{self, Listing, Manifest, Prose};
use xtask::catalog::margin::Margin;
use xtask::catalog::{PROGRAMS, SERVERS, Server};
use xtask::checkout;
use xtask::harness::build::{self, Binaries};

/// The most lines of the README: a first screen, and what follows from it.
const LONGEST_README: usize = 100;

/// A row of the table in a crate's README.
struct Row {
    name: String,
    file: String,
    listings: Vec<String>,
    command: String,
}

fn text_of(file: &str) -> String {
    fs::read_to_string(xtask::root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn manifest() -> Manifest {
    manifest::read(xtask::root()).unwrap()
}

/// The servers that cargo builds.
fn servers() -> impl Iterator<Item = &'static Server> {
    SERVERS.iter().filter(|server| server.file().is_some())
}

/// The servers that have a client, with its name.
fn clients() -> impl Iterator<Item = (&'static Server, &'static str)> {
    SERVERS.iter().filter_map(|server| Some((server, server.note_client?.name)))
}

/// A program that cargo builds, whether it is a server or not.
struct Built {
    package: &'static str,
    name: &'static str,
    file: String,
    listing: &'static str,
    command: String,
}

fn all() -> impl Iterator<Item = Built> {
    let servers = SERVERS.iter().filter_map(|one| {
        let (file, command) = (one.file()?, one.command());
        Some(Built { package: one.package, name: one.name, file, listing: one.listing, command })
    });
    let programs = PROGRAMS.iter().map(|one| {
        let (file, command) = (example(one.package, one.name), one.command());
        Built { package: one.package, name: one.name, file, listing: one.listing, command }
    });
    servers.chain(programs)
}

fn example(package: &str, name: &str) -> String {
    format!("{package}/examples/{name}.rs")
}

/// The rows of the table in the README of a crate: program, what it follows, what it shows, command.
fn readme(package: &str) -> Vec<Row> {
    let text = text_of(&format!("{package}/README.md"));
    let rows = text.lines().filter(|line| line.starts_with("| ["));
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [link, listings, _shows, command] = cells[..] else { panic!("four cells in {row}") };
        let link = link.strip_prefix('[').and_then(|link| link.strip_suffix(')'));
        let (name, path) = link.and_then(|link| link.split_once("](")).expect("a link");
        Row {
            name: name.to_owned(),
            file: format!("{package}/{path}"),
            listings: listings.split(", ").map(str::to_owned).collect(),
            command: command.trim_matches('`').to_owned(),
        }
    })
    .collect()
}

/// The server crates.
fn packages() -> BTreeSet<&'static str> {
    SERVERS.iter().map(|server| server.package).collect()
}

#[test]
fn no_two_servers_have_one_name() {
    let keys: HashSet<_> = SERVERS.iter().map(Server::key).collect();
    assert_eq!(keys.len(), SERVERS.len());
    let names: HashSet<_> = SERVERS.iter().map(|server| server.name).collect();
    assert_eq!(names.len(), SERVERS.len(), "a name on the command line means one server");
}

#[test]
fn the_manifest_has_the_listing_or_the_prose_of_each_program() {
    let manifest = manifest();
    let listing_of =
        |file: &String| manifest.listings.iter().find(|listing| listing.files.contains(file));
    for Built { file, listing, .. } in all() {
        let prose = manifest.prose.iter().find(|prose| prose.file == file).map(Prose::id);
        let id = listing_of(&file).map(Listing::id).or(prose);
        assert_eq!(id.as_deref(), Some(listing), "{file}");
    }
    for server in servers() {
        let is_mirror = listing_of(&server.file().unwrap()).is_some();
        assert_eq!(is_mirror, !server.in_words, "{}", server.name);
    }
}

#[test]
fn the_heads_name_the_model() {
    for server in servers() {
        let head = Margin::read(&text_of(&server.file().unwrap())).head;
        let (_, mechanism) = head.first().unwrap_or_else(|| panic!("{}: no head", server.name));
        let first = mechanism.to_lowercase();
        for word in server.model.split(' ') {
            assert!(first.contains(word), "{}: no `{word}` in {mechanism:?}", server.name);
        }
    }
}

#[test]
fn help_names_the_model_the_listing_and_the_address() {
    let binaries = build::build(build::SERVERS, false).unwrap();
    let help = |package: &str, name: &str| {
        let help = printed(&binaries, package, name, "--help");
        for line in help.lines() {
            assert!(line.chars().count() <= 80, "{name} --help: {line}");
        }
        // Where it is wrapped does not matter.
        let paragraphs = help.split("\n\n");
        let words = paragraphs.map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
        words.collect::<Vec<_>>().join("\n")
    };
    let says = |name: &str, help: &str, words: &[&str]| {
        for word in words {
            assert!(help.contains(word), "{name} --help does not say `{word}`: {help}");
        }
    };
    for Built { package, name, listing, .. } in all() {
        says(name, help(package, name).lines().next().unwrap(), &[&format!("(note {listing})")]);
    }
    for server in servers() {
        let help = help(server.package, server.name);
        says(server.name, help.lines().next().unwrap(), &[server.model]);
        let example = format!("{} -- {}", server.command(), server.addr);
        says(server.name, &help, &[&format!("[default: {}]", server.addr), &example]);
        for selector in server.selectors {
            says(server.name, &help, &["--selector", selector]);
        }
    }
    for (server, client) in clients() {
        let help = help(server.package, client);
        says(client, &help, &[&format!("[default: {}]", server.addr)]);
        assert!(!help.contains("port 0"), "nobody listens there: {help}");
    }
}

/// What a program prints on standard output when it is asked by `option`.
fn printed(binaries: &Binaries, package: &str, name: &str, option: &str) -> String {
    let binary = binaries.get(package, name).unwrap_or_else(|| panic!("no {name}"));
    let output = Command::new(binary).arg(option).output().unwrap();
    assert!(output.status.success(), "{name} {option}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn every_program_tells_its_version() {
    let binaries = build::build(build::SERVERS, false).unwrap();
    for Built { package, name, .. } in all() {
        let version = printed(&binaries, package, name, "--version");
        assert_eq!(version, format!("{name} {}\n", env!("CARGO_PKG_VERSION")));
    }
}

#[test]
fn who_cannot_use_the_address_says_what_to_type_instead() {
    let binaries = build::build(build::SERVERS, false).unwrap();
    let complaint = |package: &str, name: &str, addr: &str, args: &[&str]| {
        let binary = binaries.get(package, name).unwrap_or_else(|| panic!("no {name}"));
        let output = Command::new(binary).arg(addr).args(args).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{name}: {output:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    let holder = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = holder.local_addr().unwrap().to_string();
    for server in servers() {
        let text = complaint(server.package, server.name, &addr, server.args);
        let advice = format!("{} -- 127.0.0.1:0\n", server.command());
        assert!(text.contains("in use") && text.ends_with(&advice), "{}: {text}", server.name);
    }
    drop(holder);
    for (server, client) in clients() {
        let text = complaint(server.package, client, &addr, &[]);
        let advice = format!("{} -- {addr}\n", server.command());
        assert!(text.contains("refused") && text.ends_with(&advice), "{client}: {text}");
    }
}

#[test]
fn the_readme_of_a_crate_has_each_program_with_its_listing_and_its_command() {
    let mut rows: Vec<Row> = packages().into_iter().flat_map(readme).collect();
    for Built { package, name, file, listing, command } in all() {
        let row = rows.iter().position(|row| row.file == file);
        let row = rows.remove(row.unwrap_or_else(|| panic!("{package}: no row for {name}")));
        assert_eq!(row.name, name);
        assert_eq!(row.listings[0], listing, "{name}");
        let rest = row.command.strip_prefix(&command);
        let is_it = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(" -- "));
        assert!(is_it, "{name}: {}", row.command);
    }
    let manifest = manifest();
    let more: Vec<String> = rows.into_iter().map(|row| row.name).collect();
    assert!(more.is_empty(), "no programs of the tables: {more:?}");
    for row in packages().into_iter().flat_map(readme) {
        for listing in row.listings {
            let is_mirrored = manifest.listings.iter().any(|known| known.id() == listing);
            let is_followed = manifest.prose.iter().any(|known| known.id() == listing);
            assert!(is_mirrored || is_followed, "{}: {listing}", row.name);
        }
    }
}

#[test]
fn the_readme_is_short_and_leads_to_each_crate_and_each_note() {
    let text = text_of("README.md");
    assert!(text.lines().count() <= LONGEST_README, "{}", text.lines().count());
    for package in packages() {
        assert!(text.contains(&format!("]({package}/README.md)")), "no link to {package}");
    }
    for number in manifest().notes() {
        assert!(text.contains(&format!("| {number} | ")), "no row for {number}");
        assert!(text.contains(&format!("`{number}_….txt`")), "no file for {number}");
    }
}

#[test]
fn every_link_of_a_document_leads_to_a_file() {
    let readmes = packages().into_iter().map(|package| format!("{package}/README"));
    let documents = ["README", "CONTRIBUTING"].map(str::to_owned).into_iter().chain(readmes);
    let documents = documents.flat_map(|name| [format!("{name}.md"), format!("{name}.zh-CN.md")]);
    let docs = fs::read_dir(xtask::root().join("docs")).unwrap();
    let docs = docs.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let docs = docs.chain(["pictures/README.md".to_owned()]);
    let docs = docs.filter(|name| name.ends_with(".md")).map(|name| format!("docs/{name}"));
    for document in documents.chain(docs) {
        let text = text_of(&document);
        let folder = xtask::root().join(&document);
        let folder = folder.parent().unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = link.split('#').next().unwrap();
            let is_elsewhere = link.starts_with("http") || file.is_empty();
            assert!(is_elsewhere || folder.join(file).exists(), "{document}: {link}");
        }
    }
}

#[test]
fn the_heads_of_binaries_and_libraries_are_both_documented() {
    let metadata = checkout::metadata(xtask::root()).unwrap();
    for package in &metadata.packages {
        let documented = package.targets.iter().filter(|target| target.is_bin() || target.is_lib());
        // cargo documents one of two whose names are one to rustc.
        let names: Vec<String> = documented.map(|target| target.name.replace('-', "_")).collect();
        let distinct: HashSet<&String> = names.iter().collect();
        let has_mirror = package.name.ends_with("-server");
        assert!(!has_mirror || distinct.len() == names.len(), "{}: {names:?}", package.name);
    }
}
