//! The command line that all servers share.

use std::net::SocketAddrV4;
use std::process;
use std::sync::OnceLock;

use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ArgMatches, Command};

use crate::signals::let_signals_end_it;
use crate::{Program, console, parse_address, warn, whole_number};

/// Columns of a help text: those of a terminal that has its usual width.
const WIDTH: usize = 80;

/// What was read, for [`chosen`]: a command line is global, as Python's `sys.argv`.
static CHOSEN: OnceLock<ArgMatches> = OnceLock::new();

/// The command line of a server: `[ADDR]`, `--quiet`, and options of its own; reads it and returns
/// [`Arguments`].
///
/// `arguments!("127.0.0.1:8888", "what it does", option…)`: the address is the default; each option
/// is a [`clap::Arg`]. `--help` prints the help, a bad command line ends the program with one line
/// and status 2.
#[macro_export]
macro_rules! arguments {
    ($addr:literal, $about:expr $(, $option:expr)* $(,)?) => {
        $crate::Arguments::of_server($crate::program!($addr), $about, [$($option),*])
    };
}

/// The same for a client: `ADDR` is where it connects to, and `--count N` ends it after N rounds.
#[macro_export]
macro_rules! client_arguments {
    ($addr:literal, $about:expr) => {
        $crate::Arguments::of_client($crate::program!($addr), $about)
    };
}

/// The [`Program`] whose file this stands in.
#[doc(hidden)]
#[macro_export]
macro_rules! program {
    ($addr:literal) => {
        $crate::Program {
            package: env!("CARGO_PKG_NAME"),
            name: env!("CARGO_BIN_NAME"),
            addr: $addr,
        }
    };
}

/// A command line that was read.
pub struct Arguments {
    /// The address to listen on or to connect to.
    pub addr: SocketAddrV4,
    /// Whether the lines about each event are left out.
    pub quiet: bool,
}

impl Arguments {
    /// Reads a server's command line: the function behind [`arguments!`].
    pub fn of_server(
        program: Program,
        about: &'static str,
        options: impl IntoIterator<Item = Arg>,
    ) -> Arguments {
        let addr = "IPv4 address and port, as HOST:PORT; port 0 lets the kernel choose";
        Arguments::parse(program, about, addr, options)
    }

    /// Reads a client's command line: the function behind [`client_arguments!`].
    pub fn of_client(program: Program, about: &'static str) -> Arguments {
        let count = Arg::new("count").long("count").value_name("N");
        let count = count.value_parser(whole_number::<u64>(0..=u32::MAX.into()));
        let count = count.help("Stop after N rounds [default: when the server closes]");
        Arguments::parse(program, about, "Where its server listens, as HOST:PORT", [count])
    }

    fn parse(
        program: Program,
        about: &'static str,
        addr: &'static str,
        options: impl IntoIterator<Item = Arg>,
    ) -> Arguments {
        program.runs();
        let addr = Arg::new("ADDR").default_value(program.addr).help(addr);
        let quiet = Arg::new("quiet")
            .long("quiet")
            .action(ArgAction::SetTrue)
            .help("Leave out the lines about each event");
        let example = format!("Example:\n  {} -- {}", program.command(program.addr), program.addr);
        let command = Command::new(program.name).version(env!("CARGO_PKG_VERSION"));
        let command = command.about(about).after_help(example);
        let command = command.arg(addr.value_parser(parse_address)).arg(quiet).args(options);
        let matches = parse_command(command);
        let arguments = Arguments {
            addr: *matches.get_one("ADDR").expect("ADDR has a default"),
            quiet: matches.get_flag("quiet"),
        };
        if arguments.quiet {
            console::be_quiet();
        }
        arguments
    }

    /// A client's rounds: as many as `--count` says, or for ever.
    pub fn rounds(&self) -> impl Iterator<Item = u64> + use<> {
        0..chosen("count").unwrap_or(u64::MAX)
    }
}

/// The value of an option, of the type that its value parser gives; `None` where it was not given
/// and has no default, where the program has no such option, and before the command line was read.
///
/// # Panics
/// If the option's values are of another type.
pub fn chosen<T: Clone + Send + Sync + 'static>(option: &str) -> Option<T> {
    let matches = CHOSEN.get()?;
    matches.try_contains_id(option).ok()?;
    matches.get_one::<T>(option).cloned()
}

/// Reads a program's command line, for [`chosen`], too. With `--help` or `--version` it prints that
/// and exits with 0; on a bad command line it prints one line on standard error and exits with 2.
///
/// Every program starts with this, so that Ctrl-C ends each of them from here on.
pub fn parse_command(command: Command) -> ArgMatches {
    if let Err(error) = let_signals_end_it() {
        warn!("signals: {error}");
    }
    let command = command.max_term_width(WIDTH);
    let matches = command.try_get_matches().unwrap_or_else(|error| {
        if let ErrorKind::DisplayHelp | ErrorKind::DisplayVersion = error.kind() {
            error.exit();
        }
        warn!("{}", one_line(&error.to_string()));
        process::exit(2);
    });
    CHOSEN.get_or_init(|| matches.clone());
    matches
}

/// The first paragraph of clap's message on one line, and where to read on.
fn one_line(text: &str) -> String {
    let first: Vec<&str> = text.lines().take_while(|line| !line.is_empty()).collect();
    let words: Vec<&str> = first.iter().flat_map(|line| line.split_whitespace()).collect();
    format!("{}; try --help", words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_of_clap_becomes_one_line() {
        let text = "error: unexpected argument '--x' found\n\nUsage: server [ADDR]\n";
        assert_eq!(one_line(text), "error: unexpected argument '--x' found; try --help");
    }

    #[test]
    fn without_a_command_line_nothing_is_chosen() {
        assert_eq!(chosen::<u64>("count"), None);
    }
}
