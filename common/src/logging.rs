//! Python's `logging`, as far as the notes' listings use it, over fern.
//!
//! Each handler writes a line with one call and ignores an error, as Python's do. fern's own
//! outputs panic when standard error is closed.

use std::fmt;
use std::io::{self, Write};
use std::path::Path;
use std::thread;

use anyhow::Context;
use fern::{Dispatch, FormatCallback, Output};
use log::{LevelFilter, Record};

use crate::time::asctime;
use crate::{shown, sys};

/// The `level` of a logger; with `--quiet` only errors.
pub fn unless_quiet(level: LevelFilter, quiet: bool) -> LevelFilter {
    if quiet { LevelFilter::Error } else { level }
}

/// `logging.basicConfig(format=format, level=level)`: lines go to standard error.
///
/// # Errors
/// When it was called before.
pub fn basic_config(format: &'static str, level: LevelFilter) -> crate::Result {
    let handler = stream_handler().format(formatter(format));
    Dispatch::new().level(level).chain(handler).apply()?;
    Ok(())
}

/// `logging.FileHandler(filename)`: appends to that file.
///
/// # Errors
/// Those of open(2), with the path.
pub fn file_handler(filename: impl AsRef<Path>) -> anyhow::Result<Dispatch> {
    let filename = filename.as_ref();
    let file = fern::log_file(filename).with_context(|| format!("open {}", filename.display()))?;
    Ok(handler(file))
}

/// `logging.StreamHandler()`: standard error.
pub fn stream_handler() -> Dispatch {
    handler(io::stderr())
}

fn handler<W: Send + Sync + 'static>(stream: W) -> Dispatch
where
    for<'a> &'a W: Write,
{
    Dispatch::new().chain(Output::call(move |record| {
        let line = record.args().to_string();
        let _ = (&stream).write_all(format!("{}\n", shown(&line)).as_bytes());
    }))
}

/// `logging.Formatter(format)`, for the attributes that the listings name. Rust calls the main
/// thread `main`, and Python calls it `MainThread`.
pub fn formatter(
    format: &'static str,
) -> impl Fn(FormatCallback<'_>, &fmt::Arguments<'_>, &Record<'_>) + Copy + Send + Sync + 'static {
    move |out, message, record| out.finish(format_args!("{}", expand(format, message, record)))
}

fn expand(format: &str, message: &fmt::Arguments<'_>, record: &Record<'_>) -> String {
    // The message comes last, so that nothing in it is taken for an attribute.
    format
        .replace("%(asctime)s", &asctime().unwrap_or_default())
        .replace("%(name)s", record.target())
        .replace("%(levelname)s", record.level().as_str())
        .replace("%(threadName)s", thread::current().name().unwrap_or("?"))
        .replace("%(thread)d", &sys::get_ident().to_string())
        .replace("%(message)s", &message.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_names_attributes() {
        let record = Record::builder().target("network-server").level(log::Level::Debug).build();
        let line =
            expand("%(name)s - %(levelname)s: %(message)s", &format_args!("%(name)s"), &record);
        assert_eq!(line, "network-server - DEBUG: %(name)s");
    }

    #[test]
    fn threads_are_told_apart() {
        let here = || expand("%(thread)d", &format_args!(""), &Record::builder().build());
        let there = thread::spawn(here).join().unwrap();
        assert_ne!(here(), there);
        let name = || expand("%(threadName)s", &format_args!(""), &Record::builder().build());
        let named = thread::Builder::new().name("worker".to_owned()).spawn(name).unwrap();
        assert_eq!(named.join().unwrap(), "worker");
    }
}
