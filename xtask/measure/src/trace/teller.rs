//! What each call of a server means; what one call says depends on those before it.

use crate::trace::call::Call;
use crate::trace::meaning::{Meaning, Phase, WAIT};
use crate::trace::names::{Descriptor, Names, descriptor};
use crate::trace::ready::Watched;

/// Bytes of what a read of a signalfd brings for each signal (signalfd(2)).
const SIGNAL: i64 = 128;

/// Tells calls; it knows what was told before.
#[derive(Default)]
pub struct Teller {
    pub names: Names,
    watched: Watched,
}

impl Teller {
    /// What `call` means; `None` for what a debug build of std asks only to check itself, and
    /// for a call that never returned.
    pub fn tell(&mut self, call: &Call) -> Option<Meaning> {
        let meaning = match call.name.as_str() {
            "fcntl" if call.arguments.ends_with("F_GETFD") => return None,
            // It never returned: the end of the server interrupted it.
            _ if call.result.starts_with('?') => return None,
            "socket" => Meaning::arranges("opens a socket"),
            "accept" | "accept4" => {
                self.accept(call).by_time(call.took, "waits for a client, and ")
            }
            "read" | "recvfrom" | "recvmsg" | "readv" => self.receive(call),
            "write" | "sendto" | "sendmsg" | "writev" => self.send(call),
            "epoll_create1" => Meaning::arranges("opens a descriptor for epoll"),
            "epoll_ctl" => self.watched.change(call, &mut self.names),
            "io_uring_setup" => {
                Meaning::arranges("sets up two rings that it shares with the kernel")
            }
            "fcntl" | "ioctl" => self.change(call),
            "nanosleep" | "clock_nanosleep" => {
                let phase = if call.took > WAIT { Phase::Waits } else { Phase::Aside };
                Meaning::new(phase, "sleeps")
            }
            "close" => self.close(call),
            "clone" | "clone3" | "fork" | "vfork" => self.start(call),
            name => {
                let waits = match name {
                    "select" | "pselect6" | "poll" | "ppoll" | "epoll_wait" | "epoll_pwait"
                    | "epoll_pwait2" => self.watched.which(call, &mut self.names),
                    "io_uring_enter" => enter(call),
                    "wait4" | "waitid" => Meaning::arranges("asks for children that have ended"),
                    "rt_sigtimedwait" => Meaning::arranges("a signal"),
                    "futex" => Meaning::arranges("a lock or a queue between threads"),
                    _ => Meaning::other(),
                };
                waits.by_time(call.took, "waits: ")
            }
        };
        Some(meaning)
    }

    fn first(&mut self, call: &Call) -> String {
        self.names.first(&call.arguments)
    }

    fn accept(&mut self, call: &Call) -> Meaning {
        match descriptor(&call.result) {
            Some(client) => Meaning::arranges(format!("takes {}", self.names.of(&client))),
            None => Meaning::asks("for a client", call.error()),
        }
    }

    fn receive(&mut self, call: &Call) -> Meaning {
        if call.arguments.contains("<anon_inode:[signalfd]>") {
            return signals(call).by_time(call.took, "waits: ");
        }
        if let Some(Descriptor::Other(_)) = descriptor(&call.arguments) {
            return Meaning::other();
        }
        let who = self.first(call);
        let meaning = match (call.error(), call.number()) {
            (Some("ECONNRESET"), _) => Meaning::arranges(format!("{who} has reset the connection")),
            (Some(error), _) => Meaning::asks(&format!("for data of {who}"), Some(error)),
            (None, Some(0)) => {
                Meaning::arranges(format!("{who} has closed: the end of the stream"))
            }
            (None, length) => {
                let words = format!("copies {} of {who} into the process", bytes(length));
                let copies = Meaning { phase: Phase::Copies, words, brings: Some(who) };
                return copies.by_time(call.took, "waits for data, and ");
            }
        };
        meaning.by_time(call.took, "waits: ")
    }

    fn send(&mut self, call: &Call) -> Meaning {
        match descriptor(&call.arguments) {
            Some(Descriptor::Output) => return Meaning::new(Phase::Aside, "prints"),
            Some(Descriptor::Other(_)) => return Meaning::other(),
            _ => {}
        }
        let who = self.first(call);
        match call.error() {
            Some("EAGAIN") => Meaning::asks(&format!("for room to send to {who}"), Some("EAGAIN")),
            Some(error) => Meaning::arranges(format!("cannot send to {who}: {error}")),
            None => {
                let words = format!("hands {} for {who} to the kernel", bytes(call.number()));
                Meaning::new(Phase::Copies, words)
            }
        }
    }

    fn close(&mut self, call: &Call) -> Meaning {
        match descriptor(&call.arguments) {
            Some(Descriptor::Other(_)) => Meaning::other(),
            _ => Meaning::arranges(format!("closes {}", self.first(call))),
        }
    }

    fn start(&mut self, call: &Call) -> Meaning {
        let kind = if call.arguments.contains("CLONE_THREAD") { "thread" } else { "process" };
        match (call.error(), call.number()) {
            (None, Some(id)) => {
                let number = self.names.thread(id as u32);
                Meaning::arranges(format!("starts a {kind}: [{number}]"))
            }
            (error, _) => Meaning::arranges(format!(
                "cannot start a {kind}: {}",
                error.unwrap_or("no answer")
            )),
        }
    }

    fn change(&mut self, call: &Call) -> Meaning {
        let who = self.first(call);
        let arguments = &call.arguments;
        let is_flags = arguments.contains("F_SETFL") || arguments.contains("FIONBIO");
        let blocks = !(arguments.contains("FIONBIO, [1]") || arguments.contains("O_NONBLOCK"));
        // strace has the kernel's name for O_ASYNC.
        let is_async = arguments.contains("O_ASYNC") || arguments.contains("FASYNC");
        let words = match () {
            () if is_flags && is_async => format!("asks for a signal when {who} is ready"),
            () if arguments.contains("F_SETSIG") => format!("says which signal tells of {who}"),
            () if arguments.contains("F_SETOWN") => format!("says who gets the signals of {who}"),
            () if is_flags && !blocks => format!("makes {who} non-blocking"),
            () if is_flags => format!("makes {who} blocking"),
            () => return Meaning::other(),
        };
        Meaning::arranges(words)
    }
}

/// A read of a signalfd, which brings all signals that wait.
fn signals(call: &Call) -> Meaning {
    let signals = match call.number().unwrap_or_default() / SIGNAL {
        ..1 => return Meaning::asks("for a signal", call.error()),
        1 => "a signal: a socket is ready".to_owned(),
        count => format!("{count} signals: sockets are ready"),
    };
    Meaning::arranges(signals)
}

/// io_uring_enter(fd, to_submit, min_complete, flags, …).
fn enter(call: &Call) -> Meaning {
    let numbers = call.arguments.split(", ").skip(1).take(2);
    let numbers: Vec<u32> = numbers.filter_map(|word| word.parse().ok()).collect();
    let [requests, completions] = numbers[..] else {
        return Meaning::other();
    };
    let requests = match requests {
        0 => String::new(),
        1 => "hands in 1 request; ".to_owned(),
        requests => format!("hands in {requests} requests; "),
    };
    let asks = if completions == 0 { "asks for nothing" } else { "is something done?" };
    Meaning::arranges(format!("{requests}{asks}"))
}

fn bytes(length: Option<i64>) -> String {
    match length {
        Some(1) => "1 byte".to_owned(),
        Some(length) => format!("{length} bytes"),
        None => "bytes".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::call::Parser;

    #[test]
    fn each_call_has_its_meaning() {
        let mut teller = Teller::default();
        let is_row = |line: &&str| !line.is_empty() && !line.starts_with('#');
        let lines: Vec<&str> = include_str!("tests/calls.txt").lines().filter(is_row).collect();
        // A call that is not told has an empty meaning, and its second line is missing.
        let mut lines = lines.into_iter().peekable();
        while let Some(line) = lines.next() {
            let call = Parser::default().call(&format!("1 1.000000 {line}"));
            let call = call.unwrap_or_else(|| panic!("{line}"));
            let told = teller.tell(&call).map(|told| format!("{:?}: {}", told.phase, told.words));
            let expected = lines.next_if(|line| line.starts_with(' ')).map(str::trim_start);
            assert_eq!(told.as_deref().map(str::trim_end), expected, "{line}");
        }
    }
}
