//! What is said to one client.

use std::io;
use std::net::{Shutdown, TcpStream};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::time::Duration;
use std::{hint, mem, process, thread};

use common::{Bytes, say};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Signal, getpid, kill_process};
use socket2::SockRef;

use crate::children::count_gone;
use crate::defect::Defect;
use crate::operator::{ask, is_asked};
use crate::stream::{receive, receive_once, send, send_all};
use crate::{CONTINUED, PANIC_ON, QUIET, spin, wait_for_ever};

static TURN: Mutex<()> = Mutex::new(());
static CAME: AtomicUsize = AtomicUsize::new(0);
static CONNECTED: AtomicUsize = AtomicUsize::new(0);

/// Serves one client to its end.
pub fn serve(conn: TcpStream, defect: Defect) {
    let _turn = (defect == Defect::OneAtATime).then(|| TURN.lock());
    let number = CAME.fetch_add(1, Ordering::Relaxed);
    let others = CONNECTED.fetch_add(1, Ordering::Relaxed);
    // The kernel forgets it with a reset.
    let addr = conn.peer_addr().map_or_else(|_| "a client".to_owned(), |addr| addr.to_string());
    let ended = match defect {
        Defect::ClosesAtOnce => {
            say!("{addr}");
            Ok(())
        }
        Defect::StopsItself => stop(),
        Defect::RefusesCrowds if others >= 1000 => Ok(()),
        Defect::Tires if number >= 300 => Ok(()),
        Defect::ServesTheLoudest => serve_until_silent(&conn),
        Defect::Hoards | Defect::ClosesTooSoon => hoard(&conn, defect),
        _ => answer(&conn, number, defect),
    };
    CONNECTED.fetch_sub(1, Ordering::Relaxed);
    count_gone();
    if let Err(error) = &ended
        && !QUIET.load(Ordering::Relaxed)
        && !matches!(defect, Defect::HidesResets | Defect::AlwaysQuiet)
    {
        say!("{addr}: {error}");
    }
    match (defect, ended) {
        (Defect::NeverCloses, Ok(())) => wait_for_ever(),
        (Defect::DiesOnReset, Err(_)) => process::exit(1),
        (Defect::LeaksMemory, _) => leak_memory(),
        (Defect::LeaksLostClients, Err(_)) => mem::forget(conn),
        (Defect::LeaksDescriptors, _) => {
            // The client sees its connection closed; only this side still holds the descriptor.
            let _ = conn.shutdown(Shutdown::Both);
            mem::forget(conn);
        }
        (Defect::Spins, _) => {
            drop(conn);
            spin();
        }
        _ => {}
    }
}

/// Stops the whole process, and does nothing if it goes on.
fn stop() -> ! {
    kill_process(getpid(), Signal::STOP).expect("a process can stop itself");
    // Another thread may take the signal, and this one go on for a moment.
    wait_for_ever();
}

/// Leaves 20 bytes behind.
pub fn leak_memory() {
    // Unless it is used, the compiler leaves the allocation out.
    hint::black_box(Box::leak(Box::new([0u8; 20])));
}

/// Sends back what comes, up to the end of the stream.
fn answer(conn: &TcpStream, number: usize, defect: Defect) -> io::Result<()> {
    let inline = defect == Defect::ReadsUrgentDataInline;
    SockRef::from(conn).set_out_of_band_inline(inline)?;
    let mut answered = 0;
    let mut held_back = Vec::new();
    loop {
        if defect == Defect::SpinsOnUrgentData {
            spin_until_readable(conn)?;
        }
        let mut data = match defect {
            Defect::EndsWhenInterrupted => receive_once(conn)?,
            _ => receive(conn)?,
        };
        match (answered, defect) {
            _ if data.is_empty() => return Ok(()),
            (0, Defect::PrintsWithPrintln) => println!("{}", Bytes(&data)),
            (0, Defect::AlwaysQuiet) => {}
            (0, Defect::Warns) => eprintln!("a client speaks"),
            (0, Defect::PrintsRaw) => {
                println!("{}: {}", Bytes(&data), String::from_utf8_lossy(&data))
            }
            (0, Defect::NeverQuiet) => say!("{}", Bytes(&data)),
            (0, _) if !QUIET.load(Ordering::Relaxed) => say!("{}", Bytes(&data)),
            _ => {}
        }
        if PANIC_ON.get().is_some_and(|word| *word.as_bytes() == data) {
            match defect {
                Defect::DiesOfAPanic => process::abort(),
                _ => panic!("as --panic-on asks for"),
            }
        }
        match defect {
            Defect::Silent => continue,
            Defect::DropsBytes if answered > 5000 => drop(data.pop()),
            Defect::AnswersTwice => data = data.repeat(2),
            Defect::StopsEarly if answered >= 1024 => continue,
            Defect::ManglesGarbage => data = String::from_utf8_lossy(&data).as_bytes().to_vec(),
            Defect::ForgetsAtTheEnd => mem::swap(&mut data, &mut held_back),
            Defect::MixesClients if number % 16 == 7 => data[0] = b'#',
            _ if is_asked(defect) => data = ask(conn.peer_addr()?, defect)?,
            Defect::ForgetsWhenContinued if CONTINUED.swap(false, Ordering::Relaxed) => continue,
            _ => {}
        }
        answered += data.len();
        let sending = (defect == Defect::SendsInTurn).then(|| TURN.lock());
        match defect {
            Defect::IgnoresShortSends => drop(send(conn, &data)?),
            Defect::ForgetsRefusedSends => drop(send_what_fits(conn, &data)?),
            Defect::SendsTheRestLater => {
                held_back.extend(data);
                held_back = send_what_fits(conn, &held_back)?;
            }
            Defect::AsksForRoom => {
                while !data.is_empty() {
                    data = send_what_fits(conn, &data)?;
                }
            }
            _ => send_all(conn, &data)?,
        }
        drop(sending);
    }
}

/// Waits for data, and looks again at once while only urgent data is there.
fn spin_until_readable(conn: &TcpStream) -> io::Result<()> {
    loop {
        let mut watched = [PollFd::new(conn, PollFlags::IN | PollFlags::PRI)];
        poll(&mut watched, None)?;
        if watched[0].revents() != PollFlags::PRI {
            return Ok(());
        }
    }
}

/// Sends until the kernel has no more room, and returns the rest.
fn send_what_fits(conn: &TcpStream, mut data: &[u8]) -> io::Result<Vec<u8>> {
    conn.set_nonblocking(true)?;
    while !data.is_empty() {
        match send(conn, data) {
            Ok(sent) => data = &data[sent..],
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
            Err(error) => return Err(error),
        }
    }
    conn.set_nonblocking(false)?;
    Ok(data.to_vec())
}

/// Sends back what comes, and reads on while the client takes nothing.
fn hoard(conn: &TcpStream, defect: Defect) -> io::Result<()> {
    let (read, to_send) = channel::<Vec<u8>>();
    // With `move`, a failing read drops the channel's end, and with it the sender's reason to wait.
    thread::scope(move |scope| {
        let sender =
            scope.spawn(move || to_send.into_iter().try_for_each(|data| send_all(conn, &data)));
        loop {
            let data = receive(conn)?;
            if data.is_empty() || read.send(data).is_err() {
                break;
            }
        }
        if defect == Defect::ClosesTooSoon {
            conn.shutdown(Shutdown::Both)?;
        }
        drop(read);
        sender.join().expect("the sender does not panic")
    })
}

/// Sends back what comes, in turns that end when nothing comes for 5 ms.
fn serve_until_silent(conn: &TcpStream) -> io::Result<()> {
    loop {
        let mut next = receive(conn);
        let turn = TURN.lock();
        conn.set_read_timeout(Some(Duration::from_millis(5)))?;
        while let Ok(data) = &next
            && !data.is_empty()
        {
            send_all(conn, data)?;
            next = receive(conn);
        }
        conn.set_read_timeout(None)?;
        drop(turn);
        match next {
            Ok(_) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
}
