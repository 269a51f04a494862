//! Edge-triggered or level-triggered, reading to the end or once: of the four, one leaves bytes
//! unread for ever.

use std::time::Duration;

use rustix::process::Signal;

use crate::harness::inside;
use crate::harness::launch::Running;
use crate::harness::outcome::{Expect, Outcome, Verdict};
use crate::harness::process::{signal_all, stop};
use crate::harness::trial::Trial;
use crate::test_all::checks::steps::{arbitrary_bytes, serve_one};

/// What the server reads at once.
const READ: usize = 16 * 1024;
/// What is there when it is told so: two reads and a half.
const MESSAGE: usize = READ * 5 / 2;
/// The server's buffers, whatever the system gives them: the kernel counts its own bookkeeping.
const ROOM: usize = 4 * MESSAGE;
/// How long a server that stalls is watched, after it has served somebody else.
const SILENCE: Duration = Duration::from_millis(300);

/// Its arguments, and whether it stalls.
const WAYS: [(&[&str], bool); 4] = [
    (&[], false),
    (&["--level"], false),
    (&["--level", "--no-drain"], false),
    (&["--no-drain"], true),
];

const NO_CHOICE: &str = "has no choice between edge-triggered and level-triggered";

pub fn drain(trial: &Trial<'_>) -> Outcome {
    if !trial.server.has_triggers {
        return Ok(Verdict::Skip(NO_CHOICE));
    }
    for (args, stalls) in WAYS {
        let mut running = trial.launch().with(args).start()?;
        let verdict = read_after_one_report(trial, &running, stalls);
        verdict.map_err(|failure| {
            failure.told(|actual| format!("{actual}, with `{}`", args.join(" ")))
        })?;
        running.program.is_alive()?;
    }
    Ok(Verdict::Pass)
}

/// All of a message is there when the server is told, once.
fn read_after_one_report(trial: &Trial<'_>, running: &Running, stalls: bool) -> Outcome {
    let listener = inside::listener(running)?;
    // What connects from now on has room for all of the message, and for its answer.
    listener.set_recv_buffer_size(ROOM).expect_to("a receive buffer that holds the message")?;
    listener.set_send_buffer_size(ROOM).expect_to("a send buffer that holds the answer")?;
    drop(listener);
    let speaker = trial.connect(running)?;
    speaker.exchange(0)?;
    let socket = inside::connection(running, speaker.client.addr)?;
    let message = arbitrary_bytes(MESSAGE);
    stop(running)?;
    speaker.client.send(&message)?;
    inside::wait_until_unread(&socket, MESSAGE as u64)?;
    signal_all(running, Signal::CONT)?;

    speaker.client.receive(&message[..READ])?;
    if stalls {
        // Whoever comes later is served, and what is unread stays so.
        serve_one(trial, running)?;
        speaker.client.receive_nothing(SILENCE)?;
        for piece in message[READ..].chunks(READ) {
            // A byte more is another edge, which brings another read.
            speaker.client.send(b"!")?;
            speaker.client.receive(piece)?;
        }
        speaker.client.receive(b"!!")?;
    } else {
        speaker.client.receive(&message[READ..])?;
    }
    speaker.exchange(1)?;
    Ok(Verdict::Pass)
}
