//! An epoll server: the kernel keeps the list of sockets and reports those that became ready, for
//! many clients. One thread serves all clients. The limits are `ulimit -n` and, for each user,
//! `max_user_watches` (epoll(7)). It writes a log file instead of printing, so a full output never
//! blocks it.
//!
//! Mirrors note 002, lines 226-355.
//!
//! Try: `nc 127.0.0.1 2003`; every line you type comes back, and network-server.log shows each
//! step. With `--log /dev/stdout` the log appears on this screen.
//!
//! Differs from the listing:
//! - 264: the default address is the loopback interface. The Python program opens its port to the
//!   network.
//! - 266, 272: an error in the set-up ends the program. The Python program goes on. With its port
//!   in use it listens on another port of every interface.
//! - 298: a client that epoll cannot take is closed. The Python program crashes.
//! - 304: the received data is collected as bytes. In the Python program it is text, and the first
//!   message crashes it.
//! - 308: after 64 KiB the server answers first, so a fast client takes neither all memory nor all
//!   time.
//! - 320, 323: EAGAIN is the value `None`, instead of a `msg` whose `errno` is `EAGAIN`. What came
//!   before the end of the stream is answered. The Python program reads that end for ever.
//! - 347: this program waits when the socket's buffer is full. The Python program crashes.
//!
//! Experiment: run `strace -e trace=network,epoll_ctl,epoll_wait target/debug/epoll-server`, and
//! type a line of 25 bytes in a client. There are three reads, and a fourth that returns EAGAIN.
//! Then come EPOLL_CTL_MOD to EPOLLOUT, one send, and EPOLL_CTL_MOD back. After each EPOLL_CTL_MOD
//! epoll reports the socket again if it is still ready. Therefore this server also works with every
//! EPOLLET deleted.
#![forbid(unsafe_code)]

use common::logging::{self, formatter, unless_quiet}; // 226
use common::{Bytes, OsError, Socket, arguments, clap, clap::Args, unless_blocked}; // 226
use fern::Dispatch; // 226
use log::{LevelFilter, debug, error}; // 226

use epoll::{EPOLLET, EPOLLHUP, EPOLLIN, EPOLLOUT, Epoll}; // 227
use std::io::ErrorKind::WouldBlock; // 227

use anyhow::anyhow;
use std::{collections::HashMap, io, path::PathBuf, process::exit};

const LOGGER: &str = "network-server"; // 229

/// Bytes that are gathered for one client before it is answered.
const DATA_LIMIT: usize = 64 * 1024;

#[derive(Args)]
struct Options {
    /// File that gets the log [default: network-server.log]; with --quiet only the errors
    #[arg(long, value_name = "PATH")]
    log: Option<PathBuf>,
}

#[rustfmt::skip]
fn init_log(log: Option<PathBuf>, quiet: bool) -> common::Result {               // 231
    let logger = Dispatch::new().level(unless_quiet(LevelFilter::Debug, quiet)); // 232

    let advice = if log.is_none() { "; choose another with --log PATH" } else { "" };
    let fh = logging::file_handler(log.unwrap_or("network-server.log".into()));  // 234
    let fh = fh.map_err(|error| anyhow!("{error:#}{advice}"))?;                  // 234
    let fh = fh.level(LevelFilter::Debug);                                       // 235
    let ch = logging::stream_handler();                                          // 236
    let ch = ch.level(LevelFilter::Error);                                       // 237

    let format = "%(asctime)s - %(name)s - %(levelname)s - %(message)s";         // 239
    let formatter = formatter(format);                                           // 239
    let ch = ch.format(formatter);                                               // 240
    let fh = fh.format(formatter);                                               // 241

    let logger = logger.chain(fh);                                               // 243
    let logger = logger.chain(ch);                                               // 244
    Ok(logger.apply()?)
}

#[rustfmt::skip]
fn main() -> common::Result {                                                    // 247
    let about = "Sends every byte back, by edge-triggered epoll (note 002:226-355)";
    let args = arguments!("127.0.0.1:2003", about, Options);
    init_log(args.options.log, args.quiet)?;                                     // 248

    let attempt = || -> io::Result<Socket> {                                     // 250
        let listen_fd = Socket::new()?;                                          // 252
        Ok(listen_fd)
    };
    let listen_fd = attempt().unwrap_or_else(|msg| {                             // 253
        error!(target: LOGGER, "create socket failed: {msg}");                   // 254
        exit(1)
    });

    let attempt = || -> io::Result<()> {                                         // 256
        listen_fd.set_reuseaddr(true)?;                                          // 258
        Ok(())
    };
    attempt().unwrap_or_else(|msg| {                                             // 259
        error!(target: LOGGER, "setsocketopt SO_REUSEADDR failed: {msg}");       // 260
    });

    let attempt = || -> anyhow::Result<()> {                                     // 262
        listen_fd.bind(args.addr)?;                                              // 264 differs
        Ok(())
    };
    attempt().unwrap_or_else(|msg| {                                             // 265
        error!(target: LOGGER, "bind failed: {msg:#}");                          // 266 differs
        exit(1)
    });

    let attempt = || -> anyhow::Result<()> {                                     // 268
        listen_fd.listen(10)?;                                                   // 270
        Ok(())
    };
    attempt().unwrap_or_else(|msg| {                                             // 271
        error!(target: LOGGER, "{msg:#}");                                       // 272 differs
        exit(1)
    });
    listen_fd.setblocking(false)?;

    let attempt = || -> io::Result<Epoll> {                                      // 274
        let epoll_fd = Epoll::new()?;                                            // 276
        epoll_fd.register(listen_fd.fileno(), EPOLLIN)?;                         // 278
        Ok(epoll_fd)
    };
    let mut epoll_fd = attempt().unwrap_or_else(|msg| {                          // 279
        error!(target: LOGGER, "{}", OsError(&msg));                             // 280
        exit(1)
    });

    let mut connections = HashMap::new();                                        // 282
    let mut addresses = HashMap::new();                                          // 283
    let mut datalist = HashMap::new();                                           // 284
    loop {                                                                       // 285
        let epoll_list = epoll_fd.poll(None)?;                                   // 287

        for (fd, events) in epoll_list {                                         // 289
            if fd == listen_fd.fileno() {                                        // 291
                let (conn, addr) = match listen_fd.accept() {                    // 293
                    Err(error) if error.kind() == WouldBlock => continue,
                    accepted => accepted?,
                };
                let (ip, port, fd) = (addr.ip(), addr.port(), conn.fileno());    // 294
                let from = format!("{ip}, {port}, fd = {fd}");                   // 294
                debug!(target: LOGGER, "accept connection from {from}");         // 294
                conn.setblocking(false)?;                                        // 296
                let added = epoll_fd.register(conn.fileno(), EPOLLIN | EPOLLET); // 298 differs
                if let Err(msg) = added {
                    error!(target: LOGGER, "{addr} refused: {msg}");
                    continue;
                }
                connections.insert(conn.fileno(), conn.clone());                 // 300
                addresses.insert(conn.fileno(), addr);                           // 301
            } else if EPOLLIN & events != 0 {                                    // 302
                let mut datas = Vec::new();                                      // 304 differs
                loop {                                                           // 305, 306
                    let is_full = datas.len() >= DATA_LIMIT;
                    match unless_blocked(connections[&fd].recv(10)) {            // 308 differs
                        Ok(Some(data)) if data == b"" && datas.is_empty() => {   // 310
                            epoll_fd.unregister(fd)?;                            // 312
                            connections[&fd].close();                            // 314
                            let addr = addresses[&fd];                           // 315
                            let (ip, port) = (addr.ip(), addr.port());           // 315
                            debug!(target: LOGGER, "{ip}, {port} closed");       // 315
                            break;                                               // 316
                        }
                        Ok(Some(data)) if !data.is_empty() && !is_full => {      // 317
                            datas.extend(data);                                  // 319
                        }
                        Ok(last) => {                                            // 320-323 differs
                            datas.extend(last.unwrap_or_default());
                            let text = Bytes(&datas);                            // 324
                            debug!(target: LOGGER, "{fd} receive {text}");       // 324
                            datalist.insert(fd, datas);                          // 326
                            epoll_fd.modify(fd, EPOLLET | EPOLLOUT)?;            // 328
                            break;                                               // 329
                        }
                        Err(msg) => {                                            // 330
                            epoll_fd.unregister(fd)?;                            // 332
                            connections[&fd].close();                            // 333
                            error!(target: LOGGER, "{}", OsError(&msg));         // 334
                            break;                                               // 335
                        }
                    }
                }
            } else if EPOLLHUP & events != 0 {                                   // 336
                epoll_fd.unregister(fd)?;                                        // 338
                connections[&fd].close();                                        // 339
                let addr = addresses[&fd];                                       // 340
                let (ip, port) = (addr.ip(), addr.port());                       // 340
                debug!(target: LOGGER, "{ip}, {port} closed");                   // 340
            } else if EPOLLOUT & events != 0 {                                   // 341
                let mut send_len = 0;                                            // 343
                loop {                                                           // 345
                    let data = &datalist[&fd][send_len..];                       // 347
                    let Ok(sent) = connections[&fd].send(data) else { break };   // 347 differs
                    send_len += sent;                                            // 347
                    if send_len == datalist[&fd].len() {                         // 349
                        break;                                                   // 350
                    }
                }
                let datas = datalist.entry(fd).or_default();
                *datas = datas.split_off(send_len);
                if datas.is_empty() {
                    epoll_fd.modify(fd, EPOLLIN | EPOLLET)?;                     // 352
                }
            } else {                                                             // 353
                continue;                                                        // 355
            }
        }
    }
}
