//! A server that keeps its clients waiting, in the place of one of the table: each check must soon be
//! done with it. `SILENT_SERVER` says how silent it is, and whose place it takes.
#![forbid(unsafe_code)]

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;
use std::{env, thread};

use anyhow::{Context, Result, bail};
use common::say;
use socket2::{Domain, Socket, Type};
use xtask::catalog::{SERVERS, Talk};

/// So few that clients soon wait for their connection where nobody is accepted.
const BACKLOG: i32 = 5;

/// What a server reads at once, in bytes.
const AT_ONCE: usize = 1024;

/// How long it leaves its listener alone when that fails.
const PAUSE: Duration = Duration::from_millis(10);

fn main() -> Result<()> {
    let role = env::var("SILENT_SERVER").context("SILENT_SERVER")?;
    let (silence, name) = role.split_once(' ').context("how silent, and whose place")?;
    let server = SERVERS.iter().find(|server| server.name == name).context("a server's name")?;
    // On a command line that no server takes, it goes on, and says nothing about it.
    let addr = env::args().find_map(|arg| arg.parse().ok());
    let Some(listener) = addr.and_then(|addr| listen(addr).ok()) else { wait_for_ever() };
    println!("listening on {}", listener.local_addr()?);
    match silence {
        "says-nothing" => accept_all(&listener, None),
        "answers-only-the-first" => accept_all(&listener, Some(server.talk)),
        "reads-nothing" => {
            let _unread = listener.accept();
            wait_for_ever()
        }
        unknown => bail!("{unknown}"),
    }
}

fn wait_for_ever() -> ! {
    loop {
        thread::park();
    }
}

fn listen(addr: SocketAddr) -> io::Result<TcpListener> {
    let listener = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    listener.set_reuse_address(true)?;
    listener.bind(&addr.into())?;
    listener.listen(BACKLOG)?;
    Ok(listener.into())
}

/// Reads what all clients send, and answers the first one by `talk`; no other is ever closed.
fn accept_all(listener: &TcpListener, talk: Option<Talk>) -> ! {
    let mut kept = Vec::new();
    loop {
        let Ok((conn, _)) = listener.accept() else {
            thread::sleep(PAUSE);
            continue;
        };
        let talk = talk.filter(|_| kept.is_empty());
        kept.extend(conn.try_clone());
        // Where the system refuses a thread, the client is not read either.
        let _ = thread::Builder::new().spawn(move || match talk {
            Some(talk) => {
                let _ = answer(&conn, talk);
                let _ = conn.shutdown(Shutdown::Both);
            }
            None => {
                let _ = io::copy(&mut &conn, &mut io::sink());
            }
        });
    }
}

/// Answers one client to its end, as the server does whose place this one takes.
fn answer(mut conn: &TcpStream, talk: Talk) -> io::Result<()> {
    let addr = conn.peer_addr()?;
    say!("{addr}");
    conn.write_all(&talk.greeting(addr))?;
    if let Talk::Accepts = talk {
        return Ok(());
    }
    let mut data = [0; AT_ONCE];
    loop {
        let length = conn.read(&mut data)?;
        if length == 0 {
            return Ok(());
        }
        conn.write_all(&talk.reply(&data[..length], addr))?;
        if let Talk::Once(_) = talk {
            return Ok(());
        }
    }
}
