//! The person at a server's keyboard: whom a question is about, and what happens when nobody
//! answers any more.

use std::io::Write;

use rustix::process::Signal;

use crate::harness::outcome::{Expect, Outcome, Verdict, fail};
use crate::harness::trial::Trial;
use crate::test_all::checks::steps::end_by;

const NO_OPERATOR: &str = "has no operator";

pub fn operator(trial: &Trial<'_>) -> Outcome {
    if trial.server.operator.is_none() {
        return Ok(Verdict::Skip(NO_OPERATOR));
    }
    is_asked_first(trial)?;
    is_asked_about_who_spoke(trial)?;
    is_gone(trial)
}

/// The question is there before the operator types the answer.
fn is_asked_first(trial: &Trial<'_>) -> Outcome<()> {
    // A program of somebody else does not say where it listens.
    let Some(prompt) = trial.server.prompt.filter(|_| !trial.server.is_foreign()) else {
        return Ok(());
    };
    let (running, mut keyboard) = trial.launch().start_with_keyboard()?;
    let speaker = trial.connect(&running)?;
    for (number, answer) in ["first answer", "second answer"].into_iter().enumerate() {
        speaker.client.send(&trial.server.talk.message(number))?;
        running.output.have_prompt(&prompt(speaker.client.addr))?;
        writeln!(keyboard, "{answer}").expect_to("a server that reads what is typed")?;
        speaker.client.receive(answer.as_bytes())?;
    }
    Ok(())
}

/// Of two clients, the one that spoke is named.
fn is_asked_about_who_spoke(trial: &Trial<'_>) -> Outcome<()> {
    let Some(prompt) = trial.server.prompt else { return Ok(()) };
    let mut running = trial.launch().start()?;
    let (first, second) = (trial.connect(&running)?, trial.connect(&running)?);
    if prompt(first.client.addr) == prompt(second.client.addr) {
        // The question does not name the client.
        return Ok(());
    }
    let mut expected = Vec::new();
    for (number, speaker) in [&first, &second, &first].into_iter().enumerate() {
        speaker.exchange(number)?;
        expected.push(prompt(speaker.client.addr));
    }
    // A prompt does not end its line; the end of the server ends the last one.
    end_by(trial, &mut running, Signal::TERM)?;
    running.output.wait_for_end();
    let text = running.output.printed().join("\n");
    let mut found: Vec<(usize, &String)> = expected
        .iter()
        .take(2)
        .flat_map(|prompt| text.match_indices(prompt.as_str()).map(move |(at, _)| (at, prompt)))
        .collect();
    found.sort();
    let found: Vec<&String> = found.into_iter().map(|(_, prompt)| prompt).collect();
    if found != expected.iter().collect::<Vec<_>>() {
        let asked = |prompts: Vec<&String>| -> String {
            prompts.into_iter().map(|prompt| format!("`{prompt}`")).collect::<Vec<_>>().join(", ")
        };
        return fail(
            format!("the operator is asked {}", asked(expected.iter().collect())),
            asked(found),
        );
    }
    Ok(())
}

/// After the end of the operator's input each client that says something is shown and then closed,
/// and the next one is accepted.
fn is_gone(trial: &Trial<'_>) -> Outcome {
    trial.launch().without_operator().run(|running| {
        let messages = ["first without an answer", "second without an answer"];
        let speakers = [trial.connect(running)?, trial.connect(running)?];
        for (speaker, message) in speakers.iter().zip(messages) {
            let seen = running.output.count();
            speaker.client.send(message.as_bytes())?;
            speaker.be_printed(message)?;
            running.output.have_line(speaker.client.deadline, seen, "standard input has ended")?;
            speaker.client.receive_end()?;
        }
        let next = trial.connect(running)?;
        next.client.send(b"third without an answer")?;
        next.client.receive_end()?;
        Ok(Verdict::Pass)
    })
}
