//! A small workspace with notes that nobody wrote: a copy of the folder `made-up`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::columns::Screen;
use crate::show;
use crate::site::Site;
use xtask::checkout;

/// The text of its note 001, as a browser shows it: with numbers of its own.
pub const NOTE: &str = include_str!("../../made-up/notes/001_a.txt");

pub struct Workspace {
    pub root: PathBuf,
    pub notes: PathBuf,
}

impl Workspace {
    /// In a folder of its own, which begins afresh.
    pub fn new(name: &str) -> Workspace {
        let root = checkout::target().unwrap().join("tmp/read").join(name);
        if root.exists() {
            fs::remove_dir_all(&root).unwrap();
        }
        fs::create_dir_all(root.parent().unwrap()).unwrap();
        let folder = xtask::root().join("xtask/read/made-up");
        let copied = Command::new("cp").arg("-r").args([&folder, &root]).status();
        assert!(copied.unwrap().success());
        Workspace { notes: root.join("notes"), root }
    }

    /// All pages, with their notes.
    pub fn pages(&self) -> std::collections::BTreeMap<String, String> {
        Site::read(&self.root, Some(&self.notes)).unwrap().pages()
    }

    /// What a place shows beside its note.
    pub fn shown(&self, place: &str, screen: &Screen) -> String {
        self.try_to_show(place, Some(&self.notes), screen).unwrap()
    }

    /// What a place shows beside its note, or without notes, or why it shows nothing.
    pub fn try_to_show(
        &self,
        place: &str,
        notes: Option<&Path>,
        screen: &Screen,
    ) -> anyhow::Result<String> {
        show::place(&self.root, notes, &place.parse().unwrap(), screen)
    }
}

pub fn write(folder: &Path, file: &str, text: &str) {
    let path = folder.join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}
