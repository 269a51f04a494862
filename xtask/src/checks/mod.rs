//! The table of what is checked.

use std::path::Path;

use crate::launch::{Output, Running};
use crate::servers::Server;
use crate::talk::Speaker;
use crate::verdict::{Outcome, fail};

mod concurrency;
mod conversation;
mod lifecycle;

/// One requirement on a server.
pub struct Check {
    /// Its name in kebab-case.
    pub name: &'static str,
    /// What must hold, in one line.
    pub requirement: &'static str,
    /// Finds out whether it holds.
    pub run: fn(&Bench<'_>) -> Outcome,
}

/// All checks, from a first conversation to the ways to end.
pub const CHECKS: &[Check] = &[
    Check {
        name: "conversation",
        requirement: "the listing's own conversation, byte by byte, and nothing after it",
        run: conversation::conversation,
    },
    Check {
        name: "sizes",
        requirement: "arbitrary bytes from 1 to 1 MiB are answered byte for byte",
        run: conversation::sizes,
    },
    Check {
        name: "one-byte-at-a-time",
        requirement: "a message that arrives one byte at a time is answered",
        run: conversation::one_byte_at_a_time,
    },
    Check {
        name: "pipelined",
        requirement: "200 messages sent in one go are answered in order",
        run: conversation::pipelined,
    },
    Check {
        name: "half-close",
        requirement: "a client that closes its sending side gets every reply, then the end of the stream",
        run: conversation::half_close,
    },
    Check {
        name: "many-clients",
        requirement: "64 clients at once, and none sees another's data",
        run: concurrency::many_clients,
    },
    Check {
        name: "second-client",
        requirement: "a further client is served while others are idle, or as soon as one of them leaves",
        run: concurrency::second_client,
    },
    Check {
        name: "restart",
        requirement: "the port can be bound at once after the server was killed with clients connected",
        run: lifecycle::restart,
    },
    Check {
        name: "address-in-use",
        requirement: "an address in use ends in one clear line on standard error and a non-zero exit",
        run: lifecycle::address_in_use,
    },
    Check {
        name: "bad-address",
        requirement: "a malformed address ends in one clear line on standard error and a non-zero exit",
        run: lifecycle::bad_address,
    },
    Check {
        name: "unknown-option",
        requirement: "an unknown option ends in one clear line on standard error and a non-zero exit",
        run: lifecycle::unknown_option,
    },
];

/// What a check works with: one server, not launched yet.
pub struct Bench<'a> {
    /// The server.
    pub server: &'a Server,
    /// Its executable.
    pub binary: &'a Path,
    /// What it printed so far.
    pub output: Output,
}

impl Bench<'_> {
    /// Launches the server on a port that the kernel chooses.
    ///
    /// # Errors
    /// When it does not say where it listens.
    pub fn launch(&self) -> Outcome<Running> {
        self.launch_at("127.0.0.1:0")
    }

    /// Launches the server on `addr`.
    ///
    /// # Errors
    /// When it does not say where it listens.
    pub fn launch_at(&self, addr: &str) -> Outcome<Running> {
        let args = [&[addr], self.server.args].concat();
        Running::start(self.binary, &args, &self.output)
    }

    /// Launches the server, does `work` with it, and makes sure that it still runs.
    ///
    /// # Errors
    /// Those of `work`, and when the server ended or panicked meanwhile.
    pub fn while_running(&self, work: impl FnOnce(&Running) -> Outcome) -> Outcome {
        let mut running = self.launch()?;
        let verdict = work(&running);
        let panicked = |line: &String| line.contains("panicked at");
        if let Some(line) = self.output.errors().into_iter().find(panicked) {
            return fail("no panic", line);
        }
        running.is_alive()?;
        verdict
    }

    /// Connects a client that knows what this server says.
    ///
    /// # Errors
    /// When there is no connection.
    pub fn connect(&self, running: &Running) -> Outcome<Speaker> {
        Speaker::connect(running.addr, self.server.talk)
    }
}
