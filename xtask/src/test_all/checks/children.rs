//! Servers of processes: children that end, are killed, or must not outlive their server.

use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::catalog::Concurrency;
use crate::harness::inside;
use crate::harness::launch::Running;
use crate::harness::outcome::{Expect, Outcome, Verdict, fail};
use crate::harness::proc::{Process, Stat};
use crate::harness::process::{look_at, wait_for_processes};
use crate::harness::speaker::Speaker;
use crate::harness::tree;
use crate::harness::trial::Trial;
use crate::harness::wait::{found_if, wait_for};
use crate::test_all::checks::steps::{come, end_by, serve_one};

/// Clients in all, and how many of them are there at once: their processes end together.
const CLIENTS: usize = 1000;
const AT_ONCE: usize = 50;
/// Children that end while their parent is stopped: it gets one signal for all of them.
const UNSEEN: usize = 10;

/// From one replacement of a worker to the next, and how exactly the kernel tells when a process
/// began.
const BETWEEN_REPLACEMENTS: Duration = Duration::from_secs(1);
/// How much later than it is due a replacement may start on a busy machine: the next one then seems
/// to come too soon.
const LATE: Duration = Duration::from_millis(250);
const TICK: Duration = Duration::from_millis(10);

const NO_CHILDREN: &str = "has no processes besides its own";

pub fn children(trial: &Trial<'_>) -> Outcome {
    if !has_children(trial) {
        return Ok(Verdict::Skip(NO_CHILDREN));
    }
    if trial.server.concurrency == Concurrency::Processes {
        trial.loaded().run(|running| {
            for first in (0..CLIENTS).step_by(AT_ONCE) {
                come(trial, running, first..first + AT_ONCE)?
                    .into_iter()
                    .try_for_each(Speaker::leave)?;
            }
            wait_for_children(running, "no child", |children| children.is_empty())?;
            end_while_stopped(trial, running)
        })?;
    }
    if trial.server.is_foreign() {
        return Ok(Verdict::Pass);
    }
    // No server can do anything about this signal.
    let mut running = trial.launch().start()?;
    let clients = come(trial, &running, 0..3)?;
    end_by(trial, &mut running, Signal::KILL)?;
    for speaker in clients {
        speaker.client.receive_close()?;
    }
    Ok(Verdict::Pass)
}

/// Whether the server has processes besides the one that was started.
fn has_children(trial: &Trial<'_>) -> bool {
    trial.server.concurrency == Concurrency::Processes || trial.server.processes > 1
}

/// Clients leave while nobody can wait for their processes.
fn end_while_stopped(trial: &Trial<'_>, running: &Running) -> Outcome {
    let clients = come(trial, running, 0..UNSEEN)?;
    stop_alone(running)?;
    clients.iter().try_for_each(|speaker| speaker.client.half_close())?;
    let unseen = |children: &[Stat]| children.len() == UNSEEN && children.iter().all(Stat::is_over);
    wait_for_children(running, "children that have ended", unseen)?;
    running.program.signal(Signal::CONT)?;
    wait_for_children(running, "no child", |children| children.is_empty())?;
    clients.iter().try_for_each(|speaker| speaker.client.receive_end())?;
    serve_one(trial, running)?;
    Ok(Verdict::Pass)
}

/// Stops the process that was started, and none of its children.
fn stop_alone(running: &Running) -> Outcome<()> {
    running.program.signal(Signal::STOP)?;
    let is_stopped = |process: &Process| {
        if process.pid != running.program.pid() {
            return Ok(true);
        }
        // A thread that is not stopped yet may still wait for a child.
        let states = process.look_at_threads(|thread| thread.state())?;
        Ok(states.iter().all(|(_, state)| *state == 'T'))
    };
    wait_for("a server that stops", || {
        Ok(found_if(!look_at(running, is_stopped)?.contains(&false), "it runs on"))
    })
}

fn wait_for_children(
    running: &Running,
    expected: &str,
    is_so: impl Fn(&[Stat]) -> bool,
) -> Outcome<()> {
    wait_for(expected, || {
        let children = tree::children(&running.program)?;
        let over = children.iter().filter(|stat| stat.is_over()).count();
        let instead = format!("{} children, {over} of them zombies", children.len());
        Ok(found_if(is_so(&children), instead))
    })
}

pub fn killed_child(trial: &Trial<'_>) -> Outcome {
    if !has_children(trial) {
        return Ok(Verdict::Skip(NO_CHILDREN));
    }
    trial.launch().run(|running| {
        let mut clients = come(trial, running, 0..3)?;
        kill(process_of(running, &clients[0])?)?;
        clients.remove(0).client.receive_close()?;
        for (number, speaker) in clients.iter().enumerate() {
            speaker.exchange(number)?;
        }
        serve_one(trial, running)?;
        clients.into_iter().try_for_each(Speaker::leave)?;
        if trial.server.concurrency == Concurrency::Processes {
            wait_for_children(running, "no child", |children| children.is_empty())?;
        } else {
            replace_once_a_second(trial, running)?;
        }
        serve_one(trial, running)?;
        Ok(Verdict::Pass)
    })
}

/// The process other than the one that was started that serves a client.
fn process_of(running: &Running, speaker: &Speaker) -> Outcome<Pid> {
    let mut holders = inside::holders(running, speaker.client.addr)?;
    holders.retain(|holder| *holder != running.program.pid());
    match holders.as_slice() {
        [process] => Ok(*process),
        other => fail("a process that serves the client", format!("{} of them", other.len())),
    }
}

fn kill(process: Pid) -> Outcome<()> {
    kill_process(process, Signal::KILL).expect_to("a child that is killed")
}

/// One worker has been replaced before; two more end at the same time, and are replaced, each a
/// second after the one before at the earliest.
fn replace_once_a_second(trial: &Trial<'_>, running: &Running) -> Outcome<()> {
    wait_for_processes(running, trial.server.processes)?;
    let mut workers = tree::children(&running.program)?;
    workers.sort_by_key(|stat| stat.starttime);
    let victims = &workers[..2];
    for victim in victims {
        kill(victim.pid)?;
    }
    let is_victim = |stat: &Stat| victims.iter().any(|victim| victim.pid == stat.pid);
    wait_for_children(running, "as many workers as before", |children| {
        children.len() == workers.len() && !children.iter().any(is_victim)
    })?;
    let mut starts: Vec<u64> =
        tree::children(&running.program)?.iter().map(|stat| stat.starttime).collect();
    starts.sort_unstable();
    // The last three are replacements.
    let last = &starts[starts.len() - 3..];
    for pair in last.windows(2) {
        let between = TICK * (pair[1] - pair[0]) as u32;
        if between + LATE < BETWEEN_REPLACEMENTS {
            return fail("a second from one replacement to the next", format!("{between:?}"));
        }
    }
    Ok(())
}
