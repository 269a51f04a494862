//! Python's `print` and `input`. The reader of the output may go away, and a client may send
//! control characters.

use std::fmt;
use std::io::{self, BufRead, ErrorKind, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::shown;

static QUIET: AtomicBool = AtomicBool::new(false);

/// Leaves out the lines of [`say!`] from here on (`--quiet`).
pub(crate) fn be_quiet() {
    QUIET.store(true, Ordering::Relaxed);
}

pub(crate) fn is_quiet() -> bool {
    QUIET.load(Ordering::Relaxed)
}

/// Prints a line about an event on standard output, as Python's `print`; nothing with `--quiet`.
///
/// Unlike `println!` it does not panic when the reader is gone (`server | head -1`), so the server
/// continues. Control characters of the line are shown as escapes ([`shown`]).
#[macro_export]
macro_rules! say {
    ($($arg:tt)*) => { $crate::say(format_args!($($arg)*)) };
}

/// Prints a line about trouble on standard error, also with `--quiet`. It never fails. Control
/// characters are shown as escapes.
#[macro_export]
macro_rules! warn {
    ($($arg:tt)*) => { $crate::warn(format_args!($($arg)*)) };
}

/// The function of [`say!`].
pub fn say(line: fmt::Arguments<'_>) {
    if !is_quiet() {
        print_line(line);
    }
}

/// The function of [`warn!`].
pub fn warn(line: fmt::Arguments<'_>) {
    let _ = io::stderr().write_all(shown_line(line).as_bytes());
}

/// Prints a line whatever `--quiet` says; the reader may be gone.
pub(crate) fn print_line(line: fmt::Arguments<'_>) {
    let _ = io::stdout().write_all(shown_line(line).as_bytes());
}

/// A line without control characters, but with its end.
fn shown_line(line: fmt::Arguments<'_>) -> String {
    format!("{}\n", shown(&line.to_string()))
}

/// Python's `input(prompt)`: shows the prompt, except with `--quiet`. It reads a line of standard
/// input, and returns it without its newline.
///
/// # Errors
/// `UnexpectedEof` at the end of the input (Python's EOFError); those of read(2).
pub fn input(prompt: &str) -> io::Result<String> {
    if !is_quiet() {
        let _ = io::stdout().write_all(shown(prompt).as_bytes());
        let _ = io::stdout().flush();
    }
    let line = read_line(&mut io::stdin().lock())?;
    line.ok_or_else(|| {
        // Nothing has ended the line of the prompt.
        say(format_args!(""));
        io::Error::new(ErrorKind::UnexpectedEof, "standard input has ended")
    })
}

fn read_line(source: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut line = Vec::new();
    if source.read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    let line = line.strip_suffix(b"\n").unwrap_or(&line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    Ok(Some(String::from_utf8_lossy(line).into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_its_end_and_no_control_character() {
        assert_eq!(shown_line(format_args!("{}: {}", 1, "\x1b[2J\r\n")), "1: \\x1b[2J\\r\n\n");
    }

    #[test]
    fn lines_come_without_their_ends_until_the_input_ends() {
        let mut source: &[u8] = b"one\n\ntwo\r\n\xff\nlast";
        let mut next = || read_line(&mut source).unwrap();
        assert_eq!(next().as_deref(), Some("one"));
        assert_eq!(next().as_deref(), Some(""));
        assert_eq!(next().as_deref(), Some("two"));
        assert_eq!(next().as_deref(), Some("\u{fffd}"));
        assert_eq!(next().as_deref(), Some("last"));
        assert_eq!(next(), None);
    }
}
