//! Python's `logging.basicConfig`.

use epoll::logging::{formatter, stream_handler, unless_quiet};
use fern::Dispatch;
use log::LevelFilter;

/// `basicConfig(format=format, level=level)`: lines go to standard error; with `--quiet` only
/// errors.
///
/// # Errors
/// When it was called before.
pub fn basic_config(format: &'static str, level: LevelFilter) -> common::Result {
    let handler = stream_handler().format(formatter(format));
    Dispatch::new().level(unless_quiet(level)).chain(handler).apply()?;
    Ok(())
}
