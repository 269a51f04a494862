//! The folder of the pages: all of it is written, or nothing.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::page::GENERATOR;

/// Writes the pages into a new folder beside `out` and gives it that name; the pages of an earlier
/// run make room when all others are written.
pub fn write(out: &Path, pages: &BTreeMap<String, String>) -> Result<()> {
    if let Some(other) = other_than_pages(out)? {
        bail!(
            "{} is not a page of an earlier run: --out expects a new folder, an empty one, or one \
             that cargo xtask read wrote",
            other.display()
        );
    }
    let name = out.file_name().with_context(|| format!("{} has no name", out.display()))?;
    let name = format!(".{}.new.{}", name.to_string_lossy(), std::process::id());
    let fresh = out.with_file_name(name);
    let result = write_all(&fresh, pages).and_then(|()| replace(out, &fresh));
    if result.is_err() {
        // What is half written goes; that it may not be there is no error.
        let _ = fs::remove_dir_all(&fresh);
    }
    result
}

fn write_all(folder: &Path, pages: &BTreeMap<String, String>) -> Result<()> {
    for (name, text) in pages {
        let path = folder.join(name);
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent).with_context(|| format!("create {}", parent.display()))?;
        fs::write(&path, text).with_context(|| format!("write {}", path.display()))?;
    }
    Ok(())
}

fn replace(out: &Path, fresh: &Path) -> Result<()> {
    if out.exists() {
        fs::remove_dir_all(out).with_context(|| format!("remove {}", out.display()))?;
    }
    fs::rename(fresh, out)
        .with_context(|| format!("rename {} to {}", fresh.display(), out.display()))
}

/// The first thing below `out` that is no page.
fn other_than_pages(out: &Path) -> Result<Option<PathBuf>> {
    let context = || format!("read {}", out.display());
    let entries = match fs::read_dir(out) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        entries => entries.with_context(context)?,
    };
    for entry in entries {
        let path = entry.with_context(context)?.path();
        if path.is_dir() {
            if let Some(other) = other_than_pages(&path)? {
                return Ok(Some(other));
            }
        } else if !is_page(&path) {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

/// Whether a file is a page that names this program as its generator.
fn is_page(path: &Path) -> bool {
    let generator = format!("<meta name=\"generator\" content=\"{GENERATOR}\">");
    let is_html = path.extension().is_some_and(|extension| extension == "html");
    is_html && fs::read_to_string(path).is_ok_and(|text| text.contains(&generator))
}
