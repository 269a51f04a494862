//! The notes' own listings, from the reader's copy, with the repairs that let them run.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::bench::contender::{Contender, Field, Kind, printing};
use xtask::catalog::manifest::{self, Listing};
use xtask::catalog::{SERVERS, Server};
use xtask::harness::command_line::CommandLine;
use xtask::notes::copies::Copies;
use xtask::notes::original;
use xtask::notes::repair::{self, What};

/// A terminal gets each line at once; a pipe is to get it so, too.
const LINE_BY_LINE: &str = "import sys; sys.stdout.reconfigure(line_buffering=True)\n";

const LISTINGS: [&str; 3] = ["002:146-224", "002:226-355", "002:367-528"];

/// How the tables call the Python of a listing.
pub fn name_of(listing: &str) -> String {
    format!("python {listing}")
}

/// Adds the originals, which are in the folder `notes`, and puts what runs into `folder`.
pub fn add(field: &mut Field, notes: Option<&Path>, folder: &Path) -> Result<()> {
    let manifest = manifest::read(xtask::root())?;
    let notes = notes.map(|notes| Copies::open(xtask::root(), notes)).transpose()?;
    for listing in LISTINGS {
        let Some(notes) = &notes else {
            field.add(&name_of(listing), Err("needs the notes: --notes DIR".to_owned()));
            continue;
        };
        let of_manifest = manifest.listings.iter().find(|known| known.id() == listing);
        let mirror = SERVERS.iter().find(|server| server.listing == listing);
        let (of_manifest, mirror) = of_manifest.zip(mirror).context("a listing of a server")?;
        for kind in [Kind::Original, Kind::Printing] {
            let contender = prepare(of_manifest, mirror, kind, notes, folder);
            let contender = contender.map_err(|error| format!("{error:#}"));
            field.add(&name_of(listing), contender);
        }
    }
    Ok(())
}

fn prepare(
    listing: &Listing,
    mirror: &Server,
    kind: Kind,
    notes: &Copies,
    folder: &Path,
) -> Result<Contender> {
    let prints = kind == Kind::Printing;
    let name = name_of(&listing.id());
    let name = if prints { printing(&name) } else { name };
    let mut lines = original::lines(listing, notes.read(&listing.note)?.1)?;
    let mut repairs = repair::read(listing)?;
    repairs.retain(|repair| match repair.what {
        What::Becomes | What::Then => true,
        What::Quiet => !prints,
        What::Mends => false,
    });
    repair::repair(&mut lines, *listing.lines.start(), &repairs)?;
    let mut program = lines.join("\n").replace("{port}", "0") + "\n";
    if prints {
        program.insert_str(0, LINE_BY_LINE);
    }
    let path = folder.join(format!("{}.py", name.replace([':', ' ', ','], "-")));
    fs::write(&path, program).with_context(|| format!("write {}", path.display()))?;
    Ok(Contender {
        name,
        kind,
        line: CommandLine::new("python3").with([path]),
        args: Vec::new(),
        talk: mirror.talk,
        backlog: mirror.backlog,
        concurrency: mirror.concurrency,
        processors: 1,
    })
}
