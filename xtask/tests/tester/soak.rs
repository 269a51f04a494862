//! What the clients of `cargo xtask soak` that stay count of a right server, and of broken ones.

use std::net::SocketAddr;
use std::sync::atomic::Ordering::Relaxed;
use std::thread;
use std::time::{Duration, Instant};

use socket2::{Domain, Socket, Type};
use xtask::catalog::{SERVERS, Server};
use xtask::harness::client::DEADLINE;
use xtask::harness::command_line::CommandLine;
use xtask::harness::launch::Running;
use xtask::harness::trial::ANY_PORT;
use xtask::soak::crowd::Crowd;
use xtask::soak::load::Counts;

use crate::{BINARIES, take_turn};

/// Lets so many clients come to the broken server with that defect until they have counted enough.
fn crowd(defect: &str, clients: usize, is_enough: impl Fn(&Counts) -> bool) -> (usize, Counts) {
    let line = CommandLine::new(BINARIES.get("xtask", "broken-server").unwrap());
    let line = line.with([ANY_PORT, defect]);
    let running = Running::start(&line, None, &Default::default()).unwrap();
    come_to(running.addr, clients, is_enough)
}

/// The same for whatever is at an address.
fn come_to(
    addr: SocketAddr,
    clients: usize,
    is_enough: impl Fn(&Counts) -> bool,
) -> (usize, Counts) {
    let row = SERVERS.iter().find(|server| server.name == "edge-triggered").unwrap();
    let server = Server { backlog: 128, ..*row };
    let counts = Counts::default();
    let crowd = Crowd::new(&server, addr, clients, &counts).unwrap();
    let peak = thread::scope(|scope| {
        let crowd = scope.spawn(|| crowd.run().unwrap());
        let deadline = Instant::now() + 3 * DEADLINE;
        while !is_enough(&counts) && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(1));
        }
        counts.end();
        crowd.join().unwrap()
    });
    (peak, counts)
}

#[test]
fn of_a_right_server_nothing_is_lost() {
    let _turn = take_turn();
    // They come and go: each leaves after its tenth message.
    let (peak, counts) = crowd("healthy", 200, |counts| counts.served.load(Relaxed) > 2200);
    let (served, lost) = (counts.served.into_inner(), counts.lost.into_inner());
    assert!(served > 2200 && peak > 100, "{served} served, {peak} at once");
    assert_eq!(lost, 0, "{:?}", counts.first_lost);
}

#[test]
fn what_is_lost_is_counted() {
    let _turn = take_turn();
    for (defect, clients, words) in [
        ("silent", 1, "silence for 10 s"),
        ("answers-twice", 1, "bytes"),
        ("closes-at-once", 1, ""),
        ("mixes-clients", 50, "#"),
        ("tires", 400, ""),
    ] {
        let (_, counts) = crowd(defect, clients, |counts| counts.lost.load(Relaxed) > 0);
        let lost = counts.first_lost.into_inner().unwrap().unwrap().to_string();
        assert!(lost.contains(words), "{defect}: {lost}");
    }
}

#[test]
fn who_is_not_accepted_is_refused_and_not_lost() {
    let _turn = take_turn();
    // A socket that is bound and does not listen: the port is nobody else's, and refuses.
    let holder = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    holder.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    let addr = holder.local_addr().unwrap().as_socket().unwrap();
    let (peak, counts) = come_to(addr, 3, |counts| counts.refused.load(Relaxed) > 2);
    assert!(counts.refused.into_inner() > 2);
    assert_eq!((counts.lost.into_inner(), peak), (0, 0));
}

#[test]
fn who_waits_in_a_full_backlog_is_not_refused() {
    let _turn = take_turn();
    let listener = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    listener.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    listener.listen(1).unwrap();
    let addr = listener.local_addr().unwrap().as_socket().unwrap();
    let start = Instant::now();
    let (peak, counts) = come_to(addr, 10, |_| start.elapsed() > Duration::from_secs(1));
    assert_eq!((counts.refused.into_inner(), counts.lost.into_inner(), peak), (0, 0, 0));
}
