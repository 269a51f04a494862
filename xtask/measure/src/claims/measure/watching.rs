//! What a call costs by how many sockets it watches, and what of that is the list's way to the
//! kernel and back.

use anyhow::Result;

use crate::claims::claim::{Answer, Finding, Measured};
use crate::claims::measure::clock::{figure, micros_a_call};
use crate::claims::measure::rounds::medians;
use crate::claims::measure::sockets::{Question, Sockets, at_most};
use xtask::terminal::grouped;

/// Sockets that are watched.
const FEW: usize = 10;
const MANY: usize = 9000;
/// Of many, how many have something to read when it is more than one.
const ACTIVE: usize = 100;
/// Sockets in the list whose copying is measured.
const LISTED: usize = 1000;

const ROUNDS: usize = 7;

/// Whether select(2) and poll(2) cost in proportion to what they watch, and epoll(7) in proportion
/// to what is active.
///
/// # Errors
/// When the kernel refuses a socket or a call.
pub fn cost_of_watching() -> Result<Measured> {
    let many = at_most(MANY);
    if many < FEW * 10 {
        return Ok(Measured::Missing(format!("the system allows only {many} sockets")));
    }
    Ok(Measured::Found(judge_watching(&watch(many)?)))
}

/// A call's processor time in microseconds.
struct Watching {
    /// Sockets that are watched where there are many.
    many: usize,
    /// With few sockets, of which one is active, and with many.
    select: [f64; 2],
    poll: [f64; 2],
    epoll: [f64; 2],
    /// With many sockets, of which [`ACTIVE`] are active.
    epoll_active: f64,
}

fn watch(many: usize) -> Result<Watching> {
    let one_is_active = [Sockets::open(FEW, 1)?, Sockets::open(many, 1)?];
    let mut questions = Vec::new();
    for sockets in &one_is_active {
        questions.extend([sockets.by_select(), sockets.by_poll(), sockets.by_epoll()?]);
    }
    let few_then_many: [f64; 6] = micros(&mut questions)?;
    let [select_few, poll_few, epoll_few, select_many, poll_many, epoll_many] = few_then_many;
    // The same number of descriptors must do for all of them.
    drop(one_is_active);
    let active = Sockets::open(many, ACTIVE.min(many))?;
    let [epoll_active] = micros(&mut [active.by_epoll()?])?;
    Ok(Watching {
        many,
        select: [select_few, select_many],
        poll: [poll_few, poll_many],
        epoll: [epoll_few, epoll_many],
        epoll_active,
    })
}

/// The processor time of each question, in microseconds.
fn micros<const N: usize>(questions: &mut [Question]) -> Result<[f64; N]> {
    medians(ROUNDS, |place| {
        let question = &mut questions[place];
        // The first one finds cold caches.
        question.ask()?;
        micros_a_call(|| question.ask())
    })
}

fn judge_watching(seen: &Watching) -> Finding {
    let growth = |[few, many]: [f64; 2]| many / few;
    // A call has a price of its own, too, so that a tenth of the growth in number is proportion.
    let proportion = (seen.many / FEW) as f64 / 10.0;
    let lists = [growth(seen.select), growth(seen.poll)].map(|growth| growth > proportion);
    let epoll_is_even = growth(seen.epoll) < 3.0;
    let epoll_follows = seen.epoll_active > 5.0 * seen.epoll[1];
    let answer = match (lists, epoll_is_even && epoll_follows) {
        ([true, true], true) => Answer::Holds,
        ([false, false], false) => Answer::False,
        _ => Answer::Depends,
    };
    let pair = |[few, many]: [f64; 2]| format!("{} → {}", figure(few), figure(many));
    Finding {
        answer,
        figures: format!(
            "{FEW} → {} watched: select {} µs, poll {}, epoll {}; {} active: {}",
            grouped(seen.many as f64),
            pair(seen.select),
            pair(seen.poll),
            pair(seen.epoll),
            ACTIVE.min(seen.many),
            figure(seen.epoll_active),
        ),
        why: match answer {
            Answer::Holds => {
                "select(2) and poll(2) ask each descriptor in each call; epoll(7) keeps a list of \
                 those that something has happened to, and a call walks along that list only."
            }
            _ => {
                "One of them does not follow what it watches, or what is active; the figures tell."
            }
        },
    }
}

/// Whether copying the list between process and kernel is what a call costs.
///
/// # Errors
/// When the kernel refuses a socket or a call.
pub fn cost_of_copying() -> Result<Measured> {
    let count = at_most(LISTED);
    if count < LISTED {
        return Ok(Measured::Missing(format!("the system allows only {count} sockets")));
    }
    Ok(Measured::Found(judge_copying(&copy()?)))
}

/// A call's processor time in microseconds: with sockets in the list, and with a list as long that
/// names none.
struct Copying {
    select: [f64; 2],
    poll: [f64; 2],
}

fn copy() -> Result<Copying> {
    let sockets = Sockets::open(LISTED, 1)?;
    let mut questions = [
        sockets.by_select(),
        sockets.by_select_without_sockets(),
        sockets.by_poll(),
        sockets.by_poll_without_sockets(),
    ];
    let [select, select_list, poll, poll_list] = micros(&mut questions)?;
    Ok(Copying { select: [select, select_list], poll: [poll, poll_list] })
}

fn judge_copying(seen: &Copying) -> Finding {
    let share = |[all, list]: [f64; 2]| list / all;
    let shares = [share(seen.select), share(seen.poll)];
    let answer = if shares.iter().all(|share| *share > 0.5) {
        Answer::Holds
    } else if shares.iter().all(|share| *share < 0.25) {
        Answer::False
    } else {
        Answer::Depends
    };
    let told = |call: &str, [all, list]: [f64; 2]| {
        let percent = figure(share([all, list]) * 100.0);
        format!("{call} {} µs, the list alone {} ({percent} %)", figure(all), figure(list))
    };
    Finding {
        answer,
        figures: format!(
            "{} sockets: {}; {}",
            grouped(LISTED as f64),
            told("select", seen.select),
            told("poll", seen.poll),
        ),
        why: match answer {
            Answer::False => {
                "The list is short, and its copy is quick; what takes time is to ask each socket \
                 in it whether it is ready."
            }
            _ => "The list's way to the kernel and back is a large part of a call.",
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USUAL: Watching = Watching {
        many: 9000,
        select: [0.6, 200.0],
        poll: [0.6, 250.0],
        epoll: [0.3, 0.3],
        epoll_active: 5.0,
    };

    #[test]
    fn the_sizes_decide_what_watching_costs() {
        let answer = |seen: &Watching| judge_watching(seen).answer;
        assert_eq!(answer(&USUAL), Answer::Holds);
        assert_eq!(answer(&Watching { epoll: [0.3, 90.0], ..USUAL }), Answer::Depends);
        assert_eq!(answer(&Watching { epoll_active: 0.3, ..USUAL }), Answer::Depends);
        assert_eq!(answer(&Watching { poll: [0.6, 0.7], ..USUAL }), Answer::Depends);
        let other_way = Watching { select: [0.6; 2], poll: [0.6; 2], epoll: [0.3, 90.0], ..USUAL };
        assert_eq!(answer(&other_way), Answer::False);
    }

    #[test]
    fn the_share_of_the_empty_list_decides_what_copying_costs() {
        let answer = |select, poll| judge_copying(&Copying { select, poll }).answer;
        assert_eq!(answer([20.0, 1.0], [25.0, 2.0]), Answer::False);
        assert_eq!(answer([20.0, 15.0], [25.0, 20.0]), Answer::Holds);
        assert_eq!(answer([20.0, 1.0], [25.0, 20.0]), Answer::Depends);
    }

    #[test]
    fn watching_and_copying_take_time() {
        // Tests share the process's descriptors: few sockets leave some to those beside it.
        let seen = watch(300).unwrap();
        let times = [seen.select, seen.poll, seen.epoll].concat();
        assert!(times.iter().all(|time| *time > 0.0) && seen.epoll_active > 0.0);
        let seen = copy().unwrap();
        assert!([seen.select, seen.poll].concat().iter().all(|time| *time > 0.0));
    }
}
