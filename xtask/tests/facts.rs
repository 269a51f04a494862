//! One source of facts: the table of servers, the manifest, the heads of the files, `--help` and
//! the README say the same of each server.
#![forbid(unsafe_code)]

use std::collections::HashSet;
use std::fs;
use std::net::TcpListener;
use std::process::Command;

use xtask::catalog::manifest::{Listing, Manifest, Prose};
use xtask::catalog::{NoteClient, PROGRAMS, Program, SERVERS, Server, Target};
use xtask::checkout;
use xtask::harness::build::{self, Binaries};
use xtask::mirror;
use xtask::mirror::source::Source;

/// Where the README's table is.
const TABLE: &str = "## From the idea to the file";

/// A row of the README's table.
struct Row {
    /// The names and files of its links, in order.
    links: Vec<(String, String)>,
    listings: Vec<String>,
    command: String,
}

fn text_of(file: &str) -> String {
    fs::read_to_string(xtask::root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn manifest() -> Manifest {
    mirror::read_manifest(xtask::root()).unwrap()
}

/// The servers that cargo builds, each with its file.
fn servers() -> impl Iterator<Item = (&'static Server, String)> {
    SERVERS.iter().filter_map(|server| {
        let file = match server.target {
            Target::Bin => format!("{}/src/main.rs", server.package),
            Target::Example => example(server.package, server.name),
            Target::Program(_) => return None,
        };
        Some((server, file))
    })
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

/// The rows of the README's table: model, links, listings, command.
fn readme() -> Vec<Row> {
    let text = text_of("README.md");
    let (_, table) = text.split_once(TABLE).expect("the README has the table");
    let rows = table.trim_start().lines().take_while(|line| line.starts_with('|')).skip(2);
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [_model, links, listings, command] = cells[..] else {
            panic!("four cells in {row}");
        };
        let links = links.split('[').skip(1).map(|link| {
            let (name, rest) = link.split_once("](").expect("a link");
            let (file, _) = rest.split_once(')').expect("a link's end");
            (name.to_owned(), file.to_owned())
        });
        Row {
            links: links.collect(),
            listings: listings.split(", ").map(str::to_owned).collect(),
            command: command.trim_matches('`').to_owned(),
        }
    })
    .collect()
}

#[test]
fn who_waits_for_cargo_xtask_sees_that_it_compiles() {
    assert!(!text_of(".cargo/config.toml").contains("--quiet"), "cargo compiles in silence");
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
fn the_heads_name_the_model_and_the_listing() {
    for (server, file) in servers() {
        let text = text_of(&file);
        let head = Source::parse(&text).unwrap().head;
        let [(_, mechanism), (_, mirrors), ..] = &head[..] else {
            panic!("{file}: no head");
        };
        let first = mechanism.to_lowercase();
        for word in server.model.split(' ') {
            assert!(first.contains(word), "{file}: no `{word}` in {mechanism:?}");
        }
        if server.in_words {
            // What such a head says of its lines is for `cargo xtask mirror` to check.
            continue;
        }
        let (note, lines) = server.listing.split_once(':').unwrap();
        let expected = format!("Mirrors note {note}, lines {lines}");
        assert!(mirrors.starts_with(&expected), "{file}: no `{expected}` in {mirrors:?}");
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
fn the_readme_has_each_server_with_its_listing_and_a_command() {
    let rows = readme();
    for (server, file) in servers() {
        let place = rows.iter().find_map(|row| {
            let position = row.links.iter().position(|(_, linked)| *linked == file)?;
            Some((row, position))
        });
        let (row, position) = place.unwrap_or_else(|| panic!("no link to {file}"));
        assert_eq!(row.links[position].0, server.name, "the link to {file}");
        assert_eq!(row.listings.get(position).map(String::as_str), Some(server.listing), "{file}");
    }
    let text = text_of("README.md");
    let says = |words: &str| assert!(text.contains(words), "no {words}");
    for (server, client, _) in clients() {
        says(&format!("`{}`", client.name));
        let name = if server.package == "blocking-server" { client.name } else { "NAME" };
        says(&format!("`cargo run -p {} --example {name}`", server.package));
    }
    for number in manifest().notes() {
        says(&format!("| {number} | "));
        says(&format!("`{number}_….txt`"));
    }
}

#[test]
fn the_readme_says_nothing_that_the_manifest_does_not_know() {
    let manifest = manifest();
    for row in readme() {
        for (position, (name, file)) in row.links.iter().enumerate() {
            assert!(xtask::root().join(file).is_file(), "the link to {file}");
            let listing = listing_of(&manifest, file).map(Listing::id);
            // A file that stands in two rows of the manifest, or follows a note in words, has more.
            if let (Some(listing), Some(said)) = (listing, row.listings.get(position)) {
                assert_eq!(*said, listing, "{name}");
            }
        }
        for listing in &row.listings {
            let is_mirrored = manifest.listings.iter().any(|known| known.id() == *listing);
            let is_followed = manifest.prose.iter().any(|known| known.id() == *listing);
            let is_known = is_mirrored || is_followed || is_named_in_a_head(&row, listing);
            assert!(is_known, "{listing}");
        }
        let own = servers().filter(|(_, file)| row.links.iter().any(|(_, linked)| linked == file));
        let commands: Vec<String> = own.map(|(server, _)| server.command()).collect();
        let is_own = |command: &String| {
            row.command
                .strip_prefix(command.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(" -- "))
        };
        assert!(commands.is_empty() || commands.iter().any(is_own), "{}", row.command);
    }
}

/// Whether the head of a file of the row names lines of a note that it follows in words.
fn is_named_in_a_head(row: &Row, listing: &str) -> bool {
    let (note, lines) = listing.split_once(':').unwrap();
    row.links.iter().any(|(_, file)| {
        let text = text_of(file);
        let head = Source::parse(&text).unwrap().head;
        head.iter().any(|(_, paragraph)| {
            let begins = ["Mirrors note ", "Follows note "].map(|word| format!("{word}{note}, "));
            begins.iter().any(|begin| paragraph.starts_with(begin))
                && paragraph.contains(&format!("lines {lines}"))
        })
    })
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
