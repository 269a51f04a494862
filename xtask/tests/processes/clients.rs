//! The notes' clients, and the other programs that are no servers: control characters that a server
//! sends are shown as escapes, and signals end each of them as process 1 of a container.

use std::collections::BTreeSet;
use std::io::Write;
use std::net::{Shutdown, TcpListener};
use std::path::Path;
use std::process::{Command, Stdio};

use rustix::process::{Signal, kill_process};
use xtask::catalog::SERVERS;
use xtask::harness::command_line::CommandLine;
use xtask::harness::outcome::not_tested;
use xtask::harness::proc::Process;
use xtask::harness::program::Program;
use xtask::harness::tree;
use xtask::harness::wait::{found_if, wait_for};
use xtask::test_all::checks::{NO_NAMESPACE, unshare};

use crate::run::program;

/// The clients of the table of servers, and the program that asks a server over a pool.
fn clients() -> Vec<&'static Path> {
    let of_server =
        SERVERS.iter().filter_map(|server| Some((server.package, server.note_client?.name)));
    let names: BTreeSet<_> = of_server.chain([("threadpool-server", "connection-pool")]).collect();
    names.iter().map(|(package, name)| program(package, name)).collect()
}

fn listener() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap().to_string();
    (listener, addr)
}

#[test]
fn control_characters_of_a_server_are_shown_as_escapes() {
    for client in clients().iter().filter(|client| !client.ends_with("connection-pool")) {
        let (listener, addr) = listener();
        let mut command = Command::new(client);
        command.arg(addr).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.as_ref().unwrap().write_all(b"question\nquestion\n").unwrap();
        let (mut conn, _) = listener.accept().unwrap();
        conn.write_all("\x1b[2J\x1b]0;owned\x07\u{9b}31m\u{202e}\r".as_bytes()).unwrap();
        conn.shutdown(Shutdown::Write).unwrap();
        let _ = child.stdin.take();
        let output = child.wait_with_output().unwrap();
        let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(text.contains(r"\x1b[2J\x1b]0;owned\x07"), "{}: {text:?}", client.display());
        let controls = |character: char| character.is_control() && character != '\n';
        assert!(!text.contains(controls), "{}: {text:?}", client.display());
        assert!(!text.contains('\u{202e}'), "{}: {text:?}", client.display());
    }
}

#[test]
fn signals_end_a_client_that_is_process_1() {
    for client in clients() {
        for signal in [Signal::INT, Signal::TERM] {
            let (listener, addr) = listener();
            let line = CommandLine::new(client).with([addr]);
            // A client that has connected waits for its server, or for its user.
            let connects = |_: &Program| listener.accept().unwrap();
            if !ends_as_process_1(line, signal, connects) {
                return;
            }
        }
    }
}

#[test]
fn signals_end_local_as_process_1() {
    for signal in [Signal::INT, Signal::TERM] {
        let line =
            CommandLine::new(program("threadpool-server", "local")).with(["--pause", "3600000"]);
        ends_as_process_1(line, signal, |program| {
            let pauses = wait_for("two threads that pause", || {
                let children = tree::alive(program)?;
                let threads = |process: &Process| process.stat().map(|stat| stat.num_threads);
                let most = children.iter().flat_map(threads).max();
                Ok(found_if(most == Some(3), format!("{most:?}")))
            });
            pauses.unwrap();
        });
    }
}

/// Starts a program as process 1, and sends it a signal once it is `ready`; `false` where the system
/// allows nobody to be that.
fn ends_as_process_1<T>(line: CommandLine, signal: Signal, ready: impl Fn(&Program) -> T) -> bool {
    let Some(unshare) = unshare() else {
        not_tested(line, NO_NAMESPACE);
        return false;
    };
    let line = line.behind(unshare);
    let null = || Stdio::null();
    let (mut program, _keyboard) = Program::start_with_keyboard(&line, null(), null()).unwrap();
    let _ready = ready(&program);
    let alive = tree::alive(&program).unwrap();
    let first = alive.iter().find(|process| process.pid != program.pid()).unwrap();
    kill_process(first.pid, signal).unwrap();
    assert_eq!(program.end().unwrap().code(), Some(128 + signal.as_raw()), "{line}");
    true
}
