//! An io_uring server: the kernel itself waits for clients and for data, receives and sends, and
//! tells what it has done; one thread asks for it and takes the completions, for many clients at
//! once, up to `ulimit -n`.
//! While its output is full and unread it stands still; not with `--quiet`.
//!
//! Follows note 004, lines 189-191, in words.
//!
//! Try: `nc 127.0.0.1 2006`; every line you type comes back.
//!
//! Costs: one system call hands over all that is to be done and waits for what is done, however
//! many clients that concerns; a silent client holds no buffer, since the kernel takes one when
//! data has come. In return each buffer has to be left alone while the kernel has it, what is
//! received cannot be stopped at once, and for some milliseconds after the server's end the kernel
//! still holds its port.
//!
//! Experiment: `strace target/debug/examples/io-uring`, and a client types two lines: for each, one
//! io_uring_enter, which sends the answer before it waits, and a write that prints; no accept, no
//! read, no send. `strace -e inject=io_uring_setup:error=EPERM target/debug/examples/io-uring`
//! shows what it says where the kernel refuses it.
#![forbid(unsafe_code)]

use std::io::{self, ErrorKind};
use std::mem;
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};

use common::{Bytes, DEFAULT_BACKLOG, Shortage, Socket, arguments, say};
use epoll::uring::{Buffer, Completion, Data, Ring, set_receive_buffer_size};

/// Bytes that may be owed to one client before nothing more is received from it.
const OWED_LIMIT: usize = 64 * 1024;
/// Half of the bytes that the kernel keeps of one client at most (socket(7), SO_RCVBUF): multishot
/// receive hands over all of them at once, before it can be cancelled.
const KERNEL_LIMIT: i32 = 128 * 1024;

/// A client, and what the kernel was asked to do for it.
struct Client {
    socket: OwnedFd,
    receive: Receive,
    /// How many bytes the kernel is sending.
    sending: usize,
    /// What it will be asked to send after those.
    owed: Vec<u8>,
    /// Whether its stream has ended, or its connection.
    ended: bool,
}

#[derive(PartialEq)]
enum Receive {
    /// Whatever comes is received, each time with a completion.
    Asked,
    /// No more, but what is on its way may still come.
    Cancelled,
    /// Nothing is received.
    Stopped,
    /// Nothing is received for want of a buffer.
    Hungry,
}

struct Server {
    ring: Ring,
    /// The clients by their descriptors.
    clients: Vec<Option<Client>>,
    /// Those that the kernel had no buffer for, in their order.
    hungry: Vec<RawFd>,
    /// Whether there is more to do as soon as what was asked for is handed over.
    hurries: bool,
}

fn main() -> common::Result {
    let about = "Sends every byte back, by io_uring (note 004:189-191)";
    let args = arguments!("127.0.0.1:2006", about);
    let ring = Ring::new()?;
    let mut server = Server { ring, clients: Vec::new(), hungry: Vec::new(), hurries: false };

    let listener = Socket::new()?;
    listener.bind(args.addr)?;
    listener.listen(DEFAULT_BACKLOG)?;
    let listener = listener.detach()?;
    // Linux hands both on to the sockets that are accepted.
    listener.set_nodelay(true)?;
    set_receive_buffer_size(listener.as_fd(), KERNEL_LIMIT)?;
    let shortage = Shortage::default();

    // Asked for once; a completion comes for each client.
    server.ring.accept(listener.as_raw_fd())?;
    let mut completions = Vec::new();
    loop {
        // The one system call of this loop: it hands over what was asked for, and waits.
        let count = if mem::take(&mut server.hurries) { 0 } else { 1 };
        server.ring.wait(&mut completions, count)?;
        for completion in completions.drain(..) {
            match completion {
                Completion::Accepted { client, more } => {
                    match client {
                        Ok(client) => {
                            shortage.ends();
                            server.accepted(client)?;
                        }
                        Err(error) => shortage.survive(error)?,
                    }
                    if !more {
                        server.ring.accept(listener.as_raw_fd())?;
                    }
                }
                Completion::Received { fd, data, more } => server.received(fd, data, more)?,
                Completion::Sent { fd, sent, data } => server.sent(fd, sent, data)?,
            }
        }
        server.feed()?;
    }
}

impl Server {
    /// The kernel has accepted a client.
    fn accepted(&mut self, socket: OwnedFd) -> io::Result<()> {
        let fd = socket.as_raw_fd();
        say!("client {fd} has come");
        self.ring.receive(fd)?;
        let client =
            Client { socket, receive: Receive::Asked, sending: 0, owed: Vec::new(), ended: false };
        if self.clients.len() <= fd as usize {
            self.clients.resize_with(fd as usize + 1, || None);
        }
        self.clients[fd as usize] = Some(client);
        Ok(())
    }

    /// The kernel has received from a client.
    fn received(
        &mut self,
        fd: RawFd,
        data: io::Result<Option<Buffer>>,
        more: bool,
    ) -> io::Result<()> {
        let Some(client) = &mut self.clients[fd as usize] else { return Ok(()) };
        if !more {
            client.receive = Receive::Stopped;
        }
        match data {
            Ok(Some(data)) => {
                say!("client {fd}: {}", Bytes(&data));
                if client.sending == 0 && !client.ended {
                    client.sending = data.len();
                    self.ring.try_send(fd, data)?;
                } else {
                    if !client.ended {
                        client.owed.reserve_exact(data.len());
                        client.owed.extend_from_slice(&data);
                    }
                    self.ring.give_back(Data::Buffer(data));
                }
            }
            Ok(None) => client.ended = true,
            Err(error) => match error.raw_os_error() {
                Some(libc::ECANCELED) => {}
                Some(libc::ENOBUFS) => {
                    client.receive = Receive::Hungry;
                    self.hungry.push(fd);
                }
                _ => client.is_lost(error),
            },
        }
        self.go_on(fd)
    }

    /// The kernel has sent to a client.
    fn sent(&mut self, fd: RawFd, sent: io::Result<usize>, data: Data) -> io::Result<()> {
        let Some(client) = &mut self.clients[fd as usize] else { return Ok(()) };
        client.sending = 0;
        match sent {
            Err(error) if error.kind() != ErrorKind::WouldBlock => client.is_lost(error),
            // What there was no room for comes before what was received since.
            sent => drop(client.owed.splice(..0, data[sent.unwrap_or(0)..].iter().copied())),
        }
        self.ring.give_back(data);
        self.go_on(fd)
    }

    /// Asks for what a client needs next; the one place where it is closed.
    fn go_on(&mut self, fd: RawFd) -> io::Result<()> {
        let Some(client) = &mut self.clients[fd as usize] else { return Ok(()) };
        if client.sending == 0 && !client.owed.is_empty() {
            client.sending = client.owed.len();
            self.ring.send(fd, mem::take(&mut client.owed))?;
        }
        // A send that succeeds at once ends no wait.
        self.hurries |= client.sending > 0 && (client.ended || !client.owed.is_empty());
        let owed = client.sending + client.owed.len();
        match client.receive {
            Receive::Asked if client.ended || owed > OWED_LIMIT => {
                client.receive = Receive::Cancelled;
                self.ring.cancel_receive(fd)?;
            }
            Receive::Stopped if !client.ended && owed == 0 => {
                client.receive = Receive::Asked;
                self.ring.receive(fd)?;
            }
            Receive::Stopped | Receive::Hungry if client.ended && owed == 0 => {
                say!("client {fd} has left");
                self.clients[fd as usize] = None;
            }
            _ => {}
        }
        Ok(())
    }

    /// Receives again from those that there was no buffer for, as far as there are some now.
    fn feed(&mut self) -> io::Result<()> {
        if self.hungry.is_empty() {
            return Ok(());
        }
        let count = self.ring.free_buffers().min(self.hungry.len());
        for fd in self.hungry.drain(..count) {
            if let Some(client @ Client { receive: Receive::Hungry, .. }) =
                &mut self.clients[fd as usize]
            {
                client.receive = Receive::Asked;
                self.ring.receive(fd)?;
            }
        }
        Ok(())
    }
}

impl Client {
    /// Ends the connection after an error of it: nothing is owed any more.
    fn is_lost(&mut self, error: io::Error) {
        say!("client {}: {error}", self.socket.as_raw_fd());
        self.owed.clear();
        self.ended = true;
    }
}
