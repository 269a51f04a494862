//! A process per connection, by fork(2): a call that blocks stops one process, and no other client.
//! As many clients are served at once as the system has processes for.
//!
//! Follows note 004, line 59, in words.
//!
//! Try: `nc 127.0.0.1 7002` in two terminals; both get every line back at once. The server prints
//! each line with the number of its process.
//!
//! Costs: each client needs a fork and a process, also when it is idle. A process takes about a
//! hundred KiB: pages of its own, a kernel stack, and page tables. In return a crash or a leak in
//! one process harms no other client.
//!
//! Experiment: type a line in each of two `nc`, and then `pgrep -c process-per-con` in another
//! terminal: 3. Then `kill -9` the number that the server prints before one of the lines. That
//! client's connection ends, the other client is still served, and `pgrep` says 2: no zombie is
//! left.
#![forbid(unsafe_code)]

use std::process;

use blocking::{Fork, echo, fork, wait_on_sigchld};
use common::{Bytes, Socket, arguments, say};

const BACKLOG: i32 = 1024;

fn main() -> common::Result {
    let about = "Echoes by a process per connection (note 004:59)";
    let args = arguments!("127.0.0.1:7002", about);
    // From here on each child that ends is waited for, so no zombie is left.
    wait_on_sigchld()?;

    let server = Socket::new()?;
    server.bind(args.addr)?;
    server.listen(BACKLOG)?;
    loop {
        let (conn, addr) = server.accept()?;
        match fork()? {
            // The child has a copy of the connection. While this one is open, the client does not
            // see the connection end.
            Fork::Parent(_child) => conn.close(),
            Fork::Child => {
                // Only the parent keeps the listener, so the port is free once the parent has
                // ended.
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
