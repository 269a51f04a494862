//! The clients that the notes have for their servers.

use std::io::Write;
use std::net::SocketAddr;
use std::process::{ExitStatus, Stdio};

use socket2::{Domain, Socket, Type};

use crate::catalog::NoteClient;
use crate::catalog::Talk;
use crate::harness::client::{DEADLINE, deadline};
use crate::harness::command_line::CommandLine;
use crate::harness::launch::{Running, run_to_end};
use crate::harness::outcome::{Expect, Outcome, Verdict, fail};
use crate::harness::output::Output;
use crate::harness::process::stop;
use crate::harness::program::Program;
use crate::harness::tcp::tcp;
use crate::harness::trial::Trial;
use crate::harness::wait::{found_if, wait_for};

/// What the client's user types, where it asks.
const TYPED: &str = "question";

const NO_CLIENT: &str = "the note has no client for it";

/// The server first, and the client leaves first; the server first, and it leaves first or resets;
/// the client first.
pub fn note_client(trial: &Trial<'_>) -> Outcome {
    let Some((client, line)) = &trial.note_client else {
        return Ok(Verdict::Skip(NO_CLIENT));
    };
    client_leaves_first(trial, client, line)?;
    server_leaves_first(trial, client, line)?;
    client_is_reset(trial)?;
    if trial.server.operator.is_some() {
        types_nothing(trial)?;
    }
    client_comes_first(line)
}

/// A client that the server has not accepted yet is reset by its end, and ends cleanly.
pub fn client_is_reset(trial: &Trial<'_>) -> Outcome {
    let Some((_, line)) = &trial.note_client else {
        return Ok(Verdict::Skip(NO_CLIENT));
    };
    let running = trial.launch().start()?;
    stop(&running)?;
    let output = Output::default();
    let mut program = start(&running, line, &[], &output)?;
    wait_for("a client that is connected", || {
        let sockets = tcp(running.addr.port()).expect_to("a kernel that tells who is connected")?;
        let is_connected = sockets.iter().any(|socket| !socket.listens);
        program.is_alive()?;
        Ok(found_if(is_connected, "there is none"))
    })?;
    drop(running);
    ended_well(program.end()?, &output)?;
    Ok(Verdict::Pass)
}

/// A user who types an empty line is asked again.
pub fn types_nothing(trial: &Trial<'_>) -> Outcome {
    let Some((client, line)) = &trial.note_client else {
        return Ok(Verdict::Skip(NO_CLIENT));
    };
    trial.launch().run(|running| {
        let line = line.clone().filled(running.addr).with([running.addr.to_string()]);
        let (mut program, mut keyboard) =
            Program::start_with_keyboard(&line, Stdio::piped(), Stdio::piped())?;
        let output = Output::default();
        program.follow(&output)?;
        write!(keyboard, "\n{TYPED}\n").expect_to("a client that reads what is typed")?;
        output.have_line(deadline(), 0, client.prints)?;
        Ok(Verdict::Pass)
    })
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
    let line = line.clone().filled(running.addr).with([running.addr.to_string()]).with(args);
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
