//! A server with a defect: what the checks must find. It sends every byte back, by a thread per
//! client, or answers lines, by a pool, except for the defect that its second argument names.
#![forbid(unsafe_code)]

use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;
use std::{hint, mem, net, process, thread};

use clap::ValueEnum;
use common::{AcceptFailures, Bytes, Socket, parse_address, say};
use signal_hook::consts::{SIGCONT, SIGTERM};
use signal_hook::flag;
use socket2::SockRef;

use crate::defect::Defect;

mod defect;
mod pool;

/// How long the silent wait for a free descriptor is.
const PAUSE: Duration = Duration::from_millis(100);

static TURN: Mutex<()> = Mutex::new(());
static QUIET: AtomicBool = AtomicBool::new(false);
static CAME: AtomicUsize = AtomicUsize::new(0);
static CONNECTED: AtomicUsize = AtomicUsize::new(0);
static CONTINUED: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

fn main() -> common::Result {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (addr, defect) = match arguments.as_slice() {
        // `--selector DEFECT` takes the place of the defect before it: a mechanism may have one of its own.
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
    let defect = Defect::from_str(defect, false).map_err(anyhow::Error::msg)?;
    let addr = parse_address(addr).map_err(anyhow::Error::msg)?;

    let server = Socket::new()?;
    server.set_reuseaddr(defect != Defect::BindsOnce)?;
    if let Err(error) = server.bind(addr) {
        eprintln!("{error:#}");
        if defect == Defect::TwoLines {
            eprintln!("giving up");
        }
        process::exit(1);
    }
    server.listen(128)?;
    match defect {
        Defect::NeverListens => process::exit(0),
        Defect::Busy => drop(thread::spawn(|| spin())),
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
    println!("listening on {}", server.getsockname());
    if defect.is_of_pool() { pool::run(&server, defect) } else { accept_all(&server, defect) }
}

fn accept_all(server: &Socket, defect: Defect) -> common::Result {
    let mut failures = AcceptFailures::default();
    loop {
        match (server.accept(), defect) {
            (Ok((conn, _addr)), _) => {
                failures.accepted();
                thread::spawn(move || serve(conn, defect));
            }
            (Err(error), Defect::DiesWithoutDescriptors) => return Err(error.into()),
            (Err(_), Defect::OutlivesItsListener) => thread::sleep(PAUSE),
            (Err(_), Defect::SilentWithoutListener) => process::exit(1),
            (Err(_), Defect::SilentWithoutDescriptors) => thread::sleep(PAUSE),
            (Err(error), Defect::SpinsWithoutDescriptors) => failures.survive(error)?,
            (Err(error), _) => {
                failures.survive(error)?;
                thread::sleep(failures.pause().unwrap_or_default());
                match defect {
                    // As if it were the first one.
                    Defect::RepeatsWithoutDescriptors => failures.accepted(),
                    Defect::GivesUpWithoutDescriptors => wait_for_ever(),
                    _ => {}
                }
            }
        }
    }
}

/// Serves one client to its end.
fn serve(conn: Socket, defect: Defect) {
    let _turn = (defect == Defect::OneAtATime).then(|| TURN.lock());
    let number = CAME.fetch_add(1, Ordering::Relaxed);
    let others = CONNECTED.fetch_add(1, Ordering::Relaxed);
    let ended = match defect {
        Defect::RefusesCrowds if others >= 1000 => Ok(()),
        Defect::Tires if number >= 300 => Ok(()),
        Defect::ServesTheLoudest => serve_until_silent(&conn),
        Defect::Hoards | Defect::ClosesTooSoon => hoard(&conn, defect),
        _ => answer(&conn, number, defect),
    };
    CONNECTED.fetch_sub(1, Ordering::Relaxed);
    match (defect, ended) {
        (Defect::NeverCloses, Ok(())) => wait_for_ever(),
        (Defect::DiesOnReset, Err(_)) => process::exit(1),
        (Defect::LeaksMemory, _) => {
            // Unless it is used, the compiler leaves the allocation out.
            hint::black_box(Box::leak(Box::new([0u8; 20])));
        }
        (Defect::LeaksLostClients, Err(_)) => mem::forget(conn),
        (Defect::LeaksDescriptors, _) => {
            // The client sees its connection closed; only this side still holds the descriptor.
            let _ = SockRef::from(&conn).shutdown(net::Shutdown::Both);
            mem::forget(conn);
        }
        (Defect::Spins, _) => {
            drop(conn);
            spin();
        }
        _ => {}
    }
}

/// Sends back what comes, up to the end of the stream.
fn answer(mut conn: &Socket, number: usize, defect: Defect) -> io::Result<()> {
    let inline = defect == Defect::ReadsUrgentDataInline;
    SockRef::from(conn).set_out_of_band_inline(inline)?;
    let mut answered = 0;
    let mut held_back = Vec::new();
    loop {
        let mut data = match defect {
            Defect::EndsWhenInterrupted => {
                // std's `read` reports EINTR, which `recv` does not.
                let mut data = vec![0; 1024];
                let length = conn.read(&mut data)?;
                data.truncate(length);
                data
            }
            _ => conn.recv(1024)?,
        };
        match (answered, defect) {
            _ if data.is_empty() => return Ok(()),
            (0, Defect::PrintsWithPrintln) => println!("{}", Bytes(&data)),
            (0, Defect::AlwaysQuiet) => {}
            (0, Defect::NeverQuiet) => say!("{}", Bytes(&data)),
            (0, _) if !QUIET.load(Ordering::Relaxed) => say!("{}", Bytes(&data)),
            _ => {}
        }
        match defect {
            Defect::Silent => continue,
            Defect::DropsBytes if answered > 5000 => drop(data.pop()),
            Defect::AnswersTwice => data = data.repeat(2),
            Defect::StopsEarly if answered >= 1024 => continue,
            Defect::ManglesGarbage => data = String::from_utf8_lossy(&data).as_bytes().to_vec(),
            Defect::ForgetsAtTheEnd => mem::swap(&mut data, &mut held_back),
            Defect::MixesClients if number % 16 == 7 => data[0] = b'#',
            Defect::ForgetsWhenContinued if CONTINUED.swap(false, Ordering::Relaxed) => continue,
            _ => {}
        }
        answered += data.len();
        let sending = (defect == Defect::SendsInTurn).then(|| TURN.lock());
        match defect {
            Defect::IgnoresShortSends => drop(conn.send(&data)?),
            Defect::ForgetsRefusedSends => send_what_fits(conn, &data)?,
            _ => conn.sendall(&data)?,
        }
        drop(sending);
    }
}

/// Sends until the kernel has no more room, and forgets the rest.
fn send_what_fits(conn: &Socket, mut data: &[u8]) -> io::Result<()> {
    conn.setblocking(false)?;
    while !data.is_empty() {
        match conn.send(data) {
            Ok(sent) => data = &data[sent..],
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
            Err(error) => return Err(error),
        }
    }
    conn.setblocking(true)
}

/// Sends back what comes, and reads on while the client takes nothing.
fn hoard(conn: &Socket, defect: Defect) -> io::Result<()> {
    let (read, to_send) = channel::<Vec<u8>>();
    // With `move`, a failing recv drops the channel's end, and with it the sender's reason to wait.
    thread::scope(move |scope| {
        let sender =
            scope.spawn(move || to_send.into_iter().try_for_each(|data| conn.sendall(&data)));
        loop {
            let data = conn.recv(1024)?;
            if data.is_empty() || read.send(data).is_err() {
                break;
            }
        }
        if defect == Defect::ClosesTooSoon {
            SockRef::from(conn).shutdown(net::Shutdown::Both)?;
        }
        drop(read);
        sender.join().expect("the sender does not panic")
    })
}

fn wait_for_ever() -> ! {
    loop {
        thread::park();
    }
}

/// Sends back what comes, in turns that end when nothing comes for 5 ms.
fn serve_until_silent(conn: &Socket) -> io::Result<()> {
    loop {
        let mut next = conn.recv(1024);
        let turn = TURN.lock();
        SockRef::from(conn).set_read_timeout(Some(Duration::from_millis(5)))?;
        while let Ok(data) = &next
            && !data.is_empty()
        {
            conn.sendall(data)?;
            next = conn.recv(1024);
        }
        SockRef::from(conn).set_read_timeout(None)?;
        drop(turn);
        match next {
            Ok(_) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
}

fn spin() -> ! {
    loop {
        hint::spin_loop();
    }
}
