//! Which processes a program consists of: a server that forks must not pass because its children
//! hide.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::path::Path;
use std::{fs, process};

use procfs::process::{Process, Stat};
use procfs::{FromRead, ProcError};
use rustix::io::Errno;

use crate::harness::outcome::{Expect, Outcome, fail_by};
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
    let all = all()?;
    let mut found = HashSet::new();
    for stat in &all {
        if is_root(program, stat)? {
            found.insert(stat.pid);
        }
    }
    loop {
        let before = found.len();
        for stat in &all {
            if found.contains(&stat.ppid) {
                found.insert(stat.pid);
            }
        }
        if found.len() == before {
            break;
        }
    }
    let mut alive = Vec::new();
    for stat in all.iter().filter(|stat| found.contains(&stat.pid) && !is_over(stat)) {
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
    let mut all = all()?;
    all.retain(|stat| stat.ppid == program.pid().as_raw_pid());
    Ok(all)
}

/// All processes of the system. Their files are read without the directories that [`Process`]
/// keeps open: a check of thousands of processes makes others list them, again and again.
fn all() -> Outcome<Vec<Stat>> {
    let mut all = Vec::new();
    for entry in fs::read_dir("/proc").expect_to(LISTED)? {
        let name = entry.expect_to(LISTED)?.file_name();
        if !name.as_encoded_bytes().iter().all(u8::is_ascii_digit) {
            continue;
        }
        let path = Path::new("/proc").join(name).join("stat");
        match fs::read(path).map_err(ProcError::from).and_then(|stat| Stat::from_read(&stat[..])) {
            Ok(stat) => all.push(stat),
            Err(error) if has_ended(&error) => {}
            // Without a descriptor nobody is found, and that must not count as the end of all.
            Err(error) => return fail_by(LISTED, &error),
        }
    }
    Ok(all)
}

/// Whether a process ended while it was looked at.
fn has_ended(error: &ProcError) -> bool {
    match error {
        ProcError::NotFound(_) => true,
        ProcError::Io(error, _) => error.raw_os_error() == Some(Errno::SRCH.raw_os_error()),
        _ => false,
    }
}

/// Whether a process belongs to the program whoever its parent is.
fn is_root(program: &Program, stat: &Stat) -> Outcome<bool> {
    let group = program.group().as_raw_pid();
    if stat.pid == group {
        return Ok(false);
    }
    if stat.pid == program.pid().as_raw_pid() || stat.pgrp == group {
        return Ok(true);
    }
    // Whoever has lost its own parent is a child of this process (PR_SET_CHILD_SUBREAPER).
    let is_child = stat.ppid == process::id().cast_signed();
    Ok(is_child && !is_over(stat) && is_daemon(stat.pid, group)?)
}

/// Whether a process found the number of the group in its environment.
fn is_daemon(pid: i32, group: i32) -> Outcome<bool> {
    match Process::new(pid).and_then(|process| process.environ()) {
        Ok(environment) => {
            let value = environment.get(OsStr::new(VARIABLE));
            Ok(value.is_some_and(|value| *value == *group.to_string()))
        }
        // One of another user is not ours.
        Err(ProcError::PermissionDenied(_)) => Ok(false),
        Err(error) if has_ended(&error) => Ok(false),
        Err(error) => fail_by(LISTED, &error),
    }
}

/// Whether a process has ended, though nobody has waited for it yet.
pub fn is_over(stat: &Stat) -> bool {
    matches!(stat.state, 'Z' | 'X')
}
