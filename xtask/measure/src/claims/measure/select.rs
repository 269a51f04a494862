//! What select(2) puts into its lists, and how long it waits.

use std::io::{Write, pipe};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use nix::sys::select::{FdSet, select};
use nix::sys::time::{TimeVal, TimeValLike};
use rustix::event::PollFlags;
use socket2::SockRef;

use crate::claims::claim::{Answer, Measured};
use crate::claims::measure::sockets::{connect, wait_for};
use crate::units::{figure, millis};

/// The time-out of a call with nothing to watch, in milliseconds.
const TIMEOUT: u8 = 50;
/// How long nothing comes.
const SILENCE: Duration = Duration::from_millis(100);

/// Which of the three lists have a socket.
type Lists = [bool; 3];

/// Puts sockets into all three lists without waiting, and returns in which ones each comes back.
pub fn lists<const N: usize>(sockets: [BorrowedFd<'_>; N]) -> Result<[Lists; N]> {
    let mut all = FdSet::new();
    sockets.iter().for_each(|socket| all.insert(*socket));
    let [mut readers, mut writers, mut errors] = [all; 3];
    let mut now = TimeVal::zero();
    select(None, &mut readers, &mut writers, &mut errors, &mut now).context("select")?;
    Ok(sockets.map(|socket| [readers, writers, errors].map(|list| list.contains(socket))))
}

/// Puts a socket with room and one without into the second list.
pub fn second_list_whole() -> Result<Measured> {
    let (room, _peer) = UnixStream::pair().context("a pair of sockets")?;
    let (full, _other) = UnixStream::pair().context("a pair of sockets")?;
    full.set_nonblocking(true).context("a socket that does not block")?;
    while (&full).write(&[0; 4096]).is_ok() {}
    let [[_, room, _], [_, full, _]] = lists([room.as_fd(), full.as_fd()])?;
    let told = |back| if back { "comes back" } else { "does not" };
    let figures =
        format!("in list 2: a socket with room {}, a full one {}", told(room), told(full));
    let answer = if room && full { Answer::Holds } else { Answer::False };
    Ok((answer, figures))
}

/// Puts a connection that was reset into all three lists, and one with an urgent byte.
pub fn errors_in_third_list() -> Result<Measured> {
    let (client, reset) = connect()?;
    SockRef::from(&client).set_linger(Some(Duration::ZERO)).context("SO_LINGER")?;
    drop(client);
    let (client, urgent) = connect()?;
    SockRef::from(&client).send_out_of_band(b"!").context("send a byte out of band")?;
    wait_for(&reset, PollFlags::IN)?;
    wait_for(&urgent, PollFlags::PRI)?;
    let [reset, urgent] = lists([reset.as_fd(), urgent.as_fd()])?;
    let told = |lists: Lists| {
        let numbers = ["1", "2", "3"].into_iter().zip(lists).filter(|(_, has_it)| *has_it);
        numbers.map(|(number, _)| number).collect::<Vec<_>>().join(" and ")
    };
    let (lists, with_urgent) = (told(reset), told(urgent));
    let figures = format!(
        "a connection that was reset: in list {lists}; one with an urgent byte: in list {with_urgent}"
    );
    Ok((judge_third(reset, urgent), figures))
}

fn judge_third(reset: Lists, urgent: Lists) -> Answer {
    match (reset[2], urgent[2]) {
        (true, true) => Answer::Depends,
        (true, false) => Answer::Holds,
        (false, _) => Answer::False,
    }
}

/// Calls select(2) with three empty lists and a time-out.
pub fn three_empty_lists() -> Result<Measured> {
    let start = Instant::now();
    let ready = select(0, None, None, None, &mut TimeVal::milliseconds(TIMEOUT.into()));
    let time = start.elapsed();
    let told = ready.map_or_else(|errno| format!("{errno:?}"), |ready| format!("{ready} ready"));
    let figures = format!(
        "three empty lists and a time-out of {TIMEOUT} ms: {told} after {} ms",
        figure(millis(time))
    );
    Ok((judge_empty(ready, time), figures))
}

fn judge_empty(ready: nix::Result<i32>, time: Duration) -> Answer {
    match ready {
        Ok(0) if time >= Duration::from_millis(TIMEOUT.into()) => Answer::Holds,
        Ok(_) => Answer::Depends,
        Err(_) => Answer::False,
    }
}

/// Calls select(2) with a time-out of zero and with none, while nothing comes for a while.
pub fn null_returns_at_once() -> Result<Measured> {
    let (reader, mut writer) = pipe().context("a pipe")?;
    let start = Instant::now();
    lists([reader.as_fd()])?;
    let zero = start.elapsed();
    let start = Instant::now();
    let speaks = thread::spawn(move || {
        thread::sleep(SILENCE);
        writer.write_all(b"x")
    });
    let mut readers = FdSet::new();
    readers.insert(reader.as_fd());
    select(None, &mut readers, None, None, None).context("select")?;
    let null = start.elapsed();
    speaks.join().expect("a writer does not panic").context("write into a pipe")?;
    let figures = format!(
        "nothing comes for {} ms: time-out 0 returns after {} ms, null after {} ms",
        SILENCE.as_millis(),
        figure(millis(zero)),
        figure(millis(null))
    );
    Ok((if null < SILENCE { Answer::Holds } else { Answer::False }, figures))
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::errno::Errno;

    #[test]
    fn a_socket_comes_back_in_the_lists_of_what_it_is_ready_for() {
        let (one, mut peer) = UnixStream::pair().unwrap();
        assert_eq!(lists([one.as_fd(), peer.as_fd()]).unwrap(), [[false, true, false]; 2]);
        peer.write_all(b"x").unwrap();
        let [of_one, of_peer] = lists([one.as_fd(), peer.as_fd()]).unwrap();
        assert_eq!([of_one, of_peer], [[true, true, false], [false, true, false]]);
    }

    #[test]
    fn an_error_decides_on_the_third_list() {
        let (in_all, not_in_third) = ([true; 3], [true, true, false]);
        assert_eq!(judge_third(not_in_third, in_all), Answer::False);
        assert_eq!(judge_third(in_all, in_all), Answer::Depends);
        assert_eq!(judge_third(in_all, not_in_third), Answer::Holds);
    }

    #[test]
    fn a_call_that_is_refused_or_does_not_wait_turns_the_answer() {
        let timeout = Duration::from_millis(TIMEOUT.into());
        assert_eq!(judge_empty(Ok(0), timeout), Answer::Holds);
        assert_eq!(judge_empty(Ok(0), timeout / 2), Answer::Depends);
        assert_eq!(judge_empty(Ok(1), timeout), Answer::Depends);
        assert_eq!(judge_empty(Err(Errno::EINVAL), Duration::ZERO), Answer::False);
    }
}
