//! What a process does just now, in words.

use procfs::process::{Process, Task};
use procfs::{ProcError, ProcResult};
use rustix::process::Pid;
use syscalls::Sysno;

/// What the threads of a process do, and in which system calls: `the server sleeps in epoll_wait`,
/// or with several threads `of the server, 4 threads sleep in futex, 1 thread sleeps in accept4`.
pub fn state(pid: Pid) -> String {
    match threads(pid) {
        Ok(threads) => told(&threads),
        Err(ProcError::NotFound(_)) => "the server has ended".to_owned(),
        Err(error) => format!("the server cannot be looked at: {error}"),
    }
}

/// What each thread does: its state as in proc(5), and the system call that it waits in.
fn threads(pid: Pid) -> ProcResult<Vec<(char, Option<String>)>> {
    let mut threads = Vec::new();
    for task in Process::new(pid.as_raw_pid())?.tasks()? {
        match task.and_then(|task| Ok((task.stat()?.state, call(pid, &task)))) {
            // It has ended since.
            Err(ProcError::NotFound(_)) => {}
            thread => threads.push(thread?),
        }
    }
    Ok(threads)
}

/// The name of the system call that a thread waits in; `None` where it runs, or where this process
/// may not know (ptrace(2), PTRACE_MODE_ATTACH).
fn call(pid: Pid, task: &Task) -> Option<String> {
    let path = format!("/proc/{}/task/{}/syscall", pid.as_raw_pid(), task.tid);
    let text = std::fs::read_to_string(path).ok()?;
    let number = text.split_whitespace().next()?.parse().ok()?;
    Some(Sysno::new(number)?.name().to_owned())
}

/// Threads that do the same stand together, those that are most first.
fn told(threads: &[(char, Option<String>)]) -> String {
    let mut groups: Vec<(&(char, Option<String>), usize)> = Vec::new();
    for thread in threads {
        match groups.iter_mut().find(|(known, _)| *known == thread) {
            Some((_, count)) => *count += 1,
            None => groups.push((thread, 1)),
        }
    }
    groups.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let does = |((state, call), count): &(&(char, Option<String>), usize)| {
        let does = verb(*state, *count == 1);
        call.as_ref().map_or(does.to_owned(), |call| format!("{does} in {call}"))
    };
    match groups.as_slice() {
        [one @ (_, 1)] => format!("the server {}", does(one)),
        groups => {
            let counted = |group: &(_, usize)| match group.1 {
                1 => format!("1 thread {}", does(group)),
                count => format!("{count} threads {}", does(group)),
            };
            let groups: Vec<String> = groups.iter().map(counted).collect();
            format!("of the server, {}", groups.join(", "))
        }
    }
}

/// The state of a thread, or of several, in words (proc(5), /proc/PID/stat).
fn verb(state: char, one: bool) -> &'static str {
    match (state, one) {
        ('R', true) => "runs",
        ('R', false) => "run",
        ('S', true) => "sleeps",
        ('S', false) => "sleep",
        ('D', true) => "waits for a device",
        ('D', false) => "wait for a device",
        ('T' | 't', true) => "is stopped",
        ('T' | 't', false) => "are stopped",
        (_, true) => "has ended",
        (_, false) => "have ended",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, pipe};
    use std::thread;

    #[test]
    fn a_thread_that_waits_is_told_with_its_call() {
        let (mut reader, writer) = pipe().unwrap();
        let waiting = thread::spawn(move || reader.read(&mut [0]).unwrap());
        let own = rustix::process::getpid();
        let is_told =
            |told: String| told.contains("sleeps in read") || told.contains("sleep in read");
        let deadline = std::time::Instant::now() + crate::harness::client::DEADLINE;
        while !is_told(state(own)) {
            assert!(std::time::Instant::now() < deadline, "{}", state(own));
            thread::yield_now();
        }
        drop(writer);
        waiting.join().unwrap();
    }

    #[test]
    fn threads_that_do_the_same_stand_together() {
        let sleeps = |call: &str| ('S', Some(call.to_owned()));
        assert_eq!(told(&[sleeps("poll")]), "the server sleeps in poll");
        assert_eq!(told(&[('R', None)]), "the server runs");
        let pool = [sleeps("accept4"), sleeps("futex"), sleeps("futex")];
        assert_eq!(
            told(&pool),
            "of the server, 2 threads sleep in futex, 1 thread sleeps in accept4"
        );
    }
}
