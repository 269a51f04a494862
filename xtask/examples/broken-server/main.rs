//! A server with a defect: what the checks must find. It sends every byte back, by a thread per
//! client, or answers lines, by a pool, except for the defect that its second argument names.
//!
//! It uses std's sockets: those of the servers are to survive what here must show.
//!
//! - `defect`: what can be wrong
//! - `accept`, `serve`, `stream`: the next client, what is said to it, and its bytes
//! - `children`: what it does in other processes
//! - `operator`: the person at its keyboard
//! - `pool`: the pool that answers lines
#![forbid(unsafe_code)]

use std::net::{SocketAddrV4, TcpListener};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, OnceLock};
use std::time::Duration;
use std::{hint, io, process, thread};

use clap::ValueEnum;
use common::{parse_address, say};
use signal_hook::consts::{SIGCONT, SIGTERM};
use signal_hook::flag;
use socket2::{Domain, Socket, Type};

use crate::defect::Defect;

mod accept;
mod children;
mod defect;
mod operator;
mod pool;
mod serve;
mod stream;

/// Clients that wait until they are accepted, at most.
const BACKLOG: i32 = 128;

/// `--panic-on`: the message that a thread does not survive.
static PANIC_ON: OnceLock<String> = OnceLock::new();
static QUIET: AtomicBool = AtomicBool::new(false);
static CONTINUED: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

fn main() -> common::Result {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (addr, defect) = match arguments.as_slice() {
        [first, defect, quiet @ ..] if first == children::CHILD => {
            QUIET.store(!quiet.is_empty(), Ordering::Relaxed);
            return Ok(children::run(parse(defect)?)?);
        }
        [addr, defect, pause, millis] if pause == "--pause" => {
            pool::LONGEST_PAUSE.store(millis.parse()?, Ordering::Relaxed);
            (addr, defect)
        }
        [addr, defect, option, word] if option == "--panic-on" => {
            PANIC_ON.get_or_init(|| word.clone());
            (addr, defect)
        }
        // `--selector DEFECT` takes the place of the defect before it: a mechanism may have one of
        // its own.
        [addr, defect] | [addr, _, _, defect] => (addr, defect),
        [addr, defect, quiet] if quiet == "--quiet" => {
            QUIET.store(true, Ordering::Relaxed);
            (addr, defect)
        }
        _ => {
            // The checks of bad command lines give one argument.
            println!("started");
            process::exit(0);
        }
    };
    let defect = parse(defect)?;
    let addr = parse_address(addr).map_err(anyhow::Error::msg)?;

    let server = listen(addr, defect).unwrap_or_else(|error| {
        eprintln!("bind {addr}: {error}");
        if defect == Defect::TwoLines {
            eprintln!("giving up");
        }
        process::exit(1);
    });
    prepare(defect)?;
    children::prepare(defect)?;
    if defect != Defect::NeverSaysWhere {
        println!("listening on {}", server.local_addr()?);
    }
    if defect.is_of_pool() {
        pool::run(&server, defect)?;
    } else {
        accept::accept_all(&server, defect, |conn| {
            thread::spawn(move || {
                if defect.is_of_processes() {
                    children::serve_in_a_child(conn, defect).expect("a child that serves");
                } else {
                    serve::serve(conn, defect);
                }
            });
        })?;
    }
    Ok(())
}

fn parse(defect: &str) -> anyhow::Result<Defect> {
    Defect::from_str(defect, false).map_err(anyhow::Error::msg)
}

fn listen(addr: SocketAddrV4, defect: Defect) -> io::Result<TcpListener> {
    let server = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    server.set_reuse_address(defect != Defect::BindsOnce)?;
    server.bind(&addr.into())?;
    server.listen(match defect {
        Defect::SmallBacklog => BACKLOG / 10,
        Defect::LargeBacklog => BACKLOG * 10,
        _ => BACKLOG,
    })?;
    Ok(server.into())
}

/// What a defect does before the first client comes.
fn prepare(defect: Defect) -> io::Result<()> {
    match defect {
        Defect::NeverListens => process::exit(0),
        Defect::Busy => drop(thread::spawn(|| spin())),
        Defect::Idles => drop(thread::spawn(|| {
            loop {
                be_idle()
            }
        })),
        Defect::IdlesOnce => drop(thread::spawn(be_idle)),
        Defect::Ticks => drop(thread::spawn(|| tick())),
        Defect::ForgetsWhenContinued => drop(flag::register(SIGCONT, CONTINUED.clone())?),
        Defect::OutlivesSigterm | Defect::PoolOutlivesSigterm => {
            flag::register(SIGTERM, Arc::default())?;
        }
        Defect::EndsCleanly => {
            let always = Arc::new(AtomicBool::new(true));
            flag::register_conditional_shutdown(SIGTERM, 0, always)?;
        }
        _ => {}
    }
    Ok(())
}

/// Waits for a moment, and says that nobody came.
fn be_idle() {
    thread::sleep(Duration::from_millis(100));
    say!("nobody came");
}

fn wait_for_ever() -> ! {
    loop {
        thread::park();
    }
}

fn tick() -> ! {
    loop {
        thread::sleep(Duration::from_millis(100));
    }
}

fn spin() -> ! {
    loop {
        hint::spin_loop();
    }
}
