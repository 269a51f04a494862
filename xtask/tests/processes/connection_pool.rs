//! The pool of connections of note 004, lines 63-68, with a server that answers it, and with none.

use std::net::SocketAddr;
use std::process::{Command, Output};

use socket2::{Domain, Socket, Type};
use xtask::harness::build::{self, Binaries};
use xtask::harness::command_line::CommandLine;
use xtask::harness::launch::Running;

const PACKAGE: &str = "threadpool-server";

fn binaries() -> Binaries {
    let examples = ["--example", "connection-pool", "--example", "socketserver"];
    build::build(&[&["--package", PACKAGE][..], &examples].concat(), false).unwrap()
}

fn run(binaries: &Binaries, addr: &str) -> Output {
    let options = ["--size", "3", "--requests", "300", "--idle", "20"];
    let mut command = Command::new(binaries.get(PACKAGE, "connection-pool").unwrap());
    command.arg(addr).args(options).output().unwrap()
}

#[test]
fn it_says_how_many_requests_are_served_with_and_without_reuse() {
    let binaries = binaries();
    let server = CommandLine::new(binaries.get(PACKAGE, "socketserver").unwrap());
    let server = server.with(["127.0.0.1:0", "--quiet"]);
    let running = Running::start(&server, None, &Default::default()).unwrap();
    let output = run(&binaries, &running.addr.to_string());
    assert!(output.status.success(), "{output:?}");

    let text = String::from_utf8(output.stdout).unwrap();
    let [without, with, closed] = *text.lines().collect::<Vec<_>>() else { panic!("{text}") };
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
fn without_a_server_it_says_so_in_one_line() {
    // A socket that is bound and does not listen: the port is nobody else's, and refuses.
    let holder = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    holder.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    let addr = holder.local_addr().unwrap().as_socket().unwrap().to_string();
    let output = run(&binaries(), &addr);
    assert_eq!(output.status.code(), Some(1));
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(errors, format!("Error: connect {addr}: Connection refused (os error 111)\n"));
}
