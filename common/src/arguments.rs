//! The command line that all servers share.

use std::net::SocketAddrV4;
use std::process;

use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use crate::{Socket, console, parse_address, say, warn};

/// Describes a program's command line: `[ADDR] [--quiet]` and what the program adds with [`option`].
///
/// [`option`]: Arguments::option
pub struct Arguments(Command);

/// A command line that was read.
pub struct Parsed {
    /// The address to listen on or to connect to.
    pub addr: SocketAddrV4,
    /// Whether the lines about each event are left out.
    pub quiet: bool,
    matches: ArgMatches,
}

impl Arguments {
    /// Starts a command line for the program `name` (`env!("CARGO_BIN_NAME")`) that does what `about` says,
    /// at the address `default` unless another is given.
    pub fn new(name: &'static str, about: &'static str, default: &'static str) -> Arguments {
        let addr = Arg::new("ADDR")
            .default_value(default)
            .value_parser(parse_address)
            .help("IPv4 address and port, as HOST:PORT; port 0 lets the kernel choose");
        let quiet = Arg::new("quiet")
            .long("quiet")
            .action(ArgAction::SetTrue)
            .help("Leave out the lines about each event");
        let example = format!("Example:\n  {name} {default}");
        let command = Command::new(name).about(about).after_help(example);
        Arguments(command.arg(addr).arg(quiet))
    }

    /// The same for a client: `ADDR` is where it connects to, and `--count N` ends it after N rounds.
    pub fn client(name: &'static str, about: &'static str, default: &'static str) -> Arguments {
        let count = Arg::new("count")
            .long("count")
            .value_name("N")
            .value_parser(value_parser!(u64))
            .help("Stop after N rounds; without it, when the server closes the connection");
        Arguments::new(name, about, default).option(count)
    }

    /// Adds an option of the program's own.
    #[must_use]
    pub fn option(self, option: Arg) -> Arguments {
        Arguments(self.0.arg(option))
    }

    /// Reads the program's command line, as [`parse_command`] does.
    pub fn parse(self) -> Parsed {
        let matches = parse_command(self.0);
        let quiet = matches.get_flag("quiet");
        if quiet {
            console::be_quiet();
        }
        let addr = *matches.get_one("ADDR").expect("ADDR has a default");
        Parsed {
            addr,
            quiet,
            matches,
        }
    }
}

impl Parsed {
    /// The value of an option with a default, of the type that the option's value parser gives.
    ///
    /// # Panics
    /// If the program declared no such option, or one of another type.
    pub fn get<T: Clone + Send + Sync + 'static>(&self, name: &str) -> T {
        self.matches
            .get_one::<T>(name)
            .expect("the option is declared and has a default")
            .clone()
    }

    /// A client's rounds: as many as `--count` says, or for ever.
    ///
    /// # Panics
    /// If the program is not a [`client`](Arguments::client).
    pub fn rounds(&self) -> impl Iterator<Item = u64> + use<> {
        0..*self.matches.get_one("count").unwrap_or(&u64::MAX)
    }

    /// Prints `listening on ADDR`, with `--quiet` too, and how to talk to the server from another terminal.
    pub fn listening(&self, server: &Socket) {
        let addr = server.getsockname();
        console::print_line(format_args!("listening on {addr}"));
        say!("in another terminal: nc {} {}", addr.ip(), addr.port());
    }
}

/// Reads a program's command line. With `--help` it prints the help and exits with 0; on a bad command line
/// it prints one line on standard error and exits with 2.
pub fn parse_command(command: Command) -> ArgMatches {
    command.try_get_matches().unwrap_or_else(|error| {
        if error.kind() == ErrorKind::DisplayHelp {
            error.exit();
        }
        warn!("{}", one_line(&error.to_string()));
        process::exit(2);
    })
}

/// The first paragraph of clap's message on one line, and where to read on.
fn one_line(text: &str) -> String {
    let first: Vec<&str> = text.lines().take_while(|line| !line.is_empty()).collect();
    let words: Vec<&str> = first
        .iter()
        .flat_map(|line| line.split_whitespace())
        .collect();
    format!("{}; try --help", words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_of_clap_becomes_one_line() {
        let text = "error: unexpected argument '--x' found\n\nUsage: server [ADDR]\n";
        assert_eq!(
            one_line(text),
            "error: unexpected argument '--x' found; try --help"
        );
    }
}
