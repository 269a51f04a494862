//! What is read and not compiled: files of TOML in `xtask/data`.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use anyhow::{Context, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Reads a file of the workspace at `root`.
///
/// # Errors
/// When it cannot be read, or says something else.
pub fn read<T: DeserializeOwned>(root: &Path, file: &str) -> Result<T> {
    parse(fs::read_to_string(root.join(file)), file)
}

/// The same for what a command writes; a file that is not there yet is the default.
///
/// # Errors
/// When it is there and cannot be read, or says something else.
pub fn read_or_default<T: DeserializeOwned + Default>(root: &Path, file: &str) -> Result<T> {
    match fs::read_to_string(root.join(file)) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(T::default()),
        text => parse(text, file),
    }
}

fn parse<T: DeserializeOwned>(text: io::Result<String>, file: &str) -> Result<T> {
    let context = || format!("read {file}");
    toml::from_str(&text.with_context(context)?).with_context(context)
}

/// Writes a file of the workspace at `root`, and its folder.
///
/// # Errors
/// When it cannot be written.
pub fn write(root: &Path, file: &str, data: &impl Serialize) -> Result<()> {
    let path = root.join(file);
    let context = || format!("write {file}");
    fs::create_dir_all(path.with_file_name("")).with_context(context)?;
    fs::write(&path, toml::to_string(data).with_context(context)?).with_context(context)
}
