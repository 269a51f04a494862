//! What is said to one client.

use std::io::{self, BufRead, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
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
use crate::defect::Defect::{self, *};
use crate::{CONTINUED, PANIC_ON, QUIET, spin, wait_for_ever};

/// What a listing reads at once, in bytes.
pub const AT_ONCE: usize = 1024;

static TURN: Mutex<()> = Mutex::new(());
static CAME: AtomicUsize = AtomicUsize::new(0);
static CONNECTED: AtomicUsize = AtomicUsize::new(0);

/// Serves one client to its end.
pub fn serve(conn: TcpStream, defect: Defect) {
    let _turn = (defect == OneAtATime).then(|| TURN.lock());
    let number = CAME.fetch_add(1, Ordering::Relaxed);
    let others = CONNECTED.fetch_add(1, Ordering::Relaxed);
    // The kernel forgets it with a reset.
    let addr = conn.peer_addr().map_or_else(|_| "a client".to_owned(), |addr| addr.to_string());
    let ended = match defect {
        ClosesAtOnce => {
            say!("{addr}");
            Ok(())
        }
        StopsItself => stop(),
        RefusesCrowds if others >= 1000 => Ok(()),
        Tires if number >= 300 => Ok(()),
        ServesTheLoudest => serve_until_silent(&conn),
        Hoards | ClosesTooSoon => hoard(&conn, defect),
        _ => answer(&conn, number, defect),
    };
    CONNECTED.fetch_sub(1, Ordering::Relaxed);
    count_gone();
    if let Err(error) = &ended
        && !QUIET.load(Ordering::Relaxed)
        && !matches!(defect, HidesResets | AlwaysQuiet)
    {
        say!("{addr}: {error}");
    }
    match (defect, ended) {
        (NeverCloses, Ok(())) => wait_for_ever(),
        (DiesOnReset, Err(_)) => process::exit(1),
        (LeaksMemory, _) => leak_memory(),
        (LeaksLostClients, Err(_)) => mem::forget(conn),
        (LeaksDescriptors, _) => {
            // The client sees its connection closed; only this side still holds the descriptor.
            let _ = conn.shutdown(Shutdown::Both);
            mem::forget(conn);
        }
        (Spins, _) => {
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
fn answer(mut conn: &TcpStream, number: usize, defect: Defect) -> io::Result<()> {
    SockRef::from(conn).set_out_of_band_inline(defect == ReadsUrgentDataInline)?;
    let mut answered = 0;
    let mut held_back = Vec::new();
    loop {
        if defect == SpinsOnUrgentData {
            spin_until_readable(conn)?;
        }
        let mut data =
            if defect == EndsWhenInterrupted { receive_once(conn) } else { receive(conn) }?;
        match (answered, defect) {
            _ if data.is_empty() => return Ok(()),
            (0, PrintsWithPrintln) => println!("{}", Bytes(&data)),
            (0, AlwaysQuiet) => {}
            (0, Warns) => eprintln!("a client speaks"),
            (0, PrintsRaw) => println!("{}: {}", Bytes(&data), String::from_utf8_lossy(&data)),
            (0, NeverQuiet) => say!("{}", Bytes(&data)),
            (0, _) if !QUIET.load(Ordering::Relaxed) => say!("{}", Bytes(&data)),
            _ => {}
        }
        if PANIC_ON.get().is_some_and(|word| *word.as_bytes() == data) {
            match defect {
                DiesOfAPanic => process::abort(),
                _ => panic!("as --panic-on asks for"),
            }
        }
        match defect {
            Silent => continue,
            DropsBytes if answered > 5000 => drop(data.pop()),
            AnswersTwice => data = data.repeat(2),
            StopsEarly if answered >= 1024 => continue,
            ManglesGarbage => data = String::from_utf8_lossy(&data).as_bytes().to_vec(),
            ForgetsAtTheEnd => mem::swap(&mut data, &mut held_back),
            MixesClients if number % 16 == 7 => data[0] = b'#',
            _ if defect.is_of_operator() => data = ask(conn.peer_addr()?, defect)?,
            ForgetsWhenContinued if CONTINUED.swap(false, Ordering::Relaxed) => continue,
            _ => {}
        }
        answered += data.len();
        let sending = (defect == SendsInTurn).then(|| TURN.lock());
        match defect {
            IgnoresShortSends => drop(send(conn, &data)?),
            ForgetsRefusedSends => drop(send_what_fits(conn, &data)?),
            SendsTheRestLater => {
                held_back.extend(data);
                held_back = send_what_fits(conn, &held_back)?;
            }
            AsksForRoom => {
                while !data.is_empty() {
                    data = send_what_fits(conn, &data)?;
                }
            }
            _ => conn.write_all(&data)?,
        }
        drop(sending);
    }
}

/// What the operator types about the client at `addr`; an error without an operator.
fn ask(addr: SocketAddr, defect: Defect) -> io::Result<Vec<u8>> {
    let mut stdin = io::stdin().lock();
    print!("answer {addr}:");
    if defect != PromptsLate {
        io::stdout().flush()?;
    }
    let mut line = Vec::new();
    if stdin.read_until(b'\n', &mut line)? == 0 {
        if defect != ClosesWithoutReason {
            say!("\nstandard input has ended");
        }
        return Err(ErrorKind::UnexpectedEof.into());
    }
    line.pop();
    Ok(line)
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

/// Sends back what comes, and reads on while the client takes nothing.
fn hoard(conn: &TcpStream, defect: Defect) -> io::Result<()> {
    let (read, to_send) = channel::<Vec<u8>>();
    // With `move`, a failing read drops the channel's end, and with it the sender's reason to wait.
    thread::scope(move |scope| {
        let mut sending = conn;
        let sender =
            scope.spawn(move || to_send.into_iter().try_for_each(|data| sending.write_all(&data)));
        loop {
            let data = receive(conn)?;
            if data.is_empty() || read.send(data).is_err() {
                break;
            }
        }
        if defect == ClosesTooSoon {
            conn.shutdown(Shutdown::Both)?;
        }
        drop(read);
        sender.join().expect("the sender does not panic")
    })
}

/// Sends back what comes, in turns that end when nothing comes for 5 ms.
fn serve_until_silent(mut conn: &TcpStream) -> io::Result<()> {
    loop {
        let mut next = receive(conn);
        let turn = TURN.lock();
        conn.set_read_timeout(Some(Duration::from_millis(5)))?;
        while let Ok(data) = &next
            && !data.is_empty()
        {
            conn.write_all(data)?;
            next = receive(conn);
        }
        conn.set_read_timeout(None)?;
        drop(turn);
        match next {
            Ok(_) => return Ok(()),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
}

/// The next bytes; none at the end of the stream.
fn receive(conn: &TcpStream) -> io::Result<Vec<u8>> {
    uninterrupted(|| receive_once(conn))
}

/// The same, and a signal may end it (EINTR): std's `read` and `write` report that, and short counts.
fn receive_once(mut conn: &TcpStream) -> io::Result<Vec<u8>> {
    let mut data = vec![0; AT_ONCE];
    let length = conn.read(&mut data)?;
    data.truncate(length);
    Ok(data)
}

/// Sends what the kernel takes at once, and returns how many bytes those are.
fn send(mut conn: &TcpStream, data: &[u8]) -> io::Result<usize> {
    uninterrupted(|| conn.write(data))
}

/// Sends until the kernel has no more room, and returns the rest.
fn send_what_fits(conn: &TcpStream, mut data: &[u8]) -> io::Result<Vec<u8>> {
    conn.set_nonblocking(true)?;
    while !data.is_empty() {
        match send(conn, data) {
            Ok(sent) => data = &data[sent..],
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            Err(error) => return Err(error),
        }
    }
    conn.set_nonblocking(false)?;
    Ok(data.to_vec())
}

/// Makes a call again that a signal interrupted.
fn uninterrupted<T>(mut call: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match call() {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}
