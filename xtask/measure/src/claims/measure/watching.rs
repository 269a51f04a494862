//! What a call costs by how many sockets it watches, and what of that is the list's way to the
//! kernel and back.

use std::net::{Ipv4Addr, UdpSocket};
use std::os::fd::{AsRawFd, OwnedFd};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use epoll::{EPOLLIN, Epoll};
use nix::libc;
use rustix::event::{FdSetElement, fd_set_insert, fd_set_num_elements};
use socket2::{Domain, Socket, Type};

use crate::claims::claim::{Answer, Measured, of_parts};
use crate::claims::measure::sockets::allowed;
use crate::claims::measure::turns::{medians, micros_a_call};
use crate::claims::sys::{poll_at_once, select_at_once};
use crate::units::figure;
use xtask::terminal::thousands;

/// Sockets that are watched, and how many of many are active where it is more than one.
const FEW: usize = 10;
const MANY: usize = 9000;
const ACTIVE: usize = 100;
/// Sockets in the list whose copying is measured.
const LISTED: usize = 1000;
/// Descriptors that this process has open besides.
const OTHERS: usize = 512;

const ROUNDS: usize = 7;

/// Whether select(2) and poll(2) cost in proportion to what they watch, and epoll(7) in proportion
/// to what is active.
pub fn cost_of_watching() -> Result<Measured> {
    let many = MANY.min(allowed(OTHERS + 10 * FEW)? - OTHERS);
    let (few_sockets, many_sockets) = (open(FEW, 1)?, open(many, 1)?);
    let mut questions = Vec::new();
    for sockets in [&few_sockets, &many_sockets] {
        let questions_of = [by_select(sockets, true), by_poll(sockets, true), by_epoll(sockets)?];
        questions.extend(questions_of.map(|question| (question, 1)));
    }
    let [select_few, poll_few, epoll_few, select, poll, epoll] = micros(&mut questions)?;
    // The same number of descriptors must do for all of them.
    drop((questions, few_sockets, many_sockets));
    let active = ACTIVE.min(many);
    let [epoll_active] = micros(&mut [(by_epoll(&open(many, active)?)?, active)])?;
    let pair = |few: f64, many: f64| format!("{} → {}", figure(few), figure(many));
    let figures = format!(
        "{FEW} → {} watched: select {} µs, poll {}, epoll {}; {active} active: {}",
        thousands(many),
        pair(select_few, select),
        pair(poll_few, poll),
        pair(epoll_few, epoll),
        figure(epoll_active),
    );
    // A call has a price of its own, too, so that a tenth of the growth in number is proportion.
    let proportion = (many / FEW) as f64 / 10.0;
    let epoll_is_in_proportion = epoll / epoll_few < 3.0 && epoll_active / epoll > 5.0;
    let lists = [select / select_few > proportion, poll / poll_few > proportion];
    Ok((of_parts(&[lists[0], lists[1], epoll_is_in_proportion]), figures))
}

/// Whether copying the list between process and kernel is what a call costs.
pub fn cost_of_copying() -> Result<Measured> {
    allowed(OTHERS + LISTED)?;
    let sockets = open(LISTED, 1)?;
    let [select, select_list, poll, poll_list] = micros(&mut [
        (by_select(&sockets, true), 1),
        (by_select(&sockets, false), 0),
        (by_poll(&sockets, true), 1),
        (by_poll(&sockets, false), 0),
    ])?;
    let told = |all: f64, list: f64| {
        let percent = figure(list / all * 100.0);
        format!("{} µs, the list alone {} ({percent} %)", figure(all), figure(list))
    };
    let figures = format!(
        "{} sockets: select {}; poll {}",
        thousands(LISTED),
        told(select, select_list),
        told(poll, poll_list),
    );
    Ok((judge_copying([select_list / select, poll_list / poll]), figures))
}

/// The shares of a call that are the list's way.
fn judge_copying(shares: [f64; 2]) -> Answer {
    match shares {
        [select, poll] if select > 0.5 && poll > 0.5 => Answer::Holds,
        [select, poll] if select < 0.25 && poll < 0.25 => Answer::False,
        _ => Answer::Depends,
    }
}

/// Opens sockets, of which `active`, spread evenly, have something to read. Those of UDP take one
/// descriptor, and can have something to read without a peer.
fn open(count: usize, active: usize) -> Result<Vec<OwnedFd>> {
    let distance = count / active;
    let open = |place: usize| match place % distance {
        0 if place / distance < active => {
            let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).context("bind a socket")?;
            let own = socket.local_addr().context("ask for a socket's address")?;
            socket.send_to(b"x", own).context("send to a socket")?;
            Ok(socket.into())
        }
        _ => Ok(Socket::new(Domain::IPV4, Type::DGRAM, None).context("open a socket")?.into()),
    };
    (0..count).map(open).collect()
}

/// A question about all sockets in one call, without waiting: how many have something to read.
type Question = Box<dyn FnMut() -> Result<usize>>;

/// The processor time of each question in microseconds; each has an answer that is expected.
fn micros<const N: usize>(questions: &mut [(Question, usize)]) -> Result<[f64; N]> {
    medians(ROUNDS, |place| {
        let (ask, expected) = &mut questions[place];
        let mut ask = || {
            let ready = ask()?;
            ensure!(ready == *expected, "{ready} sockets are ready, and not {expected}");
            Ok(())
        };
        // The first one finds cold caches.
        ask()?;
        micros_a_call(ask)
    })
}

/// Asks select(2), with a bitmap as long as it has to be; `named` says whether the sockets are in
/// it.
fn by_select(sockets: &[OwnedFd], named: bool) -> Question {
    let numbers = sockets.iter().map(AsRawFd::as_raw_fd);
    let end = numbers.clone().max().map_or(0, |highest| highest + 1);
    let mut question = vec![FdSetElement::default(); fd_set_num_elements(sockets.len(), end)];
    numbers.filter(|_| named).for_each(|number| fd_set_insert(&mut question, number));
    let mut answer = question.clone();
    Box::new(move || {
        // The kernel writes its answer over the question (select(2)).
        answer.copy_from_slice(&question);
        select_at_once(end, &mut answer).context("select")
    })
}

/// The same of poll(2), with a list as long as there are sockets.
fn by_poll(sockets: &[OwnedFd], named: bool) -> Question {
    let entry = |socket: &OwnedFd| libc::pollfd {
        fd: if named { socket.as_raw_fd() } else { -1 },
        events: libc::POLLIN,
        revents: 0,
    };
    let mut list: Vec<_> = sockets.iter().map(entry).collect();
    Box::new(move || poll_at_once(&mut list).context("poll"))
}

/// The same of epoll(7), level-triggered: each question has the same answer.
fn by_epoll(sockets: &[OwnedFd]) -> Result<Question> {
    let mut epoll = Epoll::new().context("epoll_create1")?;
    for socket in sockets {
        epoll.register(socket.as_raw_fd(), EPOLLIN).context("epoll_ctl")?;
    }
    let mut ready = Vec::new();
    Ok(Box::new(move || {
        epoll.poll_into(&mut ready, Some(Duration::ZERO)).context("epoll_wait")?;
        Ok(ready.len())
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shares_of_the_list_decide_what_copying_costs() {
        assert_eq!(judge_copying([0.05, 0.08]), Answer::False);
        assert_eq!(judge_copying([0.75, 0.8]), Answer::Holds);
        assert_eq!(judge_copying([0.05, 0.8]), Answer::Depends);
    }

    #[test]
    fn every_question_tells_how_many_have_something_to_read() {
        let sockets = open(70, 3).unwrap();
        let questions = |named| [by_select(&sockets, named), by_poll(&sockets, named)];
        let named = questions(true).into_iter().chain([by_epoll(&sockets).unwrap()]);
        for mut ask in named {
            assert_eq!([ask().unwrap(), ask().unwrap()], [3, 3]);
        }
        for mut ask in questions(false) {
            assert_eq!([ask().unwrap(), ask().unwrap()], [0, 0]);
        }
    }
}
