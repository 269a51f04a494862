//! What the kernel tells in /proc about processes, as far as the tester asks (proc(5)). Of one that
//! has ended it tells nothing: each look fails by `NotFound` ([`has_ended`]).

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;
use std::{fs, process};

use rustix::fs::{Dir, Mode, OFlags, open, openat, readlinkat};
use rustix::io::Errno;
use rustix::process::Pid;

/// A process. The folder stays open, so that another process with the same number is never meant.
pub struct Process {
    /// Its number.
    pub pid: Pid,
    folder: OwnedFd,
}

impl Process {
    /// The process of that number.
    ///
    /// # Errors
    /// `NotFound` when there is none.
    pub fn new(pid: Pid) -> io::Result<Process> {
        let folder = open(format!("/proc/{pid}"), folder(), Mode::empty())?;
        Ok(Process { pid, folder })
    }

    /// This process.
    ///
    /// # Errors
    /// When /proc cannot be read.
    pub fn own() -> io::Result<Process> {
        Process::new(Pid::from_raw(process::id().cast_signed()).expect("a process has a number"))
    }

    /// A file of its folder.
    ///
    /// # Errors
    /// `NotFound` when it has ended; those of open(2) and read(2).
    pub fn read(&self, file: &str) -> io::Result<String> {
        let read = || -> io::Result<String> {
            let flags = OFlags::RDONLY | OFlags::CLOEXEC;
            let mut file = File::from(openat(&self.folder, file, flags, Mode::empty())?);
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            Ok(String::from_utf8_lossy(&bytes).into_owned())
        };
        read().map_err(ended)
    }

    /// What `stat` tells.
    ///
    /// # Errors
    /// Those of [`read`](Process::read).
    pub fn stat(&self) -> io::Result<Stat> {
        Stat::parse(&self.read("stat")?)
    }

    /// Whether it has not ended.
    pub fn is_alive(&self) -> bool {
        self.stat().is_ok_and(|stat| !stat.is_over())
    }

    /// The number behind the name of a line, for example of `VmHWM:  1234 kB`.
    ///
    /// # Errors
    /// Those of [`read`](Process::read), and when this kernel has no such line.
    pub fn number(&self, file: &str, name: &str) -> io::Result<u64> {
        number(&self.read(file)?, name)
    }

    /// Its threads.
    ///
    /// # Errors
    /// `NotFound` when it has ended.
    pub fn threads(&self) -> io::Result<Vec<Thread<'_>>> {
        let ids = self.entries("task")?.into_iter();
        Ok(ids.map(|id| Thread { id, process: self }).collect())
    }

    /// Looks at each of its threads; those that end meanwhile are left out.
    ///
    /// # Errors
    /// Those of `look`, and `NotFound` when it has ended.
    pub fn look_at_threads<T>(
        &self,
        look: impl Fn(&Thread<'_>) -> io::Result<T>,
    ) -> io::Result<Vec<(i32, T)>> {
        let mut found = Vec::new();
        for thread in self.threads()? {
            match look(&thread) {
                Err(error) if has_ended(&error) => {}
                looked => found.push((thread.id, looked?)),
            }
        }
        Ok(found)
    }

    /// The numbers of its open descriptors.
    ///
    /// # Errors
    /// `NotFound` when it has ended; `PermissionDenied` when it is another user's.
    pub fn descriptors(&self) -> io::Result<Vec<i32>> {
        let open = self.entries("fd")?.into_iter();
        // A waiting accept(2) has set a number aside, which leads nowhere.
        Ok(open.filter(|number| self.target(*number).is_some()).collect())
    }

    /// The numbers of those of its descriptors that are sockets.
    ///
    /// # Errors
    /// Those of [`descriptors`](Process::descriptors).
    pub fn sockets(&self) -> io::Result<Vec<i32>> {
        let is_socket =
            |number: &i32| self.target(*number).is_some_and(|path| path.starts_with("socket:"));
        Ok(self.entries("fd")?.into_iter().filter(is_socket).collect())
    }

    /// The file of its program.
    ///
    /// # Errors
    /// Those of [`descriptors`](Process::descriptors).
    pub fn exe(&self) -> io::Result<PathBuf> {
        let path = readlinkat(&self.folder, "exe", Vec::new())?;
        Ok(OsString::from_vec(path.into_bytes()).into())
    }

    /// What a descriptor is open on.
    fn target(&self, number: i32) -> Option<String> {
        let path = readlinkat(&self.folder, format!("fd/{number}"), Vec::new()).ok()?;
        Some(path.to_string_lossy().into_owned())
    }

    /// The entries of a folder of numbers.
    fn entries(&self, name: &str) -> io::Result<Vec<i32>> {
        let list = || -> io::Result<Vec<i32>> {
            let mut numbers = Vec::new();
            for entry in Dir::new(openat(&self.folder, name, folder(), Mode::empty())?)? {
                let entry = entry?;
                let name = entry.file_name().to_str().ok();
                numbers.extend(name.and_then(|name| name.parse::<i32>().ok()));
            }
            Ok(numbers)
        };
        list().map_err(ended)
    }
}

/// How a folder is opened.
fn folder() -> OFlags {
    OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC
}

/// A thread of a process.
pub struct Thread<'a> {
    /// Its number.
    pub id: i32,
    process: &'a Process,
}

impl Thread<'_> {
    /// A file of its folder.
    ///
    /// # Errors
    /// Those of [`Process::read`].
    pub fn read(&self, file: &str) -> io::Result<String> {
        self.process.read(&format!("task/{}/{file}", self.id))
    }

    /// Its state: `R`, `S` and the like.
    ///
    /// # Errors
    /// Those of [`Process::read`].
    pub fn state(&self) -> io::Result<char> {
        Ok(Stat::parse(&self.read("stat")?)?.state)
    }

    /// The nanoseconds that it was on a processor, those that it was ready and was not, and how
    /// often it was on one.
    ///
    /// # Errors
    /// Those of [`Process::read`].
    pub fn schedule(&self) -> io::Result<[u64; 3]> {
        parse_schedule(&self.read("schedstat")?)
    }
}

/// The three numbers of a file `schedstat`.
///
/// # Errors
/// When there are others.
pub fn parse_schedule(text: &str) -> io::Result<[u64; 3]> {
    let numbers: Option<Vec<u64>> = text.split_whitespace().map(|word| word.parse().ok()).collect();
    let numbers = numbers.and_then(|numbers| numbers.try_into().ok());
    numbers.ok_or_else(|| untold("schedstat"))
}

/// What the tester reads of a file `stat`.
#[derive(Clone, Debug)]
pub struct Stat {
    /// The number of the process.
    pub pid: Pid,
    /// `R`, `S` and the like.
    pub state: char,
    /// The number of its parent.
    pub ppid: i32,
    /// The number of its process group.
    pub pgrp: i32,
    /// The ticks that its children which have ended were on a processor.
    pub childrens_ticks: u64,
    /// How many threads it has.
    pub num_threads: u64,
    /// The tick in which it began.
    pub starttime: u64,
}

impl Stat {
    /// Whether it has ended, though nobody has waited for it yet. Its first thread may end before the
    /// others, and until they have ended nobody can wait for it.
    pub fn is_over(&self) -> bool {
        matches!(self.state, 'Z' | 'X') && self.num_threads <= 1
    }

    fn parse(text: &str) -> io::Result<Stat> {
        let parse = || {
            // The name is in brackets, and may have some itself.
            let (pid, rest) = text.split_once(' ')?;
            let words: Vec<&str> = rest.rsplit_once(')')?.1.split_whitespace().collect();
            let number = |at: usize| words.get(at)?.parse::<i64>().ok();
            Some(Stat {
                pid: Pid::from_raw(pid.parse().ok()?)?,
                state: words.first()?.chars().next()?,
                ppid: number(1)?.try_into().ok()?,
                pgrp: number(2)?.try_into().ok()?,
                childrens_ticks: number(13)?.max(0).unsigned_abs()
                    + number(14)?.max(0).unsigned_abs(),
                num_threads: number(17)?.unsigned_abs(),
                starttime: number(19)?.unsigned_abs(),
            })
        };
        parse().ok_or_else(|| untold("stat"))
    }
}

/// All processes of the system. Their folders are not kept open: a check of thousands of processes
/// makes others list them, again and again.
///
/// # Errors
/// When the list or one of its files cannot be read.
pub fn all() -> io::Result<Vec<Stat>> {
    let mut all = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let entry = entry?;
        if !entry.file_name().as_encoded_bytes().iter().all(u8::is_ascii_digit) {
            continue;
        }
        match fs::read(entry.path().join("stat")).map_err(ended) {
            Ok(stat) => all.push(Stat::parse(&String::from_utf8_lossy(&stat))?),
            Err(error) if has_ended(&error) => {}
            // Without a descriptor nobody is found, and that must not count as the end of all.
            Err(error) => return Err(error),
        }
    }
    Ok(all)
}

/// Whether a process or thread ended while it was looked at.
pub fn has_ended(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound
}

/// A read of a process that ends meanwhile fails by ESRCH.
fn ended(error: io::Error) -> io::Error {
    match Errno::from_io_error(&error) {
        Some(Errno::SRCH) => io::ErrorKind::NotFound.into(),
        _ => error,
    }
}

/// The number behind the name of a line in a file like `status` or `meminfo`.
///
/// # Errors
/// When there is no such line.
pub fn number(text: &str, name: &str) -> io::Result<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    let word = line.and_then(|line| line.split_whitespace().next());
    word.and_then(|word| word.parse().ok()).ok_or_else(|| untold(name))
}

/// The error of a kernel that does not tell.
fn untold(name: &str) -> io::Error {
    io::Error::other(format!("/proc does not tell `{name}`"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn a_name_may_have_brackets() {
        let text = "7 (a) b) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20";
        let stat = Stat::parse(text).unwrap();
        assert_eq!((stat.pid.as_raw_pid(), stat.state, stat.ppid, stat.pgrp), (7, 'S', 1, 2));
        assert_eq!((stat.childrens_ticks, stat.num_threads, stat.starttime), (27, 17, 19));
        assert!(Stat::parse("7 (a) S 1").is_err());
    }

    #[test]
    fn a_process_is_over_when_its_last_thread_is() {
        let is_over = |state: char, threads: u64| {
            let text =
                format!("7 (a) {state} 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 {threads} 18 19");
            Stat::parse(&text).unwrap().is_over()
        };
        assert!(is_over('Z', 1) && is_over('X', 0));
        assert!(!is_over('Z', 2) && !is_over('S', 1));
    }

    #[test]
    fn this_process_is_told() {
        let own = Process::own().unwrap();
        assert!(own.is_alive());
        assert!(own.number("status", "VmHWM").unwrap() > 0);
        assert!(own.number("status", "VmNothing").is_err());
        let threads = own.look_at_threads(|thread| Ok((thread.state()?, thread.schedule()?)));
        assert!(!threads.unwrap().is_empty());
        assert!(all().unwrap().iter().any(|stat| stat.pid == own.pid));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        assert!(!own.sockets().unwrap().is_empty());
        drop(listener);
    }

    #[test]
    fn a_process_that_was_waited_for_has_ended() {
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let process = Process::new(Pid::from_child(&child)).unwrap();
        child.wait().unwrap();
        assert!(!process.is_alive());
        assert!(has_ended(&process.stat().unwrap_err()));
        assert!(has_ended(&process.threads().map(drop).unwrap_err()));
        assert!(has_ended(&Process::new(process.pid).map(drop).unwrap_err()));
    }
}
