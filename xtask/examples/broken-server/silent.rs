//! A server that keeps its clients waiting, in the place of one of the table: each check must soon be
//! done with it.

use std::env;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;

use anyhow::{Context, Result, bail};
use common::say;
use xtask::catalog::{SERVERS, Talk};

use crate::defect::Defect::OutlivesItsListener;
use crate::serve::AT_ONCE;
use crate::{accept_all, listen, wait_for_ever};

/// The variable that says how silent it is, and whose place it takes.
pub const ROLE: &str = "SILENT_SERVER";

/// So few that clients soon wait for their connection where nobody is accepted.
const BACKLOG: i32 = 5;

/// What a server with that role does.
pub fn run(role: &str) -> Result<()> {
    let (silence, name) = role.split_once(' ').context("how silent, and whose place")?;
    let server = SERVERS.iter().find(|server| server.name == name).context("a server's name")?;
    // On a command line that no server takes, it goes on, and says nothing about it.
    let addr = env::args().find_map(|arg| arg.parse().ok());
    let listener = addr.and_then(|addr| listen(addr, true, BACKLOG).ok());
    let Some(listener) = listener else { wait_for_ever() };
    println!("listening on {}", listener.local_addr()?);
    match silence {
        "says-nothing" => answer_first(&listener, None),
        "answers-only-the-first" => answer_first(&listener, Some(server.talk)),
        "reads-nothing" => {
            let _unread = listener.accept();
            wait_for_ever()
        }
        unknown => bail!("{unknown}"),
    }
}

/// Reads what all clients send, and answers the first one by `talk`; no other is ever closed.
fn answer_first(listener: &TcpListener, talk: Option<Talk>) -> Result<()> {
    let mut kept = Vec::new();
    accept_all(listener, OutlivesItsListener, |conn| {
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
    })
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
