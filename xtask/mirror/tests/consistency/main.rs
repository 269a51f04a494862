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
use xtask::catalog::{NoteClient, PROGRAMS, Program, SERVERS, Server};
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

/// The servers that cargo builds, each with its file.
fn servers() -> impl Iterator<Item = (&'static Server, String)> {
    SERVERS.iter().filter_map(|server| Some((server, server.file()?)))
}

/// The servers that have a client, with the client's file.
fn clients() -> impl Iterator<Item = (&'static Server, NoteClient, String)> {
    SERVERS.iter().filter_map(|server| {
        let client = server.note_client?;
        Some((server, client, example(server.package, client.name)))
    })
}

fn example(package: &str, name: &str) -> String {
    format!("{package}/examples/{name}.rs")
}

fn listing_of<'a>(manifest: &'a Manifest, file: &str) -> Option<&'a Listing> {
    manifest.listings.iter().find(|listing| listing.files.iter().any(|known| known == file))
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
    let id = |file: &str| {
        let listing = listing_of(&manifest, file).map(Listing::id);
        let prose = manifest.prose.iter().find(|prose| prose.file == file).map(Prose::id);
        listing.or(prose).unwrap_or_else(|| panic!("no row for {file}"))
    };
    for (server, file) in servers() {
        assert_eq!(id(&file), server.listing, "{file}");
        assert_eq!(listing_of(&manifest, &file).is_none(), server.in_words, "{file}");
    }
    for program in PROGRAMS {
        let file = example(program.package, program.name);
        assert_eq!(id(&file), program.listing, "{file}");
    }
    for (server, client, _) in clients() {
        let is_it =
            |program: &Program| (program.package, program.name) == (server.package, client.name);
        assert!(PROGRAMS.iter().any(is_it), "no program {}", client.name);
    }
}

#[test]
fn the_heads_name_the_model() {
    for (server, file) in servers() {
        let text = text_of(&file);
        let head = Margin::read(&text).head;
        let (_, mechanism) = head.first().unwrap_or_else(|| panic!("{file}: no head"));
        let first = mechanism.to_lowercase();
        for word in server.model.split(' ') {
            assert!(first.contains(word), "{file}: no `{word}` in {mechanism:?}");
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
    for (server, _) in servers() {
        let help = help(server.package, server.name);
        let about = help.lines().next().unwrap();
        says(server.name, about, &[server.model, &format!("(note {})", server.listing)]);
        let example = format!("{} -- {}", server.command(), server.addr);
        says(server.name, &help, &[&format!("[default: {}]", server.addr), &example]);
        for selector in server.selectors {
            says(server.name, &help, &["--selector", selector]);
        }
    }
    for program in PROGRAMS {
        let about = format!("(note {})", program.listing);
        let help = help(program.package, program.name);
        says(program.name, help.lines().next().unwrap(), &[&about]);
    }
    for (server, client, _) in clients() {
        let help = help(server.package, client.name);
        says(client.name, &help, &[&format!("[default: {}]", server.addr)]);
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
    let servers = servers().map(|(server, _)| server.key());
    let programs = PROGRAMS.iter().map(|program| (program.package, program.name));
    for (package, name) in servers.chain(programs) {
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
    for (server, _) in servers() {
        let text = complaint(server.package, server.name, &addr, server.args);
        let advice = format!("{} -- 127.0.0.1:0\n", server.command());
        assert!(text.contains("in use") && text.ends_with(&advice), "{}: {text}", server.name);
    }
    drop(holder);
    for (server, client, _) in clients() {
        let text = complaint(server.package, client.name, &addr, &[]);
        let advice = format!("{} -- {addr}\n", server.command());
        assert!(text.contains("refused") && text.ends_with(&advice), "{}: {text}", client.name);
    }
}

#[test]
fn the_readme_of_a_crate_has_each_program_with_its_listing_and_its_command() {
    let servers = servers().map(|(server, file)| {
        (server.package, server.name, file, server.listing, server.command())
    });
    let programs = PROGRAMS.iter().map(|one| {
        (one.package, one.name, example(one.package, one.name), one.listing, one.command())
    });
    let mut rows: Vec<Row> = packages().into_iter().flat_map(readme).collect();
    for (package, name, file, listing, command) in servers.chain(programs) {
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
