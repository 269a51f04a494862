//! The command line of `cargo xtask read`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::columns::Screen;
use crate::place::{Asked, Place};
use crate::site::Site;
use crate::{folder, pager, picture, show, stations};
use xtask::FAILED;
use xtask::catalog::fact;
use xtask::catalog::language::Language;
use xtask::catalog::manifest::{self, Listing};
use xtask::checkout;
use xtask::notes::copies::{Copies, expected};
use xtask::notes::original;
use xtask::terminal::print;

/// The command line of `cargo xtask read`.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  cargo xtask read --notes DIR --open           pages for a browser
  cargo xtask read --open                       the same without the notes' text
  cargo xtask read 002:226-355 --notes DIR      one listing, here
  cargo xtask read 002:308                      the Rust of one line, here
  cargo xtask read 000:154 --notes DIR          one sentence and its answer, here
  cargo xtask read 002                          what there is in a note
  cargo xtask read 001:9-19 --notes DIR --original > original.py")]
pub struct Args {
    /// Lines of a note to show here, as 002:308 or 002:226-355, or a note, as 002
    /// [default: pages of all notes]
    #[arg(value_name = "PLACE")]
    place: Option<Asked>,
    /// Folder with the notes' own files
    #[arg(long, value_name = "DIR")]
    notes: Option<PathBuf>,
    /// Folder for the pages [default: target/read]
    #[arg(long, value_name = "DIR", conflicts_with = "place")]
    out: Option<PathBuf>,
    /// Show the Python program of a listing as it can be run: with its indentation, without numbers
    #[arg(long, requires = "place", requires = "notes")]
    original: bool,
    /// Language of what is shown here [default: that of the terminal]
    #[arg(long, requires = "place", value_name = "LANGUAGE")]
    lang: Option<Language>,
    /// Open the pages in the browser
    #[arg(long, conflicts_with = "place")]
    open: bool,
    /// Write docs/stations.md, its Chinese, and docs/pictures/README.md instead
    #[arg(long, conflicts_with_all = ["place", "notes", "out", "open"])]
    markdown: bool,
}

/// Writes the pages, or shows one place.
pub fn run(args: &Args) -> Result<ExitCode> {
    let root = xtask::root();
    if args.markdown {
        for (file, text) in documents(root)? {
            fs::write(root.join(file), text).with_context(|| format!("write {file}"))?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    if let (true, Some(Asked::Place(place)), Some(notes)) =
        (args.original, &args.place, &args.notes)
    {
        print(&original(root, notes, place)?);
        return Ok(ExitCode::SUCCESS);
    }
    let notes = args.notes.as_deref();
    let language = args.lang.unwrap_or_else(Language::of_environment);
    let screen = Screen::of_stdout(language);
    match &args.place {
        Some(Asked::Note(_)) if args.original => {
            bail!("--original expects a line of a listing, for example 002:226");
        }
        Some(Asked::Place(place)) => pager::show(&show::place(root, notes, place, &screen)?),
        Some(Asked::Note(note)) => pager::show(&show::contents(root, notes, note, language)?),
        None => {
            let default = || Ok(checkout::target()?.join("read"));
            let out = args.out.clone().map_or_else(default, anyhow::Ok)?;
            return write(root, notes, &out, args.open);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The documents that are made of data.
pub fn documents(root: &Path) -> Result<Vec<(&'static str, String)>> {
    let stations = stations::read(root)?;
    let document = |(language, file)| (file, stations::markdown(&stations, language));
    let mut documents: Vec<_> = stations::DOCUMENTS.into_iter().map(document).collect();
    documents.push((picture::DOCUMENT, picture::markdown(&picture::read(root)?)));
    Ok(documents)
}

/// The program of the listing at a place.
fn original(root: &Path, notes: &Path, place: &Place) -> Result<String> {
    let manifest = manifest::read(root)?;
    let copies = Copies::find(notes, &manifest, &fact::read(root, &manifest)?)?;
    let holds = |listing: &&Listing| place.lines.clone().all(|line| listing.lines.contains(&line));
    let mut of_note = manifest.listings.iter().filter(|listing| listing.note == place.note);
    let listing = of_note.find(holds).with_context(|| format!("{place} is in no listing"))?;
    let (_, text) = copies.read(&listing.note)?;
    Ok(original::lines(listing, text)?.join("\n") + "\n")
}

/// Writes the pages and says where they are, and which notes they do not show.
fn write(root: &Path, folder: Option<&Path>, out: &Path, open: bool) -> Result<ExitCode> {
    let site = Site::read(root, folder)?;
    for error in &site.missing {
        eprintln!("error: {error:#}");
    }
    if site.notes.is_empty() && folder.is_some() {
        return Ok(ExitCode::from(FAILED));
    }
    folder::write(out, &site.pages())?;
    let index = out.canonicalize()?.join("index.html");
    let notes = site.notes.len();
    let listings: usize = site.notes.iter().map(|note| site.listings_of(&note.number).len()).sum();
    print(&format!("{}: {notes} notes, {listings} listings\n", index.display()));
    if folder.is_none() {
        let expected = expected(&manifest::read(root)?);
        print(&format!("--notes DIR adds your copy of the notes: {expected}\n"));
    }
    if open {
        open::that_detached(&index)?;
    }
    Ok(ExitCode::from(if site.missing.is_empty() { 0 } else { FAILED }))
}
