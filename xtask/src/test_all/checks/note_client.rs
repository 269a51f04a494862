//! The clients that the notes have for their servers.

use std::net::SocketAddr;
use std::process::ExitStatus;

use socket2::{Domain, Socket, Type};

use crate::catalog::NoteClient;
use crate::catalog::Talk;
use crate::harness::client::DEADLINE;
use crate::harness::command_line::CommandLine;
use crate::harness::launch::{Running, run_to_end};
use crate::harness::outcome::{Expect, Outcome, Verdict, fail};
use crate::harness::output::Output;
use crate::harness::program::Program;
use crate::harness::trial::Trial;

/// What the client's user types, where it asks.
const TYPED: &str = "question";

const NO_CLIENT: &str = "the note has no client for it";

/// The server first, and the client leaves first; the server first, and it leaves first; the client
/// first.
pub fn note_client(trial: &Trial<'_>) -> Outcome {
    let Some((client, line)) = &trial.note_client else {
        return Ok(Verdict::Skip(NO_CLIENT));
    };
    client_leaves_first(trial, client, line)?;
    server_leaves_first(trial, client, line)?;
    client_comes_first(line)
}

fn client_leaves_first(trial: &Trial<'_>, client: &NoteClient, line: &CommandLine) -> Outcome {
    trial.launch().run(|running| {
        let output = Output::default();
        let before = running.output.count();
        let mut program = start(running, line, &["--count", "3"], &output)?;
        if let Talk::Accepts = trial.server.talk {
            // The first connection is closed when the next one is accepted.
            running.output.have_line(DEADLINE, before, "raddr")?;
            trial.connect(running)?.be_greeted()?;
        }
        output.have_line(DEADLINE, 0, client.prints)?;
        ended_well(program.end()?, &output)?;
        if !matches!(trial.server.talk, Talk::Accepts) {
            running.output.have_line(DEADLINE, before, client.says)?;
        }
        Ok(Verdict::Pass)
    })
}

fn server_leaves_first(trial: &Trial<'_>, client: &NoteClient, line: &CommandLine) -> Outcome {
    let running = trial.launch().start()?;
    let output = Output::default();
    let before = running.output.count();
    let mut program = start(&running, line, &[], &output)?;
    if trial.server.talk.only_prints() {
        // What the server prints first once it has a client has the client's address.
        running.output.have_line(DEADLINE, before, "127.0.0.1:")?;
    } else {
        output.have_line(DEADLINE, 0, client.prints)?;
    }
    drop(running);
    ended_well(program.end()?, &output)?;
    Ok(Verdict::Pass)
}

fn client_comes_first(line: &CommandLine) -> Outcome {
    const UNSERVED: &str = "a port that nobody serves";
    // Bound, and not listening: connections are refused, and no other server can get the port.
    let holder = Socket::new(Domain::IPV4, Type::STREAM, None).expect_to(UNSERVED)?;
    let any: SocketAddr = ([127, 0, 0, 1], 0).into();
    holder.bind(&any.into()).expect_to(UNSERVED)?;
    let addr = holder.local_addr().expect_to(UNSERVED)?.as_socket();
    let addr = addr.ok_or("none").expect_to(UNSERVED)?.to_string();
    let output = Output::default();
    let status = run_to_end(&line.clone().with([&addr]), &output)?;
    match output.errors().as_slice() {
        [line] if status.code() == Some(1) && line.contains(&addr) && line.contains("refused") => {
            Ok(Verdict::Pass)
        }
        lines => fail(
            format!("one line with {addr} and `refused`, and exit 1"),
            format!("{status}; {}", lines.join(" / ")),
        ),
    }
}

fn start(
    running: &Running,
    line: &CommandLine,
    args: &[&str],
    output: &Output,
) -> Outcome<Program> {
    let line = line.clone().with([running.addr.to_string()]).with(args);
    let mut program = Program::start(&line, Some(TYPED))?;
    program.follow(output)?;
    Ok(program)
}

fn ended_well(status: ExitStatus, output: &Output) -> Outcome<()> {
    if status.success() {
        return Ok(());
    }
    fail("the client ends with exit 0", format!("{status}; {}", output.tail().join(" / ")))
}
