//! More clients than usual.

use std::fs;
use std::ops::Range;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Resource, Signal, getrlimit};

use crate::catalog::{Concurrency, Talk};
use crate::harness::client::{Client, DEADLINE};
use crate::harness::launch::Running;
use crate::harness::limits::raise_own_limit;
use crate::harness::outcome::{
    Expect, FEW_DESCRIPTORS, FEW_PROCESSES, Kind, Outcome, Verdict, fail, so_far, time_out,
};
use crate::harness::process::{memory, share_of_a_core, signal_all, stop, wait_for_descriptors};
use crate::harness::speaker::Speaker;
use crate::harness::threads::spawn_in;
use crate::harness::trial::Trial;
use crate::test_all::checks::steps::{
    ONE_AT_A_TIME, POOL_IS_BUSY, descriptors_after_one_client, meet, serve_one,
};

/// Connections of the churn check, and those that come before memory is measured first.
const CHURN: usize = 5000;
const WARM_UP: usize = 1000;
const MIDDLE: usize = 3000;
/// Ends a test that fails: a server that needs a tenth of a second for each needs nine minutes.
const CHURN_TIME: Duration = Duration::from_secs(10 * 60);
/// What half of the connections may leave behind: a leak of 20 bytes for each would be twice as
/// much, as malloc(3) takes 32 for them, and in both halves. A thread's first stack or arena comes
/// once.
const CHURN_MEMORY: u64 = 32 * 1024;
/// The same of a program that may collect its garbage later: a leak of 4 KiB for each connection is
/// as much.
const FOREIGN_MEMORY: u64 = 8 * 1024 * 1024;

/// More than the 1,024 that an `fd_set` holds (select(2)).
const BEYOND: usize = 2000;
/// As many as the smallest backlog takes.
const CAME_TOGETHER: usize = 5;
/// What the tester and the server need besides the clients.
const SPARE_DESCRIPTORS: u64 = 400;

const STORM: usize = 500;
const STORM_TIME: Duration = Duration::from_millis(100);

const IDLE_CLIENTS: usize = 100;
const IDLE_TIME: Duration = Duration::from_secs(1);
/// A server that waits takes nothing; one that looks every 10 ms, as `interval` here, stays below
/// this.
const IDLE_SHARE: f64 = 0.02;
/// A poller takes all of a core that is free; half of one is more than any other server needs.
const POLLING_SHARE: f64 = 0.5;

/// How long a client of a server that is stopped tries to connect. The kernel takes it at once or
/// drops it, and would take it a second later only if the backlog had room then.
const BACKLOG_DEADLINE: Duration = Duration::from_secs(5);
const BACKLOG_FULL: Duration = Duration::from_millis(100);
/// Linux takes one more than the backlog says; another kernel may round it up.
const BACKLOG_EXTRA: usize = 3;
const SOMAXCONN: &str = "the longest backlog of the system";

const FEW_CONNECTIONS: &str = "holds few connections at once";

pub fn churn(trial: &Trial<'_>) -> Outcome {
    trial.loaded().run(|running| {
        let start = Instant::now();
        let connections = |range: Range<usize>| -> Outcome<()> {
            for number in range {
                if start.elapsed() > CHURN_TIME {
                    let within = format!("{CHURN} clients within {} s", CHURN_TIME.as_secs());
                    return time_out(within, number);
                }
                let come_and_go = || {
                    let speaker = meet(trial, running, number)?;
                    if number % 3 == 0 { speaker.client.reset() } else { speaker.leave() }
                };
                so_far(come_and_go(), number, CHURN, "clients came and went")?;
            }
            Ok(())
        };
        let open = descriptors_after_one_client(trial, running)?;
        connections(0..WARM_UP)?;
        wait_for_descriptors(running, open)?;
        let mut least = u64::MAX;
        for half in [WARM_UP..MIDDLE, MIDDLE..CHURN] {
            let start = memory(running)?;
            connections(half)?;
            wait_for_descriptors(running, open)?;
            least = least.min(memory(running)?.saturating_sub(start));
        }
        let most = match trial.server.is_foreign() {
            true => FOREIGN_MEMORY,
            false => CHURN_MEMORY,
        };
        if least > most {
            return fail(
                format!("at most {} KiB more memory in one half of it", most / 1024),
                format!("{} KiB or more in each", least / 1024),
            );
        }
        Ok(Verdict::Pass)
    })
}

pub fn beyond_1024(trial: &Trial<'_>) -> Outcome {
    match trial.server.concurrency {
        Concurrency::One => return Ok(Verdict::Skip(ONE_AT_A_TIME)),
        Concurrency::Pool(_) => return Ok(Verdict::Skip(POOL_IS_BUSY)),
        Concurrency::Threads | Concurrency::Processes | Concurrency::FdSet | Concurrency::Many => {}
    }
    if let Talk::Accepts = trial.server.talk {
        return Ok(Verdict::Skip(FEW_CONNECTIONS));
    }
    if raise_own_limit() < BEYOND as u64 + SPARE_DESCRIPTORS {
        return Ok(Verdict::Skip(FEW_DESCRIPTORS));
    }
    if let Concurrency::Threads | Concurrency::Processes = trial.server.concurrency
        && getrlimit(Resource::Nproc).current.is_some_and(|limit| limit < 2 * BEYOND as u64)
    {
        return Ok(Verdict::Skip(FEW_PROCESSES));
    }
    trial.loaded().run(|running| come_2000(trial, running))
}

/// 2,000 clients come and stay; all are served, or those that an `fd_set` holds, and the others are
/// refused with a message.
fn come_2000(trial: &Trial<'_>, running: &Running) -> Outcome {
    let bounded = trial.is_bounded_by_fd_set();
    let seen = running.output.count();
    let mut served = Vec::new();
    let mut refused = 0;
    for first in (0..BEYOND).step_by(CAME_TOGETHER) {
        let speakers: Outcome<Vec<Speaker>> =
            (0..CAME_TOGETHER).map(|_| trial.connect(running)).collect();
        for (number, speaker) in speakers?.into_iter().enumerate() {
            match speaker.be_greeted().and_then(|()| speaker.exchange(first + number)) {
                Ok(()) => served.push(speaker),
                Err(failure) if bounded && failure.kind == Kind::Closed => refused += 1,
                Err(failure) => {
                    return so_far(Err(failure), served.len(), BEYOND, "clients served");
                }
            }
        }
    }
    if bounded && !trial.server.is_foreign() {
        // The first descriptors are the server's own, and 1,023 is the last that fits.
        let room = 1000..1024;
        if !room.contains(&served.len()) {
            return fail(
                format!("{} to {} of {BEYOND} clients are served", room.start, room.end - 1),
                served.len(),
            );
        }
        if refused == 0 {
            return fail("clients that are refused", "none");
        }
        running.output.have_line(DEADLINE, seen, "1024")?;
    }
    if trial.server.talk.converses() {
        for speaker in served.iter().step_by(100) {
            speaker.exchange(0)?;
        }
    }
    Ok(if refused == 0 { Verdict::Pass } else { Verdict::Refuses })
}

pub fn connect_storm(trial: &Trial<'_>) -> Outcome {
    trial.loaded().run(|running| {
        thread::scope(|scope| {
            let start = Instant::now();
            let mut clients = Vec::new();
            for number in 0..STORM {
                let come = move || trial.connect_patiently(running, number)?.leave();
                clients.push(spawn_in(scope, come)?);
                let next = start + STORM_TIME * number as u32 / STORM as u32;
                thread::sleep(next.saturating_duration_since(Instant::now()));
            }
            for (number, client) in clients.into_iter().enumerate() {
                let served = client.join().expect("a client's thread does not panic");
                so_far(served, number, STORM, "clients served")?;
            }
            Ok(Verdict::Pass)
        })
    })
}

pub fn backlog(trial: &Trial<'_>) -> Outcome {
    let longest = fs::read_to_string("/proc/sys/net/core/somaxconn").expect_to(SOMAXCONN)?;
    let backlog = trial.server.backlog.min(longest.trim().parse().expect_to(SOMAXCONN)?);
    trial.launch().run(|running| {
        serve_one(trial, running)?;
        stop(running)?;
        let mut waiting = Vec::new();
        while waiting.len() < backlog {
            let Some(client) = connect_if_room(running, BACKLOG_DEADLINE)? else {
                return fail(format!("{backlog} clients wait to be accepted"), waiting.len());
            };
            waiting.push(client);
        }
        while let Some(client) = connect_if_room(running, BACKLOG_FULL)? {
            waiting.push(client);
            let most = backlog * trial.server.listeners;
            if waiting.len() > most + BACKLOG_EXTRA * trial.server.listeners {
                return fail(format!("no more than {most} clients wait"), waiting.len());
            }
        }
        signal_all(running, Signal::CONT)?;
        drop(waiting);
        serve_one(trial, running)?;
        Ok(Verdict::Pass)
    })
}

/// Connects to a server that accepts nobody; `None` where its backlog has no room for `time`.
fn connect_if_room(running: &Running, time: Duration) -> Outcome<Option<Client>> {
    match Client::connect_within(running.addr, time) {
        Err(failure) if failure.kind == Kind::TimedOut => Ok(None),
        connected => connected.map(Some),
    }
}

pub fn idle_cpu(trial: &Trial<'_>) -> Outcome {
    trial.launch().run(|running| {
        let mut clients = Vec::new();
        for _ in 0..IDLE_CLIENTS {
            // Where all are served, each is, so that none overruns the backlog; elsewhere they wait
            // in it.
            clients.push(match trial.server.concurrency.limit() {
                None => trial.connect_patiently(running, 0)?,
                Some(_) => trial.connect(running)?,
            });
        }
        let share = share_of_a_core(running, IDLE_TIME)?;
        let percent = format!("{:.1} %", share * 100.0);
        match trial.server.polls {
            true if share > POLLING_SHARE => Ok(Verdict::Polls),
            true if trial.server.is_foreign() => Ok(Verdict::Pass),
            true => fail("a server that polls, and takes over 50 % of a core", percent),
            false if share < IDLE_SHARE => Ok(Verdict::Pass),
            false => fail(format!("under {:.0} % of a core", IDLE_SHARE * 100.0), percent),
        }
    })
}
