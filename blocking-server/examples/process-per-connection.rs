//! A process per connection, by fork(2): its calls block it and nobody else, so as many clients are
//! served at once as the system has processes for.
//!
//! Follows note 004, line 59, in words.
//!
//! Try: `nc 127.0.0.1 7002` in two terminals; both get every line back at once, and the server
//! prints each with the number of the process that serves it.
//!
//! Costs: a fork for each client, and a process, idle or not: about a hundred KiB, for pages of its
//! own, and in the kernel for its stack and its page tables. For that whatever goes wrong in one,
//! a crash or a leak, ends with it and is nobody else's.
//!
//! Experiment: with a line typed in each of two `nc`, type `pgrep -c process-per-con` in another
//! terminal: 3. Then `kill -9` the number that the server prints before one of the lines. Its
//! client's connection ends, the other one goes on, and `pgrep` says 2: no zombie is left.
#![forbid(unsafe_code)]

use std::process;

use blocking::{Fork, echo, fork, wait_on_sigchld};
use common::{Bytes, DEFAULT_BACKLOG, Socket, arguments, say};

fn main() -> common::Result {
    let about = "Echoes by a process per connection (note 004:59)";
    let args = arguments!("127.0.0.1:7002", about);
    // From here on no child is left as a zombie, and accept waits for clients only.
    wait_on_sigchld()?;

    let server = Socket::new()?;
    server.bind(args.addr)?;
    server.listen(DEFAULT_BACKLOG)?;
    loop {
        let (conn, addr) = server.accept()?;
        match fork()? {
            // The child has a copy of the connection; with this one open, the client would not see
            // it end.
            Fork::Parent(_child) => conn.close(),
            Fork::Child => {
                // The listener is the parent's alone, so that its port is free once it has ended.
                server.close();
                let (me, conn) = (process::id(), conn.detach()?);
                say!("process {me}: {addr} is served");
                match echo(&conn, |message| say!("process {me}: {addr}: {}", Bytes(message))) {
                    Ok(()) => say!("process {me}: {addr} is done"),
                    Err(error) => say!("process {me}: {addr}: {error}"),
                }
                process::exit(0);
            }
        }
    }
}
