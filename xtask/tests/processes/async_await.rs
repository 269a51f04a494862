//! What the server with `async` and `await` asks of epoll.

use std::env;
use std::fs;

use xtask::harness::build;
use xtask::harness::client::Client;
use xtask::harness::command_line::CommandLine;
use xtask::harness::launch::Running;
use xtask::harness::outcome::not_tested;
use xtask::harness::strace;
use xtask::harness::trial::ANY_PORT;

/// How many clients come, and how many messages each of them says before the next one comes.
const CLIENTS: [(usize, usize); 3] = [(20, 0), (10, 1), (1, 50)];

#[test]
fn a_client_is_registered_once_and_the_listener_never_again() {
    if let Some(reason) = strace::refused() {
        return not_tested("epoll_ctl of async-await", reason);
    }
    let package = "selectors-server";
    let binaries =
        build::build(&["--package", package, "--example", "async-await"], false).unwrap();
    for (clients, messages) in CLIENTS {
        let test = env::current_exe().unwrap();
        let file = test.with_file_name(format!("epoll-{clients}.strace"));
        let server = CommandLine::new(binaries.get(package, "async-await").unwrap());
        let watched =
            ["strace", "-f", "-qq", "-e", "trace=epoll_ctl", "-o", file.to_str().unwrap()];
        let server = server.with([ANY_PORT, "--quiet"]).behind(&watched);
        let running = Running::start(&server, None, &Default::default()).unwrap();
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
        let count = |operation: &str| calls.matches(operation).count();
        // The listener, the way in which other threads wake the executor, and each client.
        let counts = ["EPOLL_CTL_ADD", "EPOLL_CTL_MOD"].map(count);
        assert_eq!(counts, [clients + 2, 0], "{clients} clients, {messages} messages:\n{calls}");
    }
}
