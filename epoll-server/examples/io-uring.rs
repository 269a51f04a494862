//! An io_uring server, the loop to copy: the kernel itself waits, receives and sends, and reports
//! what it has done. The io_uring server makes no recv, send, read or write call. One thread hands
//! over requests and takes completions, for many clients at once, up to `ulimit -n`.
//!
//! Follows note 004, lines 189-191, in words.
//!
//! Try: `nc 127.0.0.1 2006`; every line you type comes back.
//!
//! Costs: one system call hands over all requests and waits for completions, for any number of
//! clients. A silent client holds no buffer: the kernel takes one when data has come. In return a
//! client and its buffer belong to the kernel until the request has completed. Here each client has
//! one request at a time: it receives up to 16 KiB, and then sends them. It holds the buffer until
//! all are sent. After the server has ended, the kernel holds its port for some milliseconds.
//!
//! Experiment: `strace -e io_uring_enter,write target/debug/examples/io-uring`, and a client types
//! two lines. For each line there is a write that prints and an io_uring_enter that hands over the
//! answer. Another one asks for the next line and waits. There is no accept, no read, no send.
//! `strace -e inject=io_uring_setup:error=EPERM target/debug/examples/io-uring` shows the message
//! when the kernel refuses io_uring.
#![forbid(unsafe_code)]

use std::os::fd::AsRawFd;

use common::{Bytes, Refusal, Shortage, Socket, arguments, say};
use epoll::uring::{Completion, Options, Ring};

const BACKLOG: i32 = 1024;

fn main() -> common::Result {
    let about = "Sends every byte back, by io_uring (note 004:189-191)";
    let args = arguments!("127.0.0.1:2006", about, Options);
    let mut ring = Ring::new(args.options)?;

    let listener = Socket::new()?;
    listener.bind(args.addr)?;
    listener.listen(BACKLOG)?;
    let listener = listener.detach()?;
    // On Linux the accepted sockets inherit it.
    listener.set_nodelay(true)?;
    let shortage = Shortage::default();

    // One request; a completion comes for each client.
    ring.accept(&listener);
    let mut completions = Vec::new();
    loop {
        // The one system call of this loop: it hands over the requests, and waits.
        ring.wait(&mut completions)?;
        for completion in completions.drain(..) {
            match completion {
                Completion::Accepted { client, more } => {
                    let is_short = match client {
                        Ok(client) => {
                            shortage.ends();
                            say!("client {} has come", client.as_raw_fd());
                            ring.receive(client);
                            false
                        }
                        Err(error) => shortage.judge(error)? == Refusal::Short,
                    };
                    if is_short {
                        // The connected clients are served meanwhile.
                        ring.start_timer();
                    } else if !more {
                        ring.accept(&listener);
                    }
                }
                Completion::TimeIsOver => ring.accept(&listener),
                Completion::Received { client, data: Ok(Some(data)) } => {
                    say!("client {}: {}", client.as_raw_fd(), Bytes(&data));
                    ring.send(client, data);
                }
                Completion::Received { client, data: Ok(None) } => {
                    say!("client {} has left", client.as_raw_fd());
                    drop(client); // closes it
                }
                Completion::Sent { client, mut data, sent: Ok(sent) } => {
                    data.advance(sent);
                    if data.is_empty() {
                        ring.give_back(data);
                        ring.receive(client);
                    } else {
                        ring.send(client, data);
                    }
                }
                Completion::Received { client, data: Err(error) }
                | Completion::Sent { client, sent: Err(error), .. } => {
                    say!("client {}: {error}", client.as_raw_fd());
                    drop(client);
                }
            }
        }
    }
}
