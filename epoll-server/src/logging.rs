//! Python's `logging`, as far as the notes' listings use it, over fern.
//!
//! Each handler writes a line at once and goes on when that fails, as Python's do; fern's own
//! outputs panic once standard error is gone.

use std::fmt;
use std::io::{self, Write};
use std::path::PathBuf;
use std::thread;

use anyhow::{Context, anyhow};
use common::clap::{Arg, value_parser};
use common::{asctime, chosen, shown};
use fern::{Dispatch, FormatCallback, Output};
use log::{LevelFilter, Record};

use crate::sys;

/// The option `--log PATH`, which [`file_handler`] follows.
pub fn log_option() -> Arg {
    Arg::new("log")
        .long("log")
        .value_name("PATH")
        .value_parser(value_parser!(PathBuf))
        .help("File that gets the log [default: network-server.log]; with --quiet only the errors")
}

/// The `level` of a logger, or the errors only with `--quiet`.
pub fn unless_quiet(level: LevelFilter) -> LevelFilter {
    match chosen("quiet") {
        Some(true) => LevelFilter::Error,
        _ => level,
    }
}

/// `logging.FileHandler(filename)`: appends to that file, or to the one that `--log` names.
///
/// # Errors
/// Those of open(2), with the path, and without `--log` that there is that option.
pub fn file_handler(filename: &str) -> anyhow::Result<Dispatch> {
    let Some(path) = chosen::<PathBuf>("log") else {
        let advise = |error| anyhow!("open {filename}: {error}; choose another with --log PATH");
        return Ok(handler(fern::log_file(filename).map_err(advise)?));
    };
    let file = fern::log_file(&path).with_context(|| format!("open {}", path.display()))?;
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
/// thread `main`, Python `MainThread`.
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
