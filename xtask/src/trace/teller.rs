//! What each call of a server means; what one call says depends on those before it.

use crate::trace::call::Call;
use crate::trace::meaning::{Meaning, Phase};
use crate::trace::names::{Descriptor, Names, descriptor};
use crate::trace::ready::Watched;
use crate::trace::script::{Event, What};
use crate::trace::waited::{From, Waited};

/// Bytes of what a read of a signalfd brings for each signal (signalfd(2)).
const SIGNAL: i64 = 128;

/// Tells calls; it knows what was told before.
#[derive(Default)]
pub struct Teller {
    names: Names,
    watched: Watched,
    waited: Waited,
}

impl Teller {
    /// Of a server whose clients play a script.
    pub fn of(events: &[Event]) -> Teller {
        let mut names = Names::default();
        for event in events {
            if let What::Connects(addr) = event.what {
                names.client(&addr.to_string());
            }
        }
        Teller { names, waited: Waited::of(events), ..Teller::default() }
    }

    /// What `call` means; `None` for what a debug build of std asks only to check itself, and
    /// for a call that never returned.
    pub fn tell(&mut self, call: &Call) -> Option<Meaning> {
        let meaning = match call.name.as_str() {
            "fcntl" if call.arguments.ends_with("F_GETFD") => return None,
            // It never returned: the end of the server interrupted it.
            _ if call.result.starts_with('?') => return None,
            "socket" => self.opened(call),
            "accept" | "accept4" => self.accept(call),
            "read" if call.arguments.contains("<anon_inode:[signalfd]>") => self.signals(call),
            "read" | "recvfrom" | "recvmsg" | "readv" => self.receive(call),
            "write" | "sendto" | "sendmsg" | "writev" => self.send(call),
            "select" | "pselect6" | "poll" | "ppoll" | "epoll_wait" | "epoll_pwait"
            | "epoll_pwait2" => self.watched.which(call, &mut self.names, &self.waited),
            "epoll_create1" => Meaning::arranges("opens a descriptor for epoll"),
            "epoll_ctl" => self.watched.change(call, &mut self.names),
            "io_uring_setup" => {
                Meaning::arranges("sets up two rings that it shares with the kernel")
            }
            "io_uring_enter" => self.enter(call),
            "rt_sigtimedwait" => self.signal(call),
            "fcntl" | "ioctl" => self.change(call),
            "nanosleep" | "clock_nanosleep" => Meaning::waiting(true, "sleeps"),
            "pause" | "rt_sigsuspend" => Meaning::waiting(true, "a signal"),
            "close" => Meaning::arranges(format!("closes {}", self.first(call))),
            "clone" | "clone3" | "fork" | "vfork" => {
                Meaning::arranges("starts a thread or a process")
            }
            "wait4" | "waitid" => {
                let waited = self.waited.tell(call, From::Sockets(&[]));
                Meaning::waiting(waited, "asks for children that have ended")
            }
            "futex" => futex(call),
            name => Meaning::arranges(name),
        };
        Some(meaning)
    }

    /// Who the call's first argument is.
    fn first(&mut self, call: &Call) -> String {
        descriptor(&call.arguments).map_or_else(|| "it".to_owned(), |who| self.names.of(&who))
    }

    fn opened(&mut self, call: &Call) -> Meaning {
        if let Some(socket) = descriptor(&call.result) {
            self.waited.block(socket, !call.arguments.contains("SOCK_NONBLOCK"));
        }
        Meaning::arranges("opens a socket")
    }

    fn accept(&mut self, call: &Call) -> Meaning {
        let listener = self.first(call);
        let waited = self.waited.tell(call, From::Sockets(&[listener]));
        let Some(client) = descriptor(&call.result) else {
            return Meaning::asks("for a client", call.error());
        };
        let name = self.names.of(&client);
        self.waited.block(client, !call.arguments.contains("SOCK_NONBLOCK"));
        self.waited.accepted(&name);
        match waited {
            true => Meaning::new(Phase::Waits, format!("waits for a client, and takes {name}")),
            false => Meaning::arranges(format!("takes {name}")),
        }
    }

    fn receive(&mut self, call: &Call) -> Meaning {
        let who = self.first(call);
        let waited = self.waited.tell(call, From::Sockets(std::slice::from_ref(&who)));
        match (call.error(), call.number()) {
            (Some("ECONNRESET"), _) => {
                self.waited.ended(&who);
                Meaning::waiting(waited, &format!("{who} has reset the connection"))
            }
            (Some(error), _) => Meaning::asks(&format!("for data of {who}"), Some(error)),
            (None, Some(0)) => {
                self.waited.ended(&who);
                Meaning::waiting(waited, &format!("{who} has closed: the end of the stream"))
            }
            (None, length) => {
                self.waited.copied(&who, length.and_then(|it| it.try_into().ok()).unwrap_or(0));
                let copies = format!("copies {} of {who} into the process", bytes(length));
                let (phase, words) = match waited {
                    true => (Phase::WaitsAndCopies, format!("waits for data, and {copies}")),
                    false => (Phase::Copies, copies),
                };
                Meaning { phase, words, brings: Some(who) }
            }
        }
    }

    fn send(&mut self, call: &Call) -> Meaning {
        if descriptor(&call.arguments) == Some(Descriptor::Output) {
            return Meaning::arranges("prints");
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

    /// io_uring_enter(fd, to_submit, min_complete, flags, …).
    fn enter(&mut self, call: &Call) -> Meaning {
        let numbers = call.arguments.split(", ").skip(1).take(2);
        let numbers: Vec<u32> = numbers.filter_map(|word| word.parse().ok()).collect();
        let [requests, completions] = numbers[..] else {
            return Meaning::arranges("io_uring_enter");
        };
        let requests = match requests {
            0 => String::new(),
            1 => "hands in 1 request; ".to_owned(),
            requests => format!("hands in {requests} requests; "),
        };
        match completions {
            0 => Meaning::arranges(format!("{requests}asks for nothing")),
            _ => Meaning::waiting(
                self.waited.tell_completion(call),
                &format!("{requests}is something done?"),
            ),
        }
    }

    /// rt_sigtimedwait(2), which brings one signal.
    fn signal(&mut self, call: &Call) -> Meaning {
        let signal = call.result.split(['(', ')']).nth(1).unwrap_or("none");
        let from = call.arguments.split("si_fd=").nth(1);
        let from = from.and_then(|rest| {
            descriptor(rest)
                .map(|who| self.names.of(&who))
                .or_else(|| Some(format!("descriptor {}", rest.split(['}', ',']).next()?)))
        });
        let from = from.map_or_else(String::new, |who| format!(": {who} is ready"));
        let waited = self.waited.tell(call, From::Any);
        Meaning::waiting(waited, &format!("a signal: {signal}{from}"))
    }

    /// A read of a signalfd, which brings all signals that wait.
    fn signals(&mut self, call: &Call) -> Meaning {
        let signals = match call.number().unwrap_or_default() / SIGNAL {
            ..1 => return Meaning::asks("for a signal", call.error()),
            1 => "a signal: a socket is ready".to_owned(),
            count => format!("{count} signals: sockets are ready"),
        };
        Meaning::waiting(self.waited.tell(call, From::Any), &signals)
    }

    fn change(&mut self, call: &Call) -> Meaning {
        let who = self.first(call);
        let arguments = &call.arguments;
        let is_flags = arguments.contains("F_SETFL") || arguments.contains("FIONBIO");
        let blocks = !(arguments.contains("FIONBIO, [1]") || arguments.contains("O_NONBLOCK"));
        if let Some(descriptor) = descriptor(arguments).filter(|_| is_flags) {
            self.waited.block(descriptor, blocks);
        }
        // strace has the kernel's name for O_ASYNC.
        let is_async = arguments.contains("O_ASYNC") || arguments.contains("FASYNC");
        Meaning::arranges(match () {
            () if is_flags && is_async => format!("asks for a signal when {who} is ready"),
            () if arguments.contains("F_SETSIG") => format!("says which signal tells of {who}"),
            () if arguments.contains("F_SETOWN") => format!("says who gets the signals of {who}"),
            () if is_flags && !blocks => format!("makes {who} non-blocking"),
            () if is_flags => format!("makes {who} blocking"),
            () => call.name.clone(),
        })
    }
}

/// futex(2) answers 0 only to who slept and was woken.
fn futex(call: &Call) -> Meaning {
    let slept = call.arguments.contains("FUTEX_WAIT") && call.error() != Some("EAGAIN");
    Meaning::waiting(slept, "a lock or a queue between threads")
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

    /// What calls mean, one after the other; each took so many microseconds.
    fn told(calls: &[(&str, u64)]) -> Vec<String> {
        let mut teller = Teller::default();
        let told = calls.iter().map(|(text, micros)| {
            let line = format!("1 1.000000 {text} <0.{micros:06}>");
            let call = Parser::default().call(&line).unwrap_or_else(|| panic!("{line}"));
            let meaning = teller.tell(&call);
            meaning.map_or_else(String::new, |told| format!("{:?}: {}", told.phase, told.words))
        });
        told.collect()
    }

    const CLIENT: &str = "4<TCP:[127.0.0.1:1->127.0.0.1:2]>";

    fn one(text: &str, micros: u64) -> String {
        told(&[(&text.replace("CLIENT", CLIENT), micros)]).remove(0)
    }

    #[test]
    fn reading_is_told_by_whether_it_waited_and_what_came() {
        let read = |result: &str, micros| {
            one(&format!("recvfrom(CLIENT, \"\", 10, 0, NULL, NULL) = {result}"), micros)
        };
        let copies = "copies 9 bytes of client 1 into the process";
        assert_eq!(read("9", 12), format!("Copies: {copies}"));
        assert_eq!(read("9", 1000), format!("WaitsAndCopies: waits for data, and {copies}"));
        let end = "client 1 has closed: the end of the stream";
        assert_eq!(read("0", 12), format!("Arranges: {end}"));
        assert_eq!(read("0", 1000), format!("Waits: waits: {end}"));
        let asks = "Asks: asks for data of client 1, and is told: not yet";
        assert_eq!(read("-1 EAGAIN (Resource temporarily unavailable)", 12), asks);
        let reset = read("-1 ECONNRESET (Connection reset by peer)", 12);
        assert_eq!(reset, "Arranges: client 1 has reset the connection");
        assert_eq!(read("? ERESTARTSYS (To be restarted if SA_RESTART is set)", 12), "");
    }

    #[test]
    fn sending_is_told_by_where_it_goes() {
        let sent = "Copies: hands 1 byte for client 1 to the kernel";
        assert_eq!(one("sendto(CLIENT, \"a\", 1, MSG_NOSIGNAL, NULL, 0) = 1", 9), sent);
        let refused = "Asks: asks for room to send to client 1, and is told: not yet";
        assert_eq!(one("write(CLIENT, \"a\", 1) = -1 EAGAIN (Try again)", 9), refused);
        assert_eq!(one("write(1<pipe:[7]>, \"a\\n\", 2) = 2", 9), "Arranges: prints");
    }

    #[test]
    fn select_and_poll_name_who_is_ready() {
        let select =
            "pselect6(5, [3<TCP:[127.0.0.1:1]> CLIENT], [], [CLIENT], NULL, NULL) = 1 (in [4])";
        assert_eq!(one(select, 9), "Arranges: which of 2 are ready? client 1");
        assert_eq!(one(select, 5000), "Waits: waits: which of 2 are ready? client 1");
        let poll = "poll([{fd=3<TCP:[127.0.0.1:1]>, events=POLLIN}, {fd=CLIENT, events=POLLIN}], 2, -1) \
                    = 1 ([{fd=3<TCP:[127.0.0.1:1]>, revents=POLLIN}])";
        assert_eq!(one(poll, 9), "Arranges: which of 2 are ready? the listener");
        let timed_out =
            "select(4, [3<TCP:[127.0.0.1:1]>], NULL, NULL, {tv_sec=0, tv_usec=0}) = 0 (Timeout)";
        assert_eq!(one(timed_out, 9), "Arranges: which of 1 are ready? none, in time");
    }

    #[test]
    fn epoll_names_who_was_registered_under_the_number() {
        let epoll = "5<anon_inode:[eventpoll]>";
        let add = format!(
            "epoll_ctl({epoll}, EPOLL_CTL_ADD, {CLIENT}, {{events=EPOLLIN|EPOLLET, data={{u32=77, \
             u64=77}}}}) = 0"
        );
        let wait = format!(
            "epoll_wait({epoll}, [{{events=EPOLLIN, data={{u32=77, u64=77}}}}], 8, -1) = 1"
        );
        let told = told(&[(&add, 9), (&wait, 2000)]);
        assert_eq!(told[0], "Arranges: epoll: watch client 1 for EPOLLIN|EPOLLET");
        assert_eq!(told[1], "Waits: waits: which of 1 are ready? client 1");
    }

    #[test]
    fn signals_rings_and_unknown_calls_are_told() {
        let signal = "rt_sigtimedwait([IO RT_1], {si_signo=SIGRT_1, si_code=POLL_IN, si_fd=CLIENT}, NULL, 8) \
                      = 35 (SIGRT_1)";
        assert_eq!(one(signal, 3000), "Waits: waits: a signal: SIGRT_1: client 1 is ready");
        let enter =
            "io_uring_enter(4<anon_inode:[io_uring]>, 2, 1, IORING_ENTER_GETEVENTS, NULL, 8) = 2";
        assert_eq!(one(enter, 3000), "Waits: waits: hands in 2 requests; is something done?");
        assert_eq!(one("getuid() = 0", 3), "Arranges: getuid");
        assert_eq!(one("fcntl(CLIENT, F_GETFD) = 0x1 (flags FD_CLOEXEC)", 3), "");
        assert_eq!(
            one("ioctl(CLIENT, FIONBIO, [1]) = 0", 3),
            "Arranges: makes client 1 non-blocking"
        );
    }
}
