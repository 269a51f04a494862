//! What select(2) puts into its second and its third list, and how long it waits without a
//! time-out.

use std::io::{ErrorKind, Write, pipe};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use nix::errno::Errno;
use nix::sys::select::{FdSet, select};
use nix::sys::time::{TimeVal, TimeValLike};
use socket2::SockRef;

use crate::claims::claim::{Answer, Finding, Measured};
use crate::claims::measure::clock::figure;
use crate::claims::measure::connections::connect;
use xtask::harness::client::DEADLINE;

/// How long nothing comes.
const SILENCE: Duration = Duration::from_millis(100);

/// Puts a socket with room and one without into the second list.
///
/// # Errors
/// When the kernel refuses a call.
pub fn second_list_whole() -> Result<Measured> {
    let (with_room, _peer) = UnixStream::pair().context("a pair of sockets")?;
    let (full, _other) = UnixStream::pair().context("a pair of sockets")?;
    fill(&full)?;
    let mut writers = FdSet::new();
    writers.insert(with_room.as_fd());
    writers.insert(full.as_fd());
    select(None, None, &mut writers, None, &mut TimeVal::seconds(0)).context("select")?;
    let back = [&with_room, &full].map(|socket| writers.contains(socket.as_fd()));
    Ok(Measured::Found(judge_second(back)))
}

/// Writes until nothing goes in any more.
fn fill(mut socket: &UnixStream) -> Result<()> {
    socket.set_nonblocking(true).context("a socket that does not block")?;
    loop {
        match socket.write(&[0; 4096]) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
            written => drop(written.context("write")?),
        }
    }
}

fn judge_second([with_room, full]: [bool; 2]) -> Finding {
    let (answer, why) = match (with_room, full) {
        (true, false) => (
            Answer::False,
            "select gives back those that can be written to without waiting. Most sockets have \
             room most of the time, so that it looks as if all came back.",
        ),
        (true, true) => (Answer::Holds, "A socket without room comes back, too."),
        (false, _) => (Answer::False, "Not even a socket with room comes back."),
    };
    let told = |back| if back { "comes back" } else { "does not" };
    let figures =
        format!("in list 2: a socket with room {}, a full one {}", told(with_room), told(full));
    Finding { answer, figures, why }
}

/// Which of the three lists have a socket.
type Lists = [bool; 3];

/// Puts a connection that was reset into all three lists, and one with an urgent byte.
///
/// # Errors
/// When the kernel refuses a call.
pub fn errors_in_third_list() -> Result<Measured> {
    let (client, reset) = connect()?;
    SockRef::from(&client).set_linger(Some(Duration::ZERO)).context("SO_LINGER")?;
    drop(client);
    let (client, urgent) = connect()?;
    SockRef::from(&client).send_out_of_band(b"!").context("send a byte out of band")?;
    Ok(Measured::Found(judge_third(lists_of(&reset)?, lists_of(&urgent)?)))
}

/// What select(2) says of a socket, once there is something to read or an urgent byte.
fn lists_of(socket: &impl AsFd) -> Result<Lists> {
    let socket = socket.as_fd();
    let watched = || {
        let mut set = FdSet::new();
        set.insert(socket);
        set
    };
    let (mut readers, mut errors) = (watched(), watched());
    let ready = retried(|| {
        (readers, errors) = (watched(), watched());
        let patience = TimeVal::seconds(DEADLINE.as_secs().cast_signed());
        select(None, &mut readers, None, &mut errors, Some(&mut { patience }))
    })?;
    ensure!(ready > 0, "nothing comes");
    let (mut readers, mut writers, mut errors) = (watched(), watched(), watched());
    select(None, &mut readers, &mut writers, &mut errors, &mut TimeVal::seconds(0))
        .context("select")?;
    Ok([readers, writers, errors].map(|set| set.contains(socket)))
}

/// A call that a signal may interrupt.
fn retried(mut call: impl FnMut() -> nix::Result<i32>) -> Result<i32> {
    loop {
        match call() {
            Err(Errno::EINTR) => {}
            ready => return ready.context("select"),
        }
    }
}

fn judge_third(reset: Lists, urgent: Lists) -> Finding {
    let (answer, why) = match (reset[2], urgent[2]) {
        (false, true) => (
            Answer::False,
            "The third list is for exceptional conditions (POLLPRI), for example urgent data. A \
             socket with an error is readable and writable, and the call says what is wrong.",
        ),
        (true, true) => (Answer::Depends, "It gets sockets with errors, and those with more."),
        (true, false) => (Answer::Holds, "It gets sockets with errors, and no others."),
        (false, false) => (Answer::False, "It gets neither of the two."),
    };
    let told = |lists: Lists| {
        let numbers = (1..).zip(lists).filter(|(_, has_it)| *has_it);
        let numbers: Vec<String> = numbers.map(|(number, _)| number.to_string()).collect();
        format!("in list {}", numbers.join(" and "))
    };
    let figures = format!(
        "a connection that was reset: {}; one with an urgent byte: {}",
        told(reset),
        told(urgent)
    );
    Finding { answer, figures, why }
}

/// Calls select(2) with a time-out of zero and with none, while nothing comes for a while.
///
/// # Errors
/// When the kernel refuses a call.
pub fn null_returns_at_once() -> Result<Measured> {
    let (reader, mut writer) = pipe().context("a pipe")?;
    let mut readers = FdSet::new();
    readers.insert(reader.as_fd());
    let start = Instant::now();
    select(None, &mut readers.clone(), None, None, &mut TimeVal::seconds(0)).context("select")?;
    let zero = start.elapsed();
    let start = Instant::now();
    let speaks = thread::spawn(move || {
        thread::sleep(SILENCE);
        writer.write_all(b"x")
    });
    retried(|| select(None, &mut readers.clone(), None, None, None))?;
    let null = start.elapsed();
    speaks.join().expect("a writer does not panic").context("write into a pipe")?;
    Ok(Measured::Found(judge_null(zero, null)))
}

fn judge_null(zero: Duration, null: Duration) -> Finding {
    let (answer, why) = match null >= SILENCE {
        true => (
            Answer::False,
            "Without a time-out (null, in Python None) select waits until something comes. With a \
             time-out of 0 it returns at once, as note 002:85 says.",
        ),
        false => (Answer::Holds, "Without a time-out select does not wait."),
    };
    let millis = |time: Duration| figure(time.as_secs_f64() * 1e3);
    let figures = format!(
        "nothing comes for {} ms: time-out 0 returns after {} ms, null after {} ms",
        SILENCE.as_millis(),
        millis(zero),
        millis(null)
    );
    Finding { answer, figures, why }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(measured: Result<Measured>) -> Finding {
        let Measured::Found(finding) = measured.unwrap() else { panic!("it was measured") };
        finding
    }

    #[test]
    fn a_full_socket_decides_on_the_second_list() {
        assert_eq!(judge_second([true, false]).answer, Answer::False);
        assert_eq!(judge_second([true, true]).answer, Answer::Holds);
        let figures = "in list 2: a socket with room comes back, a full one does not";
        assert_eq!(found(second_list_whole()).figures, figures);
    }

    #[test]
    fn an_error_decides_on_the_third_list() {
        let (in_all, not_in_third) = ([true; 3], [true, true, false]);
        assert_eq!(judge_third(not_in_third, in_all).answer, Answer::False);
        assert_eq!(judge_third(in_all, in_all).answer, Answer::Depends);
        assert_eq!(judge_third(in_all, not_in_third).answer, Answer::Holds);
        let figures = "a connection that was reset: in list 1 and 2; one with an urgent byte: in \
                       list 2 and 3";
        assert_eq!(found(errors_in_third_list()).figures, figures);
    }

    #[test]
    fn the_time_without_a_time_out_decides() {
        assert_eq!(judge_null(Duration::ZERO, SILENCE).answer, Answer::False);
        assert_eq!(judge_null(Duration::ZERO, Duration::ZERO).answer, Answer::Holds);
        let finding = found(null_returns_at_once());
        assert_eq!(finding.answer, Answer::False, "{}", finding.figures);
    }
}
