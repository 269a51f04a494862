//! A server with a defect: what the checks must find. It sends every byte back, by a thread per
//! client, or answers lines, by a pool, except for the defect that its second argument names.
//!
//! It uses std's sockets: those of the servers are to survive what here must show.
//!
//! - `defect`: what can be wrong
//! - `serve`: what is said to one client
//! - `children`: what it does in other processes
//! - `pool`: the pool that answers lines
//! - `silent`: servers that keep their clients waiting
#![forbid(unsafe_code)]

use std::net::{SocketAddrV4, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, OnceLock};
use std::time::Duration;
use std::{env, hint, io, process, thread};

use anyhow::Context;
use clap::ValueEnum;
use common::{parse_address, say};
use signal_hook::consts::{SIGCONT, SIGTERM};
use signal_hook::flag;
use socket2::{Domain, Socket, Type};

use crate::defect::Defect::{self, *};

mod children;
mod defect;
mod pool;
mod serve;
mod silent;

/// Clients that wait until they are accepted, at most.
const BACKLOG: i32 = 128;

/// How long a server without a free descriptor leaves its listener alone.
const PAUSE: Duration = Duration::from_millis(10);

/// `--panic-on`: the message that a thread does not survive.
static PANIC_ON: OnceLock<String> = OnceLock::new();
static QUIET: AtomicBool = AtomicBool::new(false);
static CONTINUED: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

fn main() -> common::Result {
    if let Ok(role) = env::var(silent::ROLE) {
        return Ok(silent::run(&role)?);
    }
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (addr, defect) = match words[..] {
        [children::CHILD, defect, ref quiet @ ..] => {
            QUIET.store(!quiet.is_empty(), Ordering::Relaxed);
            return Ok(children::run(parse(defect)?)?);
        }
        [addr, defect, "--pause", millis] => {
            pool::LONGEST_PAUSE.store(millis.parse()?, Ordering::Relaxed);
            (addr, defect)
        }
        [addr, defect, "--panic-on", word] => {
            PANIC_ON.get_or_init(|| word.to_owned());
            (addr, defect)
        }
        // `--selector DEFECT` takes the place of the defect before it: a mechanism may have one of
        // its own.
        [addr, defect] | [addr, _, _, defect] => (addr, defect),
        [addr, defect, "--quiet"] => {
            QUIET.store(true, Ordering::Relaxed);
            (addr, defect)
        }
        _ => {
            // The checks of bad command lines give one argument.
            println!("started");
            return Ok(());
        }
    };
    let defect = parse(defect)?;
    let addr = parse_address(addr).map_err(anyhow::Error::msg)?;

    let backlog = match defect {
        SmallBacklog => BACKLOG / 10,
        LargeBacklog => BACKLOG * 10,
        _ => BACKLOG,
    };
    let server = listen(addr, defect != BindsOnce, backlog).unwrap_or_else(|error| {
        eprintln!("bind {addr}: {error}");
        if defect == TwoLines {
            eprintln!("giving up");
        }
        process::exit(1);
    });
    prepare(defect)?;
    children::prepare(defect)?;
    if defect != NeverSaysWhere {
        println!("listening on {}", server.local_addr()?);
    }
    if defect.is_of_pool() {
        return Ok(pool::run(&server, defect)?);
    }
    accept_all(&server, defect, |conn| {
        thread::spawn(move || match defect.is_of_processes() {
            true => children::serve_in_a_child(conn, defect).expect("a child that serves"),
            false => serve::serve(conn, defect),
        });
    })?;
    Ok(())
}

fn parse(defect: &str) -> anyhow::Result<Defect> {
    Defect::from_str(defect, false).map_err(anyhow::Error::msg)
}

fn listen(addr: SocketAddrV4, reuse: bool, backlog: i32) -> io::Result<TcpListener> {
    let server = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    server.set_reuse_address(reuse)?;
    server.bind(&addr.into())?;
    server.listen(backlog)?;
    Ok(server.into())
}

/// What a defect does before the first client comes.
fn prepare(defect: Defect) -> io::Result<()> {
    match defect {
        NeverListens => process::exit(0),
        Busy => drop(thread::spawn(|| spin())),
        Idles => drop(thread::spawn(|| every_tenth_of_a_second(|| say!("nobody came")))),
        IdlesOnce => drop(thread::spawn(|| {
            thread::sleep(Duration::from_millis(100));
            say!("nobody came");
        })),
        Ticks => drop(thread::spawn(|| every_tenth_of_a_second(|| {}))),
        ForgetsWhenContinued => drop(flag::register(SIGCONT, CONTINUED.clone())?),
        OutlivesSigterm | PoolOutlivesSigterm => drop(flag::register(SIGTERM, Arc::default())?),
        EndsCleanly => {
            let always = Arc::new(AtomicBool::new(true));
            flag::register_conditional_shutdown(SIGTERM, 0, always)?;
        }
        _ => {}
    }
    Ok(())
}

/// Accepts clients for `serve`, for ever, while descriptors last and after that.
fn accept_all(
    server: &TcpListener,
    defect: Defect,
    mut serve: impl FnMut(TcpStream),
) -> anyhow::Result<()> {
    let mut said = false;
    loop {
        match (server.accept(), defect) {
            (Ok((conn, _addr)), _) => {
                said = false;
                serve(conn);
            }
            (Err(error), DiesWithoutDescriptors) => return Err(error.into()),
            (Err(_), OutlivesItsListener) => thread::sleep(PAUSE),
            (Err(_), SilentWithoutListener) => process::exit(1),
            (Err(error), _) if !is_shortage(&error) => return Err(error).context("accept"),
            (Err(_), SilentWithoutDescriptors) => thread::sleep(PAUSE),
            (Err(error), _) => {
                if !said || defect == RepeatsWithoutDescriptors {
                    eprintln!("accept: {error}");
                    said = true;
                }
                match defect {
                    SpinsWithoutDescriptors => {}
                    NapsWithoutDescriptors => thread::sleep(PAUSE / 1000),
                    GivesUpWithoutDescriptors => wait_for_ever(),
                    _ => thread::sleep(PAUSE),
                }
            }
        }
    }
}

/// Whether descriptors or memory are short, and come back when clients leave.
fn is_shortage(error: &io::Error) -> bool {
    let shortages = [libc::EMFILE, libc::ENFILE, libc::ENOBUFS, libc::ENOMEM];
    error.raw_os_error().is_some_and(|code| shortages.contains(&code))
}

fn every_tenth_of_a_second(act: impl Fn()) -> ! {
    loop {
        thread::sleep(Duration::from_millis(100));
        act();
    }
}

fn wait_for_ever() -> ! {
    loop {
        thread::park();
    }
}

fn spin() -> ! {
    loop {
        hint::spin_loop();
    }
}
