//! What programs tell whoever runs them: their values, their rates, who comes and who leaves; and
//! what the server with `async` and `await` asks of epoll.

use std::net::SocketAddr;
use std::process::Command;
use std::{env, fs};

use socket2::{Domain, Socket, Type};
use xtask::catalog::{Journal, SERVERS};
use xtask::harness::client::{Client, DEADLINE};
use xtask::harness::command_line::CommandLine;
use xtask::harness::launch::Running;
use xtask::harness::outcome::not_tested;
use xtask::harness::strace;
use xtask::harness::trial::ANY_PORT;
use xtask::test_all::checks::CHECKS;
use xtask::test_all::matrix;

use crate::run::{Ran, binaries, program, run};

fn launch(line: &CommandLine) -> Running {
    Running::start(line, None, &Default::default()).unwrap()
}

/// What `local` prints, the program of note 004, lines 7-25: its lines in order, once for each of
/// `runs`.
fn local(words: &[&str], runs: usize) -> Vec<Vec<String>> {
    let lines = |_| {
        let mut local = Command::new(program("threadpool-server", "local"));
        let ran = run(local.args(["--pause", "20"]).args(words));
        assert_eq!(ran.code, Some(0), "{ran:?}");
        let mut lines: Vec<String> = ran.stdout.lines().map(str::to_owned).collect();
        lines.sort_unstable();
        lines
    };
    (0..runs).map(lines).collect()
}

#[test]
fn each_thread_prints_its_own_values() {
    for lines in local(&[], 5) {
        assert_eq!(lines, ["小弟 17", "明哥 19"]);
    }
}

#[test]
fn a_shared_value_is_that_of_the_thread_that_set_it_last() {
    let runs = local(&["--shared"], 10);
    // A thread may print before the other one has begun, but not each time.
    assert!(runs.iter().any(|lines| lines[0] == lines[1]), "{runs:?}");
    let values = ["小弟 17", "明哥 19"];
    assert!(runs.iter().flatten().all(|line| values.contains(&line.as_str())));
}

/// The pool of connections of note 004, lines 63-68.
fn connection_pool(addr: SocketAddr) -> Ran {
    let mut pool = Command::new(program("threadpool-server", "connection-pool"));
    let options = ["--size", "3", "--requests", "300", "--idle", "20"];
    run(pool.arg(addr.to_string()).args(options))
}

#[test]
fn a_pool_says_how_many_requests_are_served_with_and_without_reuse() {
    let server = CommandLine::new(program("threadpool-server", "socketserver"));
    let running = launch(&server.with([ANY_PORT, "--quiet"]));
    let ran = connection_pool(running.addr);
    assert_eq!(ran.code, Some(0), "{ran:?}");

    let [without, with, closed] = *ran.stdout.lines().collect::<Vec<_>>() else {
        panic!("{ran:?}")
    };
    assert!(rate(without, "without reuse: ") > 0, "{without}");
    assert!(without.ends_with(", over 300 connections"), "{without}");
    assert!(rate(with, "with reuse: ") > 0, "{with}");
    let of_pool = ["1", "2", "3"].map(|count| format!(", over {count} connections"));
    assert!(of_pool.iter().any(|end| with.ends_with(end)), "{with}");
    assert_eq!(closed, "idle for 20 ms: all connections are closed");
}

/// The whole number after `begin`.
fn rate(line: &str, begin: &str) -> u64 {
    let words = line.strip_prefix(begin).unwrap_or_default();
    let (rate, rest) = words.split_once(' ').unwrap_or_default();
    assert!(rest.starts_with("requests per second"), "{line}");
    rate.parse().unwrap()
}

#[test]
fn without_a_server_a_pool_says_so_in_one_line() {
    // A socket that is bound and does not listen: the port is nobody else's, and refuses.
    let holder = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    holder.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    let addr = holder.local_addr().unwrap().as_socket().unwrap();
    let ran = connection_pool(addr);
    assert_eq!(ran.code, Some(1));
    assert_eq!(ran.stderr, format!("Error: connect {addr}: Connection refused (os error 111)\n"));
}

/// Also where the listing prints only what clients say.
#[test]
fn a_line_tells_of_a_client_that_comes_and_one_of_a_client_that_leaves() {
    for name in ["blocking-server", "nonblocking-server"] {
        let running = launch(&CommandLine::new(program(name, name)).with([ANY_PORT]));
        let client = Client::connect(running.addr).unwrap();
        let addr = format!("raddr={}>", client.addr);
        let seen = |count| running.output.have_line(DEADLINE, count, &addr);
        seen(0).unwrap_or_else(|failure| panic!("{name}: {failure:?}"));
        let count = running.output.count();
        drop(client);
        seen(count).unwrap_or_else(|failure| panic!("{name}: {failure:?}"));
    }
}

#[test]
fn a_failure_of_a_server_with_a_log_shows_the_end_of_it() {
    let check = CHECKS.iter().find(|check| check.name == "conversation").unwrap();
    for server in SERVERS.iter().filter(|server| server.journal == Journal::File) {
        let cell = matrix::run(server, check, binaries(), 1);
        let accepted = |line: &String| line.contains("accept connection from 127.0.0.1");
        assert!(cell.output.iter().any(accepted), "{}: {:?}", server.name, cell.output);
    }
}

#[test]
fn a_client_is_registered_once_and_the_listener_never_again() {
    if let Some(reason) = strace::refused() {
        return not_tested("epoll_ctl of async-await", reason);
    }
    // How many clients come, and how many messages each of them says before the next one comes.
    for (clients, messages) in [(20, 0), (10, 1), (1, 50)] {
        let file = env::current_exe().unwrap();
        let file = file.with_file_name(format!("epoll-{clients}.strace"));
        let strace = ["strace", "-f", "-qq", "-e", "trace=epoll_ctl", "-o", file.to_str().unwrap()];
        let server = CommandLine::new(program("selectors-server", "async-await"));
        let running = launch(&server.with([ANY_PORT, "--quiet"]).behind(&strace));
        for _ in 0..clients {
            let client = Client::connect(running.addr).unwrap();
            for _ in 0..messages {
                client.send(b"x").unwrap();
                client.receive(b"x").unwrap();
            }
            client.half_close().unwrap();
            client.receive_end().unwrap();
        }
        drop(running);
        let calls = fs::read_to_string(&file).unwrap();
        // The listener, the way in which other threads wake the executor, and each client.
        let counts = ["EPOLL_CTL_ADD", "EPOLL_CTL_MOD"].map(|call| calls.matches(call).count());
        assert_eq!(counts, [clients + 2, 0], "{clients} clients, {messages} messages:\n{calls}");
    }
}
