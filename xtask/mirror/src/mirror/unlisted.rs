//! Mirrors and models that the manifest does not know.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use xtask::catalog::manifest::Manifest;
use xtask::notes::fault::Fault;

/// Files that say in their head that they mirror or follow a note, and that the manifest does not
/// know.
pub fn find(root: &Path, manifest: &Manifest) -> Result<Vec<Fault>> {
    let mut faults = Vec::new();
    let mut folders: Vec<_> = fs::read_dir(root)?.collect::<Result<_, _>>()?;
    folders.sort_by_key(fs::DirEntry::file_name);
    for folder in folders {
        for part in ["src", "examples"] {
            let Ok(files) = fs::read_dir(folder.path().join(part)) else {
                continue;
            };
            for path in files.map(|file| Ok(file?.path())).collect::<Result<Vec<_>>>()? {
                let file = path.strip_prefix(root)?.to_string_lossy().into_owned();
                let known = manifest.listings.iter().any(|listing| listing.files.contains(&file))
                    || manifest.prose.iter().any(|prose| prose.file == file);
                if known || path.extension().is_none_or(|extension| extension != "rs") {
                    continue;
                }
                let text = fs::read_to_string(&path).with_context(|| format!("read {file}"))?;
                let is_head = |line: &str| {
                    line.starts_with("//! Mirrors note ") || line.starts_with("//! Follows note ")
                };
                if let Some(index) = text.lines().position(is_head) {
                    let message = "mirrors or follows a note, and the manifest does not say so";
                    faults.push(Fault::new(&file, index + 1, message));
                }
            }
        }
    }
    Ok(faults)
}
