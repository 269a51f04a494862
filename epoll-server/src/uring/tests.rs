//! A ring of 8 completions and 4 buffers, set up in each way: more happens than it has room for.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::*;

/// Ends a test that fails.
const DEADLINE: Duration = Duration::from_secs(20);
/// Many times what the ring has room for.
const CLIENTS: usize = 300;
/// More than the buffers of a socket hold.
const UNREAD: usize = 1024 * 1024;
/// Twice the buffers.
const SLOW: usize = 8;
/// Clients that send and read without a pause: more than there are buffers.
const FLOODING: usize = 6;
/// Clients beside them, and how often they speak, all at once.
const QUICK: usize = 12;
const ROUNDS: usize = 200;
/// Nobody reads from clients that can send nothing for so many rounds of another one.
const STUCK: usize = 20;

fn small(setup: Setup) -> Options {
    Options { setup: Some(setup), completions: 8, buffers: 4 }
}

/// Runs a test with each way to set up a ring; one that this system refuses is left out.
fn in_each_way(test: impl Fn(Setup)) {
    for setup in Setup::ALL {
        match Ring::new(small(setup)) {
            Ok(_) => test(setup),
            Err(error) => eprintln!("{setup:?} is not tested: {error:#}"),
        }
    }
}

fn pair() -> (UnixStream, OwnedFd) {
    let (peer, client) = UnixStream::pair().unwrap();
    peer.set_read_timeout(Some(DEADLINE)).unwrap();
    peer.set_write_timeout(Some(DEADLINE)).unwrap();
    (peer, client.into())
}

/// Sends the clients' bytes back until all have left. Then it says how often completions did not
/// have room.
fn echo(setup: Setup, clients: Vec<OwnedFd>, handed_over: &Sender<()>, ended: &Sender<usize>) {
    let mut ring = Ring::new(small(setup)).unwrap();
    let mut left = clients.len();
    for client in clients {
        ring.receive(client);
    }
    hand_all_over(&mut ring);
    handed_over.send(()).unwrap();
    let (mut completions, mut overflows) = (Vec::new(), 0);
    while left > 0 {
        ring.wait(&mut completions).unwrap();
        overflows += usize::from(ring.ring.submission().cq_overflow());
        for completion in completions.drain(..) {
            match completion {
                Completion::Received { client, data: Ok(Some(data)) } => ring.send(client, data),
                Completion::Received { data: Ok(None), .. } => left -= 1,
                Completion::Sent { client, mut data, sent: Ok(sent) } => {
                    data.advance(sent);
                    if data.is_empty() {
                        ring.give_back(data);
                        ring.receive(client);
                    } else {
                        ring.send(client, data);
                    }
                }
                _ => panic!("a request that fails"),
            }
        }
    }
    ended.send(overflows).unwrap();
}

fn hand_all_over(ring: &mut Ring) {
    while !ring.asked.is_empty() {
        ring.hand_over().unwrap();
    }
}

/// Starts the echo in a thread of its own: a test does not wait for one that hangs.
fn start(setup: Setup, clients: Vec<OwnedFd>) -> Receiver<usize> {
    let (handed_over, has_all) = channel();
    let (ended, end) = channel();
    thread::spawn(move || echo(setup, clients, &handed_over, &ended));
    has_all.recv_timeout(DEADLINE).expect("requests are handed over");
    end
}

#[test]
fn nothing_is_lost_that_the_ring_has_no_room_for() {
    in_each_way(|setup| {
        let (mut peers, clients): (Vec<_>, Vec<_>) = (0..CLIENTS).map(|_| pair()).unzip();
        let end = start(setup, clients);
        let message = |number: usize| format!("message {number}");
        for (number, peer) in peers.iter_mut().enumerate() {
            peer.write_all(message(number).as_bytes()).unwrap();
            peer.shutdown(Shutdown::Write).unwrap();
        }
        for (number, peer) in peers.iter_mut().enumerate() {
            let mut answer = String::new();
            peer.read_to_string(&mut answer).unwrap();
            assert_eq!(answer, message(number), "{setup:?}");
        }
        let overflows = end.recv_timeout(DEADLINE).expect("all clients have left");
        assert!(overflows > 0, "{setup:?}: the completions had room");
    });
}

#[test]
fn clients_that_do_not_read_do_not_delay_others() {
    in_each_way(|setup| {
        let (mut peers, clients): (Vec<_>, Vec<_>) = (0..=SLOW).map(|_| pair()).unzip();
        let end = start(setup, clients);
        let mut quick = peers.pop().unwrap();
        let text: Vec<u8> = (0..UNREAD).map(|at| (at % 251) as u8).collect();
        let mut sent = [0; SLOW];
        let mut rounds = 0;
        while rounds < STUCK {
            let before: usize = sent.iter().sum();
            for (peer, sent) in peers.iter_mut().zip(&mut sent) {
                peer.set_nonblocking(true).unwrap();
                while let Ok(count) = peer.write(&text[*sent..]) {
                    *sent += count;
                    assert!(*sent < UNREAD, "its answers have room somewhere");
                }
            }
            let mut answer = [0; 5];
            quick.write_all(b"quick").unwrap();
            quick.read_exact(&mut answer).unwrap();
            assert_eq!(&answer, b"quick");
            rounds = if sent.iter().sum::<usize>() > before { 0 } else { rounds + 1 };
        }
        drop(quick);
        for (number, (peer, sent)) in peers.iter_mut().zip(sent).enumerate() {
            peer.set_nonblocking(false).unwrap();
            peer.shutdown(Shutdown::Write).unwrap();
            let mut answer = Vec::new();
            peer.read_to_end(&mut answer).unwrap();
            assert!(answer == text[..sent], "{setup:?}: client {number} lacks bytes of {sent}");
        }
        end.recv_timeout(DEADLINE).expect("all clients have left");
    });
}

#[test]
fn a_client_that_found_no_buffer_gets_one_while_others_never_stop() {
    in_each_way(|setup| {
        let (mut peers, clients): (Vec<_>, Vec<_>) = (0..FLOODING + QUICK).map(|_| pair()).unzip();
        let end = start(setup, clients);
        let (stop, is_stopped) = (Arc::new(AtomicBool::new(false)), Ordering::Relaxed);
        let flooding = peers.drain(..FLOODING).map(|peer| {
            let (mut sender, mut receiver, stop) = (peer.try_clone().unwrap(), peer, stop.clone());
            let sending = thread::spawn(move || {
                while !stop.load(is_stopped) {
                    sender.write_all(&[b'x'; 64 * 1024]).unwrap();
                }
                sender.shutdown(Shutdown::Write).unwrap();
            });
            let receiving =
                thread::spawn(move || io::copy(&mut receiver, &mut io::sink()).unwrap());
            (sending, receiving)
        });
        let flooding: Vec<_> = flooding.collect();
        let deadline = Instant::now() + DEADLINE;
        for round in 0..ROUNDS {
            assert!(Instant::now() < deadline, "{setup:?}: {round} rounds in {DEADLINE:?}");
            let message = format!("message {round:4}");
            for peer in &mut peers {
                peer.write_all(message.as_bytes()).unwrap();
            }
            for peer in &mut peers {
                let mut answer = vec![0; message.len()];
                peer.read_exact(&mut answer).unwrap();
                assert_eq!(answer, message.as_bytes(), "{setup:?}");
            }
        }
        stop.store(true, is_stopped);
        drop(peers);
        for (sending, receiving) in flooding {
            sending.join().unwrap();
            receiving.join().unwrap();
        }
        end.recv_timeout(DEADLINE).expect("all clients have left");
    });
}

#[test]
fn a_client_that_found_no_buffer_gets_one_without_another_client() {
    in_each_way(|setup| {
        let (done, is_done) = channel();
        thread::spawn(move || {
            let mut ring = Ring::new(small(setup)).unwrap();
            let (mut peers, clients): (Vec<_>, Vec<_>) = (0..SLOW).map(|_| pair()).unzip();
            let (_silent, silent) = pair();
            for client in clients {
                ring.receive(client);
            }
            hand_all_over(&mut ring);
            for peer in &mut peers {
                peer.write_all(b"x").unwrap();
            }
            let (mut completions, mut received) = (Vec::new(), 0);
            while ring.again.is_empty() {
                ring.wait(&mut completions).unwrap();
                received += completions.drain(..).count();
            }
            // No buffer comes back, and what is asked for now does not complete.
            ring.receive(silent);
            while received < SLOW {
                ring.wait(&mut completions).unwrap();
                received += completions.drain(..).count();
            }
            done.send(()).unwrap();
        });
        is_done.recv_timeout(DEADLINE).unwrap_or_else(|_| panic!("{setup:?}: a client waits"));
    });
}

#[test]
fn an_accept_completes_for_each_client() {
    in_each_way(|setup| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let mut ring = Ring::new(small(setup)).unwrap();
        ring.accept(&listener);
        ring.start_timer();
        let clients: Vec<_> = (0..3).map(|_| TcpStream::connect(addr).unwrap()).collect();
        let (mut accepted, mut is_over) = (Vec::new(), false);
        let mut completions = Vec::new();
        while accepted.len() < clients.len() || !is_over {
            ring.wait(&mut completions).unwrap();
            for completion in completions.drain(..) {
                match completion {
                    Completion::Accepted { client, more } => {
                        assert!(more);
                        accepted.push(TcpStream::from(client.unwrap()));
                    }
                    Completion::TimeIsOver => is_over = true,
                    _ => panic!("something else was asked for"),
                }
            }
        }
        for client in clients {
            let addr = client.local_addr().unwrap();
            assert!(accepted.iter().any(|conn| conn.peer_addr().unwrap() == addr));
        }
    });
}
