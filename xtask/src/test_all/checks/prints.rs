//! What a server writes about its events, and what it leaves out with `--quiet`.

use std::net::SocketAddr;
use std::time::Instant;

use rustix::process::Signal;

use crate::catalog::{Journal, Talk};
use crate::harness::client::DEADLINE;
use crate::harness::launch::parse_listening;
use crate::harness::outcome::{Outcome, Verdict, fail};
use crate::harness::trial::Trial;
use crate::test_all::checks::steps::{end_by, serve_message, serve_one, serve_unseen};

const CLIENTS: usize = 3;

/// What would clear the operator's screen, name the window, colour it and turn the text, and how it
/// is shown.
const CONTROLS: &str = "\x1b[2J\x1b]0;owned\x07\u{9b}31m\u{202e}";
const SHOWN: &str = r"\x1b[2J\x1b]0;owned\x07\u{9b}31m\u{202e}";

pub fn prints(trial: &Trial<'_>) -> Outcome {
    let served = serve_to_the_end(trial, &[])?;
    let errors = trial.output.errors();
    let journal = match trial.server.journal {
        Journal::Stdout => trial.output.printed(),
        Journal::Stderr => errors.clone(),
        Journal::File => trial.output.logged(),
    };
    for shown in &served {
        for piece in trial.server.shows {
            let piece = shown.in_words(piece);
            if !journal.iter().any(|line| is_in(&piece, line)) {
                return fail(
                    format!("a line with `{piece}` among what it writes about its events"),
                    format!("{} other lines", journal.len()),
                );
            }
        }
    }
    if trial.server.journal != Journal::Stderr && !errors.is_empty() {
        return fail("nothing on standard error", errors.join(" / "));
    }
    let lines = [trial.output.printed(), errors, trial.output.logged()].concat();
    match lines.iter().find(|line| line.contains(is_control)) {
        Some(line) => fail("no control character", line.escape_debug()),
        None => Ok(Verdict::Pass),
    }
}

pub fn quiet(trial: &Trial<'_>) -> Outcome {
    serve_to_the_end(trial, &["--quiet"])?;
    let lines = [trial.output.printed(), trial.output.errors(), trial.output.logged()].concat();
    match lines.as_slice() {
        [line] if parse_listening(line).is_some() => Ok(Verdict::Pass),
        lines => fail("only `listening on ADDR`, and an empty log", lines.join(" / ")),
    }
}

pub fn reset_is_said(trial: &Trial<'_>) -> Outcome {
    let Some(piece) = trial.server.shows_reset else {
        return Ok(Verdict::Skip("does not read from its clients"));
    };
    trial.launch().run(|running| {
        let speaker = trial.connect(running)?;
        speaker.be_greeted()?;
        if trial.server.talk.converses() {
            speaker.exchange(0)?;
        }
        let piece = Shown { client: speaker.client.addr, message: Vec::new() }.in_words(piece);
        let seen = running.output.count();
        speaker.client.reset()?;
        running.output.have_line_where(DEADLINE, seen, &piece, |line| is_in(&piece, line))?;
        serve_one(trial, running)?;
        Ok(Verdict::Pass)
    })
}

pub fn idle_line(trial: &Trial<'_>) -> Outcome {
    let Some((text, every)) = trial.server.shows_idle else {
        return Ok(Verdict::Skip("waits without a time-out"));
    };
    trial.launch().run(|running| {
        // The second one shows that it goes on, and how long after the first.
        let seen = running.output.count();
        running.output.have_line(every + DEADLINE, seen, text)?;
        let (seen, start) = (running.output.count(), Instant::now());
        running.output.have_line(every + DEADLINE, seen, text)?;
        if start.elapsed() < every / 2 {
            let expected = format!("`{text}` every {} s", every.as_secs_f64());
            return fail(expected, format!("after {:.3} s", start.elapsed().as_secs_f64()));
        }
        Ok(Verdict::Pass)
    })
}

/// Whether a terminal may obey a character of a line, as it does those of [`CONTROLS`].
fn is_control(character: char) -> bool {
    character.is_control() && character != '\t' || character == '\u{202e}'
}

/// A client that was served, and what it said.
struct Shown {
    client: SocketAddr,
    message: Vec<u8>,
}

impl Shown {
    /// A piece of a line, as the table of servers has it, for this client.
    fn in_words(&self, piece: &str) -> String {
        let text = String::from_utf8_lossy(&self.message).replace(CONTROLS, SHOWN);
        piece
            .replace("{client}", &self.client.to_string())
            .replace("{port}", &self.client.port().to_string())
            .replace("{text}", text.trim_end())
            .replace("{bytes}", &format!("b'{}'", self.message.escape_ascii()))
    }
}

/// Whether a line has the parts of `piece` between its `*`, in their order.
fn is_in(piece: &str, line: &str) -> bool {
    let mut rest = Some(line);
    for part in piece.split('*') {
        rest = rest.and_then(|rest| Some(rest.split_once(part)?.1));
    }
    rest.is_some()
}

/// Launches the server with `more` arguments, serves clients that come, talk and leave, and ends
/// it; returns who they were.
fn serve_to_the_end(trial: &Trial<'_>, more: &[&str]) -> Outcome<Vec<Shown>> {
    let talk = trial.server.talk;
    let mut messages: Vec<Vec<u8>> = (0..CLIENTS).map(|number| talk.message(number)).collect();
    messages.push(match talk {
        Talk::Lines => format!("{CONTROLS} 7\n").into_bytes(),
        _ => CONTROLS.into(),
    });
    let mut running = trial.launch().with(&[trial.server.args, more].concat()).start()?;
    let mut served = Vec::new();
    for message in messages {
        served.push(Shown { client: serve_message(trial, &running, &message)?, message });
    }
    // Some lines come after the end of a client; before the end of the next one they are there.
    serve_unseen(trial, &running, CLIENTS)?;
    end_by(trial, &mut running, Signal::TERM)?;
    running.output.wait_for_end();
    Ok(served)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_has_its_parts_in_their_order() {
        let shown = Shown { client: "127.0.0.1:7".parse().unwrap(), message: b"a\x1b\n".to_vec() };
        let piece = shown.in_words("<*{client}> {port} {bytes} {text}");
        assert_eq!(piece, "<*127.0.0.1:7> 7 b'a\\x1b\\n' a\x1b");
        assert!(is_in("a*c", "1 a b c 2") && is_in("", "") && is_in("a*a", "aa"));
        assert!(!is_in("a*c", "c a") && !is_in("a*a", "a") && !is_in("ab", "a b"));
    }
}
