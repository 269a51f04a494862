//! Python's `logging.basicConfig`: each line goes to standard error, in the format that it is given.

use std::fmt;
use std::io::{self, Write};
use std::process;
use std::thread;

use common::asctime;
use log::{LevelFilter, Record};

/// `basicConfig(format, level)`, for the four attributes that the listings' format has.
pub fn basic_config(format: &'static str, level: LevelFilter) -> common::Result {
    let formatter =
        move |out: fern::FormatCallback<'_>, message: &fmt::Arguments<'_>, _: &Record<'_>| {
            // Only the main thread logs, and Linux gives it the number of its process.
            let line = format
                .replace("%(asctime)s", &asctime().unwrap_or_default())
                .replace("%(threadName)s", thread::current().name().unwrap_or("?"))
                .replace("%(thread)d", &process::id().to_string())
                .replace("%(message)s", &message.to_string());
            out.finish(format_args!("{line}"));
        };
    // fern's own output panics once standard error is gone; Python's goes on.
    let handler = fern::Output::call(|record| {
        let _ = io::stderr().write_all(format!("{}\n", record.args()).as_bytes());
    });
    let logger = fern::Dispatch::new().level(level).format(formatter);
    logger.chain(handler).apply()?;
    Ok(())
}
