//! The command line of a program.

use std::net::SocketAddrV4;
use std::process;

use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ArgMatches, Args, Command};

use crate::signals::let_signals_end_it;
use crate::{Program, console, parse_address, warn, whole_number};

/// Columns of a help text: those of a terminal that has its usual width.
const WIDTH: usize = 80;

/// Reads a server's command line and returns [`Arguments`]: `[ADDR]`, `--quiet`, and the server's
/// own options.
///
/// `arguments!("127.0.0.1:8888", "what it does", Options)`: the address is the default. `Options`
/// derives [`clap::Args`]; without it the server has no options of its own. `--help` prints the
/// help. A bad command line ends the program with one line and status 2.
#[macro_export]
macro_rules! arguments {
    ($addr:literal, $about:expr) => {
        $crate::arguments!($addr, $about, ())
    };
    ($addr:literal, $about:expr, $options:ty) => {
        $crate::Arguments::<$options>::of_server($crate::program!($addr), $about)
    };
}

/// The same for a client: `ADDR` is where it connects to, and `--count N` ends it after N rounds.
#[macro_export]
macro_rules! client_arguments {
    ($addr:literal, $about:expr) => {
        $crate::Arguments::of_client($crate::program!($addr), $about)
    };
}

/// The same for a program without an address: `options!("what it does", Options)` returns the
/// options.
#[macro_export]
macro_rules! options {
    ($about:expr, $options:ty) => {
        $crate::parse_options::<$options>(env!("CARGO_BIN_NAME"), $about)
    };
}

/// The [`Program`] whose file this is in.
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
pub struct Arguments<Options = ()> {
    /// The address to listen on or to connect to.
    pub addr: SocketAddrV4,
    /// Whether the lines about each event are left out.
    pub quiet: bool,
    /// The program's own options.
    pub options: Options,
}

/// The option of a client.
#[derive(Args)]
pub struct Rounds {
    /// Stop after N rounds [default: when the server closes]
    #[arg(long, value_name = "N", value_parser = whole_number::<u64>(0..=u32::MAX.into()))]
    count: Option<u64>,
}

impl<Options: Args> Arguments<Options> {
    /// Reads a server's command line: the function of [`arguments!`].
    pub fn of_server(program: Program, about: &'static str) -> Arguments<Options> {
        let addr = "IPv4 address and port, as HOST:PORT; port 0 lets the kernel choose";
        Arguments::parse(program, about, addr)
    }

    fn parse(program: Program, about: &'static str, addr: &'static str) -> Arguments<Options> {
        program.runs();
        let addr = Arg::new("ADDR").default_value(program.addr).help(addr);
        let quiet = Arg::new("quiet")
            .long("quiet")
            .action(ArgAction::SetTrue)
            .help("Leave out the lines about each event");
        let example = format!("Example:\n  {} -- {}", program.command(program.addr), program.addr);
        let command = Command::new(program.name).after_help(example);
        let command = command.arg(addr.value_parser(parse_address)).arg(quiet);
        let matches = read(Options::augment_args(command).about(about));
        let arguments = Arguments {
            addr: *matches.get_one("ADDR").expect("ADDR has a default"),
            quiet: matches.get_flag("quiet"),
            options: options_of(&matches),
        };
        if arguments.quiet {
            console::be_quiet();
        }
        arguments
    }
}

impl Arguments<Rounds> {
    /// Reads a client's command line: the function of [`client_arguments!`].
    pub fn of_client(program: Program, about: &'static str) -> Arguments<Rounds> {
        Arguments::parse(program, about, "Where its server listens, as HOST:PORT")
    }

    /// A client's rounds: as many as `--count` says, or for ever.
    pub fn rounds(&self) -> impl Iterator<Item = u64> + use<> {
        0..self.options.count.unwrap_or(u64::MAX)
    }
}

/// Reads the options of a program without an address: the function of [`options!`].
pub fn parse_options<Options: Args>(name: &'static str, about: &'static str) -> Options {
    options_of(&read(Options::augment_args(Command::new(name)).about(about)))
}

fn options_of<Options: Args>(matches: &ArgMatches) -> Options {
    Options::from_arg_matches(matches).expect("the command has these options")
}

/// Reads the command line. With `--help` or `--version` it prints that and exits with 0. On a bad
/// command line it prints one line on standard error and exits with 2.
///
/// Every program starts with this, so Ctrl-C ends each of them from here on.
fn read(command: Command) -> ArgMatches {
    if let Err(error) = let_signals_end_it() {
        warn!("signals: {error}");
    }
    let command = command.version(env!("CARGO_PKG_VERSION")).max_term_width(WIDTH);
    command.try_get_matches().unwrap_or_else(|error| {
        if let ErrorKind::DisplayHelp | ErrorKind::DisplayVersion = error.kind() {
            error.exit();
        }
        warn!("{}", one_line(&error.to_string()));
        process::exit(2);
    })
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
}
