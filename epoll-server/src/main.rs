//! An epoll server: the kernel keeps the list of sockets and hands out those that became ready; one thread,
//! many clients at once, without a limit of its own.
//! It writes a log instead of printing, so an output that nobody reads never stops it.
//!
//! Mirrors note 002, lines 226-355.
//!
//! Try: `nc 127.0.0.1 2003`; every line you type comes back. `tail -f network-server.log` shows how.
//!
//! Differs from the listing:
//! - 254, 260, 266, 272, 280: a set-up that fails is logged and ends the program; the listing goes on
//!   without a socket.
//! - 264: the default is the loopback interface; the listing opens its port to the network.
//! - 287: the listener is left out while there is no descriptor for another client.
//! - 293: the listener does not block, and a client that is gone before it is accepted costs only itself;
//!   the listing waits for the next client meanwhile, or dies.
//! - 298: a socket that epoll cannot take, for want of memory, is closed; the listing dies.
//! - 304: what came is gathered as bytes; in the listing it is text, and the first message ends it.
//! - 308: after the end of the stream, or 64 KiB, what came is answered first: the listing would append an
//!   empty read for ever, or everything that a fast client sends.
//! - 336: an error without a hang-up closes the client, too; the listing would keep its descriptor.
//! - 347: a full socket buffer waits for the next EPOLLOUT, and a broken connection is closed; the listing
//!   dies of both.
//!
//! Experiment: `strace -e trace=network,epoll_ctl,epoll_wait -p $(pgrep epoll-server)` while a client types a
//! line of 25 bytes: three reads, a fourth that ends with EAGAIN, EPOLL_CTL_MOD to EPOLLOUT, one send, and
//! EPOLL_CTL_MOD back.
#![forbid(unsafe_code)]

use common::{AcceptFailures, Arguments, Bytes, Socket, asctime};
use log::{LevelFilter, Record, debug, error}; // 226

use epoll_server::{EPOLLERR, EPOLLET, EPOLLHUP, EPOLLIN, EPOLLOUT, Epoll}; // 227

use std::collections::HashMap;
use std::fmt;
use std::io::{self, ErrorKind, Write};
use std::net::SocketAddrV4;
use std::os::fd::RawFd;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use common::clap::{Arg, value_parser};

const LOGGER: &str = "network-server"; // 229

/// Bytes that are gathered for one client before it is answered; beyond them it is not read from.
const DATA_LIMIT: usize = 64 * 1024;

fn init_log(path: &Path, level: LevelFilter) -> common::Result {
    // 231
    let logger = fern::Dispatch::new().level(level); // 232

    let file = fern::log_file(path).with_context(|| format!("open {}", path.display()))?;
    let fh = fern::Dispatch::new().chain(handler(file)); // 234-235
    let ch = fern::Dispatch::new()
        .chain(handler(io::stderr())) // 236
        .level(LevelFilter::Error); // 237
    let formatter =
        |out: fern::FormatCallback<'_>, message: &fmt::Arguments<'_>, record: &Record<'_>| {
            // 239
            let asctime = asctime().unwrap_or_default();
            out.finish(format_args!(
                "{asctime} - {} - {} - {message}",
                record.target(),
                record.level()
            ));
        };
    logger
        .format(formatter) // 240-241
        .chain(fh) // 243
        .chain(ch) // 244
        .apply()?;
    Ok(())
}

/// Writes each line to `stream` and goes on when that fails, as Python's handlers do: fern's own outputs
/// panic once standard error is gone.
fn handler<W: Send + Sync + 'static>(stream: W) -> fern::Output
where
    for<'a> &'a W: Write,
{
    fern::Output::call(move |record| {
        let _ = (&stream).write_all(format!("{}\n", record.args()).as_bytes());
    })
}

fn main() -> common::Result<ExitCode> {
    // 247
    let about = "Sends every byte back, by edge-triggered epoll (note 002:226-355)";
    let log = Arg::new("log")
        .long("log")
        .value_name("PATH")
        .default_value("network-server.log")
        .value_parser(value_parser!(PathBuf))
        .help("File that gets every line of the log; with --quiet only the errors");
    let args = Arguments::new(env!("CARGO_BIN_NAME"), about, "127.0.0.1:2003")
        .option(log)
        .parse();
    let mut failures = AcceptFailures::default();
    let level = if args.quiet {
        LevelFilter::Error
    } else {
        LevelFilter::Debug
    };
    init_log(&args.get::<PathBuf>("log"), level)?; // 248

    let listen_fd = match Socket::new() {
        // 250, 252
        Ok(listen_fd) => listen_fd,
        Err(msg) => {
            // 253
            error!(target: LOGGER, "create socket failed: {msg}"); // 254 differs: the program ends
            return Ok(ExitCode::FAILURE);
        }
    };

    // 256
    if let Err(msg) = listen_fd.set_reuseaddr(true) {
        // 258-259
        error!(target: LOGGER, "setsocketopt SO_REUSEADDR failed: {msg}"); // 260 differs: the program ends
        return Ok(ExitCode::FAILURE);
    }

    // 262
    let bound = listen_fd.bind(args.addr); // 264 differs: the loopback interface unless another is given
    if let Err(msg) = bound {
        // 265
        error!(target: LOGGER, "bind failed: {msg:#}"); // 266 differs: the program ends
        return Ok(ExitCode::FAILURE);
    }

    // 268
    if let Err(msg) = listen_fd.listen(10) {
        // 270-271
        error!(target: LOGGER, "{msg:#}"); // 272 differs: the program ends
        return Ok(ExitCode::FAILURE);
    }

    let registered = Epoll::new() // 274, 276
        .and_then(|epoll_fd| {
            epoll_fd.register(listen_fd.fileno(), EPOLLIN)?; // 278
            Ok(epoll_fd)
        });
    let mut epoll_fd = match registered {
        Ok(epoll_fd) => epoll_fd,
        Err(msg) => {
            // 279
            error!(target: LOGGER, "{msg}"); // 280 differs: the program ends
            return Ok(ExitCode::FAILURE);
        }
    };
    listen_fd.setblocking(false)?;
    let mut interest = EPOLLIN;
    args.listening(&listen_fd);

    let mut connections: HashMap<RawFd, Socket> = HashMap::new(); // 282
    let mut addresses: HashMap<RawFd, SocketAddrV4> = HashMap::new(); // 283
    let mut datalist: HashMap<RawFd, Vec<u8>> = HashMap::new(); // 284
    loop {
        // 285
        let pause = failures.pause();
        let wanted = if pause.is_none() { EPOLLIN } else { 0 };
        if wanted != interest {
            epoll_fd.modify(listen_fd.fileno(), wanted)?;
            interest = wanted;
        }
        let epoll_list = epoll_fd.poll(pause)?; // 287 differs: without the listener during a pause

        for (fd, events) in epoll_list {
            // 289
            if fd == listen_fd.fileno() {
                // 291
                let (conn, addr) = match listen_fd.accept() {
                    // 293 differs: a client that is already gone is passed over
                    Ok(accepted) => accepted,
                    Err(error) => {
                        failures.survive(error)?;
                        continue;
                    }
                };
                failures.accepted();
                let fd = conn.fileno();
                debug!(target: LOGGER, "accept connection from {}, {}, fd = {fd}", addr.ip(), addr.port()); // 294
                conn.setblocking(false)?; // 296
                if let Err(msg) = epoll_fd.register(fd, EPOLLIN | EPOLLET) {
                    // 298 differs: what cannot be watched is closed
                    error!(target: LOGGER, "{addr}: {msg}");
                    continue;
                }
                connections.insert(fd, conn); // 300
                addresses.insert(fd, addr); // 301
            } else if EPOLLIN & events != 0 {
                // 302
                let mut datas = Vec::new(); // 304 differs: bytes, not text
                let mut ended = false;
                loop {
                    // 305-306
                    let data = if ended || datas.len() >= DATA_LIMIT {
                        Err(ErrorKind::WouldBlock.into())
                    } else {
                        connections[&fd].recv(10) // 308 differs: no more after the end or the limit
                    };
                    match data {
                        Ok(data) if data.is_empty() && datas.is_empty() => {
                            // 310
                            epoll_fd.unregister(fd)?; // 312
                            connections.remove(&fd); // 314
                            debug!(target: LOGGER, "{}, {} closed", addresses[&fd].ip(), addresses[&fd].port()); // 315
                            break; // 316
                        }
                        Ok(data) => {
                            // 317
                            ended = data.is_empty();
                            datas.extend(data); // 319
                        }
                        Err(msg) => {
                            // 320
                            if msg.kind() == ErrorKind::WouldBlock {
                                // 323
                                debug!(target: LOGGER, "{fd} receive {}", Bytes(&datas)); // 324
                                datalist.insert(fd, datas); // 326
                                epoll_fd.modify(fd, EPOLLET | EPOLLOUT)?; // 328
                                break; // 329
                            } else {
                                // 330
                                epoll_fd.unregister(fd)?; // 332
                                connections.remove(&fd); // 333
                                error!(target: LOGGER, "{}: {msg}", addresses[&fd]); // 334
                                break; // 335
                            }
                        }
                    }
                }
            } else if (EPOLLHUP | EPOLLERR) & events != 0 {
                // 336 differs: an error is an end, too
                epoll_fd.unregister(fd)?; // 338
                connections.remove(&fd); // 339
                debug!(target: LOGGER, "{}, {} closed", addresses[&fd].ip(), addresses[&fd].port()); // 340
            } else if EPOLLOUT & events != 0 {
                // 341
                let mut send_len = 0; // 343
                let sent = loop {
                    // 345
                    match connections[&fd].send(&datalist[&fd][send_len..]) {
                        Ok(sent) => send_len += sent, // 347 differs: a full buffer or a lost client ends the loop
                        Err(msg) => break Err(msg),
                    }
                    if send_len == datalist[&fd].len() {
                        // 349
                        break Ok(()); // 350
                    }
                };
                match sent {
                    Ok(()) => epoll_fd.modify(fd, EPOLLIN | EPOLLET)?, // 352
                    Err(msg) if msg.kind() == ErrorKind::WouldBlock => {
                        datalist.entry(fd).or_default().drain(..send_len);
                    }
                    Err(msg) => {
                        epoll_fd.unregister(fd)?;
                        connections.remove(&fd);
                        error!(target: LOGGER, "{}: {msg}", addresses[&fd]);
                    }
                }
            } else {
                // 353
                continue; // 355
            }
            if !connections.contains_key(&fd) {
                addresses.remove(&fd);
                datalist.remove(&fd);
            }
        }
    }
}
