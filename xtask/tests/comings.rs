//! Who has a server's terminal in view sees clients come and go, also where the listing prints only
//! what they say.
#![forbid(unsafe_code)]

use xtask::catalog::SERVERS;
use xtask::harness::build;
use xtask::harness::client::{Client, DEADLINE};
use xtask::harness::launch::Running;
use xtask::harness::output::Output;

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
