//! Which processes a program consists of: a server that forks must not pass because its children
//! hide.

use std::collections::HashSet;
use std::io::ErrorKind;
use std::process;

use rustix::process::Pid;

use crate::harness::outcome::{Expect, Outcome, fail_by};
use crate::harness::proc::{Process, Stat, all, has_ended};
use crate::harness::program::Program;

const LISTED: &str = "a list of processes";

/// The variable that a program finds its process group in. What it starts inherits it, so that a
/// daemon, which has left its group and its parent, is still known.
pub const VARIABLE: &str = "XTASK_GROUP";

/// The processes of a program that have not ended: itself, its process group except the guard,
/// daemons, and the descendants of all of these.
///
/// # Errors
/// When /proc cannot be read.
pub fn alive(program: &Program) -> Outcome<Vec<Process>> {
    let all = all().expect_to(LISTED)?;
    let mut found = HashSet::new();
    for stat in &all {
        if is_root(program, stat)? {
            found.insert(stat.pid);
        }
    }
    loop {
        let before = found.len();
        for stat in &all {
            if Pid::from_raw(stat.ppid).is_some_and(|parent| found.contains(&parent)) {
                found.insert(stat.pid);
            }
        }
        if found.len() == before {
            break;
        }
    }
    let mut alive = Vec::new();
    for stat in all.iter().filter(|stat| found.contains(&stat.pid) && !stat.is_over()) {
        match Process::new(stat.pid) {
            Ok(process) => alive.push(process),
            Err(error) if has_ended(&error) => {}
            Err(error) => return fail_by(LISTED, &error),
        }
    }
    Ok(alive)
}

/// The children of the process that was started, with those that have ended and that it has not
/// waited for.
///
/// # Errors
/// When /proc cannot be read.
pub fn children(program: &Program) -> Outcome<Vec<Stat>> {
    let mut all = all().expect_to(LISTED)?;
    all.retain(|stat| stat.ppid == program.pid().as_raw_pid());
    Ok(all)
}

/// Whether a process belongs to the program whoever its parent is.
fn is_root(program: &Program, stat: &Stat) -> Outcome<bool> {
    let group = program.group();
    if stat.pid == group {
        return Ok(false);
    }
    if stat.pid == program.pid() || stat.pgrp == group.as_raw_pid() {
        return Ok(true);
    }
    // Whoever has lost its own parent is a child of this process (PR_SET_CHILD_SUBREAPER).
    let is_child = stat.ppid == process::id().cast_signed();
    Ok(is_child && !stat.is_over() && is_daemon(stat.pid, group)?)
}

/// Whether a process found the number of the group in its environment.
fn is_daemon(pid: Pid, group: Pid) -> Outcome<bool> {
    match Process::new(pid).and_then(|process| process.read("environ")) {
        Ok(environment) => {
            let variable = format!("{VARIABLE}={group}");
            Ok(environment.split('\0').any(|known| known == variable))
        }
        // One of another user is not ours.
        Err(error) if error.kind() == ErrorKind::PermissionDenied || has_ended(&error) => Ok(false),
        Err(error) => fail_by(LISTED, &error),
    }
}
