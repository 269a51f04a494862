//! What a server tells of its clients: on its terminal who comes and who leaves, also where the
//! listing prints only what they say; in a failure's report the end of its log.

use xtask::catalog::{Journal, SERVERS};
use xtask::harness::build;
use xtask::harness::client::{Client, DEADLINE};
use xtask::harness::launch::Running;
use xtask::harness::output::Output;
use xtask::test_all::checks::CHECKS;
use xtask::test_all::matrix;

#[test]
fn a_line_tells_of_a_client_that_comes_and_one_of_a_client_that_leaves() {
    let binaries = build::build(build::SERVERS, false).unwrap();
    for name in ["blocking-server", "nonblocking-server"] {
        let server = SERVERS.iter().find(|server| server.name == name).unwrap();
        let line = binaries.line_of(server).unwrap().with(["127.0.0.1:0"]);
        let running = Running::start(&line, None, &Output::default()).unwrap();
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
    let mut binaries = build::build(build::SERVERS, false).unwrap();
    binaries.extend(build::build(build::PRELOAD, false).unwrap());
    let with_log = SERVERS.iter().filter(|server| server.journal == Journal::File);
    let check = CHECKS.iter().find(|check| check.name == "conversation").unwrap();
    for server in with_log {
        let cell = matrix::run(server, check, &binaries, 1);
        let accepted = |line: &String| line.contains("accept connection from 127.0.0.1");
        assert!(cell.output.iter().any(accepted), "{}: {:?}", server.name, cell.output);
    }
}
