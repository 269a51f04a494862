//! The program that runs: the command that starts it, and advice when its address cannot be used.

use std::io::{self, ErrorKind};
use std::net::SocketAddrV4;
use std::sync::OnceLock;

/// The program whose command line was read: errors of bind(2) and connect(2) name its command.
static RUNNING: OnceLock<Program> = OnceLock::new();

/// A binary or example of a crate of this workspace.
#[derive(Clone, Copy)]
pub struct Program {
    /// The crate.
    pub package: &'static str,
    /// The name of the binary or example; a crate's own binary has the name of the crate.
    pub name: &'static str,
    /// The default of the address that it listens on or connects to.
    pub addr: &'static str,
}

impl Program {
    /// Makes it the one that runs.
    pub(crate) fn runs(self) {
        RUNNING.get_or_init(|| self);
    }

    /// The command that starts it, with the address if it is not the default.
    pub(crate) fn command(&self, addr: &str) -> String {
        let Program { package, name, .. } = self;
        let example = if name == package { String::new() } else { format!(" --example {name}") };
        let addr = if addr == self.addr { String::new() } else { format!(" -- {addr}") };
        format!("cargo run -p {package}{example}{addr}")
    }

    /// The server that a client is named after: `blocking-client` talks with the binary
    /// `blocking-server` of its crate, and `chat-client` with the example `chat`.
    fn server(&self) -> Option<Program> {
        let name = self.name.strip_suffix("-client")?;
        let is_binary = self.package.strip_suffix("-server") == Some(name);
        Some(Program { name: if is_binary { self.package } else { name }, ..*self })
    }
}

/// Adds to an error of bind(2) how another address is chosen.
pub(crate) fn advise_bind(error: io::Error) -> io::Error {
    advise(error, ErrorKind::AddrInUse, |program| {
        let command = program.command("127.0.0.1:0");
        Some(format!("choose another address, or let the kernel choose a port: {command}"))
    })
}

/// Adds to an error of connect(2) how the server is started.
pub(crate) fn advise_connect(error: io::Error, addr: SocketAddrV4) -> io::Error {
    advise(error, ErrorKind::ConnectionRefused, |program| {
        let command = program.server()?.command(&addr.to_string());
        Some(format!("start its server first: {command}"))
    })
}

fn advise(
    error: io::Error,
    kind: ErrorKind,
    advice: impl FnOnce(&Program) -> Option<String>,
) -> io::Error {
    let program = RUNNING.get().filter(|_| error.kind() == kind);
    match program.and_then(advice) {
        Some(advice) => io::Error::new(kind, format!("{error}; {advice}")),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn program(name: &'static str) -> Program {
        Program { package: "chat-server", name, addr: "127.0.0.1:1" }
    }

    #[test]
    fn a_command_names_the_example_and_an_address_of_its_own() {
        let command = |name, addr| program(name).command(addr);
        assert_eq!(command("chat-server", "127.0.0.1:1"), "cargo run -p chat-server");
        let example = "cargo run -p chat-server --example loud -- 127.0.0.1:0";
        assert_eq!(command("loud", "127.0.0.1:0"), example);
    }

    #[test]
    fn a_client_has_the_server_that_it_is_named_after() {
        let server = |name| program(name).server().map(|server| server.name);
        assert_eq!(server("chat-client"), Some("chat-server"));
        assert_eq!(server("loud-client"), Some("loud"));
        assert_eq!(server("loud"), None);
    }
}
