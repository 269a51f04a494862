//! What only the notes' own programs are asked, which may do less than a whole conversation.

use crate::harness::outcome::{Expect, Outcome, Verdict, fail};
use crate::harness::tcp::tcp;
use crate::harness::trial::Trial;
use crate::test_all::checks::note_client::{client_is_reset, types_nothing};
use crate::test_all::checks::steps::meet;
use crate::test_all::checks::table::{Check, QUICK};

const CLIENT: Option<&str> = Some("it asks a client of the notes");

/// What a program must pass that is asked anything else.
pub const FIRST_MESSAGE: &str = "first-message";

/// First those that a server is asked, then those that a client is.
pub const OF_ORIGINALS: &[Check] = &[
    Check {
        name: "loopback",
        requirement: "it listens on the loopback interface, and on no other",
        run: loopback,
        ..QUICK
    },
    Check {
        name: FIRST_MESSAGE,
        requirement: "its first client is greeted, and its first message is answered",
        run: first_message,
        ..QUICK
    },
    Check {
        name: "client-is-reset",
        requirement: "a client that is reset ends cleanly",
        run: client_is_reset,
        own: CLIENT,
        ..QUICK
    },
    Check {
        name: "client-empty-line",
        requirement: "a client whose user types an empty line asks again",
        run: types_nothing,
        own: CLIENT,
        ..QUICK
    },
];

fn loopback(trial: &Trial<'_>) -> Outcome {
    trial.launch().run(|running| {
        let sockets = tcp(running.addr.port()).expect_to("a kernel that tells who listens")?;
        let mut others = sockets.iter().filter(|socket| socket.listens);
        match others.find(|socket| !socket.local.ip().is_loopback()) {
            Some(open) => fail("127.0.0.1 alone", open.local.ip()),
            None => Ok(Verdict::Pass),
        }
    })
}

fn first_message(trial: &Trial<'_>) -> Outcome {
    trial.launch().run(|running| meet(trial, running, 0).map(|_| Verdict::Pass))
}
