//! What a process does just now, in words.

use std::io;

use rustix::process::Pid;
use syscalls::Sysno;

use crate::harness::proc::{Process, Thread, has_ended};

/// What the threads of a process do, and in which system calls: `it sleeps in epoll_wait`, or with
/// several threads `4 threads sleep in futex, 1 thread sleeps in accept4`.
pub fn state(pid: Pid) -> String {
    match Process::new(pid).and_then(|process| process.look_at_threads(does)) {
        Ok(threads) => told(&threads.into_iter().map(|(_, thread)| thread).collect::<Vec<_>>()),
        Err(error) if has_ended(&error) => "it has ended".to_owned(),
        Err(error) => format!("it cannot be looked at: {error}"),
    }
}

/// What a thread does: its state as in proc(5), and the system call that it waits in; none where it
/// runs, or where this process may not know (ptrace(2), PTRACE_MODE_ATTACH).
fn does(thread: &Thread<'_>) -> io::Result<(char, Option<String>)> {
    let call = thread.read("syscall").ok();
    let number = call.and_then(|text| text.split_whitespace().next()?.parse().ok());
    Ok((thread.state()?, number.and_then(Sysno::new).map(|call| call.name().to_owned())))
}

/// Threads that do the same are together, those that are most first.
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
        [one @ (_, 1)] => format!("it {}", does(one)),
        groups => {
            let counted = |group: &(_, usize)| match group.1 {
                1 => format!("1 thread {}", does(group)),
                count => format!("{count} threads {}", does(group)),
            };
            let groups: Vec<String> = groups.iter().map(counted).collect();
            groups.join(", ")
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
        assert_eq!(told(&[sleeps("poll")]), "it sleeps in poll");
        assert_eq!(told(&[('R', None)]), "it runs");
        let pool = [sleeps("accept4"), sleeps("futex"), sleeps("futex")];
        assert_eq!(told(&pool), "2 threads sleep in futex, 1 thread sleeps in accept4");
    }
}
