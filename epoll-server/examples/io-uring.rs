//! An io_uring server, the loop to copy: the kernel itself waits for clients and for data, receives
//! and sends, and tells what it has done; one thread asks for it and takes the completions, for
//! many clients at once, up to `ulimit -n`.
//! While its output is full and unread it stands still; not with `--quiet`.
//!
//! Follows note 004, lines 189-191, in words.
//!
//! Try: `nc 127.0.0.1 2006`; every line you type comes back.
//!
//! Costs: one system call hands over all that is to be done and waits for what is done, however
//! many clients that concerns. A silent client holds no buffer: the kernel takes one when data has
//! come. In return a client and its buffer are the kernel's until the request has completed. Here
//! each client has one request at a time: it receives up to 16 KiB, then sends them, and holds the
//! buffer until all are sent. For some milliseconds after the server's end the kernel still holds
//! its port.
//!
//! Experiment: `strace -e io_uring_enter,write target/debug/examples/io-uring`, and a client types
//! two lines. For each there is a write that prints, an io_uring_enter that hands over the answer,
//! and one that asks for the next line and waits; no accept, no read, no send.
//! `strace -e inject=io_uring_setup:error=EPERM target/debug/examples/io-uring` shows what it says
//! where the kernel refuses it.
#![forbid(unsafe_code)]

use std::os::fd::AsRawFd;

use common::clap::Arg;
use common::{Bytes, Refusal, Shortage, Socket, arguments, chosen, say, whole_number};
use epoll::uring::{Completion, Options, Ring, Setup};

const BACKLOG: i32 = 1024;

fn main() -> common::Result {
    let about = "Sends every byte back, by io_uring (note 004:189-191)";
    let [setup, completions, buffers] = options();
    let args = arguments!("127.0.0.1:2006", about, setup, completions, buffers);
    let usual = Options::default();
    let mut ring = Ring::new(Options {
        setup: chosen("setup"),
        completions: chosen("completions").unwrap_or(usual.completions),
        buffers: chosen("buffers").unwrap_or(usual.buffers),
    })?;

    let listener = Socket::new()?;
    listener.bind(args.addr)?;
    listener.listen(BACKLOG)?;
    let listener = listener.detach()?;
    // Linux hands it on to the sockets that are accepted.
    listener.set_nodelay(true)?;
    let shortage = Shortage::default();

    // Asked for once; a completion comes for each client.
    ring.accept(&listener);
    let mut completions = Vec::new();
    loop {
        // The one system call of this loop: it hands over what was asked for, and waits.
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
                        // Clients that are connected are served meanwhile.
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

/// A ring with little room, and that of an older kernel, can be tried everywhere.
fn options() -> [Arg; 3] {
    let setup = Arg::new("setup").long("setup").value_name("WAY");
    let setup = setup.value_parser(str::parse::<Setup>);
    let setup = setup.help("deferred, cooperative or plain [default: the first that works]");
    let completions = Arg::new("completions").long("completions").value_name("N");
    let completions = completions.value_parser(whole_number::<u32>(1..=4096));
    let completions = completions.help("Completions that there is room for [default: 4096]");
    let buffers = Arg::new("buffers").long("buffers").value_name("N");
    let buffers = buffers.value_parser(whole_number::<u16>(1..=256));
    let buffers = buffers.help("Buffers to receive into [default: 256]");
    [setup, completions, buffers]
}
