//! All pages: what they are made of, and their names.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use maud::{Markup, html};

use crate::claims::Claims;
use crate::exercise::table::{self, Exercise};
use crate::highlight::{Language, highlight};
use crate::notes::{self, Note};
use crate::page::{self, Size, words};
use crate::phases::{self, Phases};
use crate::picture::{self, Picture};
use crate::place::Place;
use crate::program::Program;
use crate::stations::{self, Station};
use crate::{note, start, text};
use xtask::catalog::fact;
use xtask::catalog::manifest::{self, Listing, MORE_THAN_LISTING, Manifest, Prose};
use xtask::notes::copies::Copies;
use xtask::test_all::results::Matrix;

/// The folder of the same pages in a larger size.
const LARGE: &str = "large";

pub struct Site {
    /// The reader's notes; none where no folder is named.
    pub notes: Vec<Note>,
    /// Why other notes are not shown.
    pub missing: Vec<anyhow::Error>,
    pub manifest: Manifest,
    /// Every mirror and every model, by its file.
    programs: BTreeMap<String, Program>,
    pub matrix: Matrix,
    pub claims: Claims,
    pub stations: Vec<Station>,
    /// What waits and what copies, in each model.
    pub phases: Phases,
    pub exercises: Vec<Exercise>,
    /// What each model asks of the kernel.
    pub models: Markup,
    /// What happens in the kernel.
    pub pictures: Vec<Picture>,
}

impl Site {
    /// Reads the workspace at `root`, and the notes in a folder where one is named.
    pub fn read(root: &Path, folder: Option<&Path>) -> Result<Site> {
        let manifest = manifest::read(root)?;
        let (mut notes, mut missing) = (Vec::new(), Vec::new());
        if let Some(folder) = folder {
            let facts = fact::read(root, &manifest)?;
            let copies = Copies::find(folder, &manifest, &facts)?;
            for number in manifest.notes() {
                match notes::read(&copies, &manifest, &facts, number) {
                    Ok(note) => notes.push(note),
                    Err(error) => missing.push(error),
                }
            }
        }
        let mirrors = manifest.listings.iter().flat_map(|listing| &listing.files);
        let models = manifest.prose.iter().map(|prose| &prose.file);
        let program = |file: &String| Ok((file.clone(), Program::read(root, file)?));
        let programs = mirrors.chain(models).map(program).collect::<Result<_>>()?;
        let matrix = Matrix::read(root)?;
        let claims = Claims::read(root)?;
        let stations = stations::read(root)?;
        Ok(Site {
            notes,
            missing,
            manifest,
            programs,
            matrix,
            claims,
            stations,
            phases: phases::read(root)?,
            exercises: table::read(root)?,
            models: picture::models(root)?,
            pictures: picture::read(root)?,
        })
    }

    /// The listings of a note, in their order.
    pub fn listings_of(&self, note: &str) -> Vec<&Listing> {
        let mut listings: Vec<&Listing> =
            self.manifest.listings.iter().filter(|listing| listing.note == note).collect();
        listings.sort_by_key(|listing| *listing.lines.start());
        listings
    }

    pub fn prose_of(&self, note: &str) -> impl Iterator<Item = &Prose> {
        self.manifest.prose.iter().filter(move |prose| prose.note == note)
    }

    /// A place, as a link where its note is shown.
    pub fn link(&self, place: &Place) -> Markup {
        let is_shown = self.notes.iter().any(|note| note.number == place.note);
        let page = format!("{}#{}", note_page(&place.note), place.lines.start());
        html! { a href=[is_shown.then_some(page)] { (place) } }
    }

    pub fn program(&self, file: &str) -> Option<&Program> {
        self.programs.get(file)
    }

    pub fn programs(&self) -> impl Iterator<Item = &Program> {
        self.programs.values()
    }

    /// The mirrors of a listing: first those that are nothing else.
    pub fn programs_of(&self, listing: &Listing) -> Vec<&Program> {
        let mut programs: Vec<&Program> =
            listing.files.iter().filter_map(|file| self.program(file)).collect();
        let is_more = |program: &&Program| MORE_THAN_LISTING.contains(&program.file.as_str());
        programs.sort_by_key(is_more);
        programs
    }

    /// The text of every page by its path in the folder: each in two sizes.
    pub fn pages(&self) -> BTreeMap<String, String> {
        let mut bodies = vec![(
            "index.html".to_owned(),
            "I/O models, side by side".to_owned(),
            start::body(self),
        )];
        let claims = self.claims.body(self);
        bodies.push(("claims.html".to_owned(), "What the notes claim".to_owned(), claims));
        for note in &self.notes {
            let title = format!("Note {}", note.number);
            bodies.push((note_page(&note.number), title, note::body(self, note)));
        }
        for program in self.programs() {
            bodies.push((program.page(), program.file.clone(), file(self, program)));
        }
        let mut pages = BTreeMap::new();
        for (name, title, body) in bodies {
            let usual = self.frame(&format!("{LARGE}/{name}"), &words("Larger", "大字"), &body);
            pages.insert(name.clone(), page::page(&title, Size::Usual, &usual));
            let large = self.frame(&format!("../{name}"), &words("Usual size", "正常大小"), &body);
            pages.insert(format!("{LARGE}/{name}"), page::page(&title, Size::Large, &large));
        }
        pages
    }

    /// The way to the other pages, and what the page has of its own.
    fn frame(&self, other_size: &str, size: &Markup, body: &Markup) -> Markup {
        html! {
            a.skip href="#main" { (words("Skip to the text", "跳到正文")) }
            header {
                a href="index.html" { (words("Start", "首页")) }
                a href="claims.html" { (words("Claims", "说法")) }
                @for note in &self.notes {
                    a href=(note_page(&note.number)) { (words("Note", "笔记")) " " (note.number) }
                }
                (page::switch())
                a.size href=(other_size) { (size) }
            }
            main id="main" { (body) (page::keys()) }
        }
    }
}

pub fn note_page(note: &str) -> String {
    format!("note-{note}.html")
}

/// A whole file of Rust.
fn file(site: &Site, program: &Program) -> Markup {
    let lines = &program.margin.lines;
    let pieces = highlight(Language::Rust, lines.iter().map(String::as_str));
    html! {
        h1 { (program.file) }
        @if let Some(command) = &program.command {
            p { (words("Run", "运行")) " " code { (command) } }
        }
        (table::beside(&site.exercises, &program.file))
        @for picture in site.pictures.iter().filter(|picture| picture.is_of(&program.file)) {
            (picture.figure())
        }
        div.lines translate="no" {
            @for (index, pieces) in pieces.iter().enumerate() {
                div.line id=(index + 1) {
                    a.number href={ "#" (index + 1) } tabindex="-1" { (index + 1) }
                    (text::code(pieces, 0..usize::MAX))
                }
            }
        }
    }
}
