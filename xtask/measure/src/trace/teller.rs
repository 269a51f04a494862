//! What each call of a server means; what one call says depends on those before it.

use std::time::Duration;

use crate::trace::call::Call;
use crate::trace::meaning::{Meaning, Phase};
use crate::trace::names::{Descriptor, Names, descriptor};
use crate::trace::ready::Watched;

/// What takes longer has waited: the shortest pause of the script is more than twice as long, and
/// no call works for so long.
const WAIT: Duration = Duration::from_millis(20);

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
        let waited = call.took > WAIT;
        let meaning = match call.name.as_str() {
            "fcntl" if call.arguments.ends_with("F_GETFD") => return None,
            // It never returned: the end of the server interrupted it.
            _ if call.result.starts_with('?') => return None,
            "socket" => Meaning::arranges("opens a socket"),
            "accept" | "accept4" => self.accept(call, waited),
            "read" if call.arguments.contains("<anon_inode:[signalfd]>") => signals(call, waited),
            "read" | "recvfrom" | "recvmsg" | "readv" => self.receive(call, waited),
            "write" | "sendto" | "sendmsg" | "writev" => self.send(call),
            "select" | "pselect6" | "poll" | "ppoll" | "epoll_wait" | "epoll_pwait"
            | "epoll_pwait2" => self.watched.which(call, &mut self.names, waited),
            "epoll_create1" => Meaning::arranges("opens a descriptor for epoll"),
            "epoll_ctl" => self.watched.change(call, &mut self.names),
            "io_uring_setup" => {
                Meaning::arranges("sets up two rings that it shares with the kernel")
            }
            "io_uring_enter" => enter(call, waited),
            "fcntl" | "ioctl" => self.change(call),
            "nanosleep" | "clock_nanosleep" => {
                Meaning::new(if waited { Phase::Waits } else { Phase::Aside }, "sleeps")
            }
            "close" => self.close(call),
            "clone" | "clone3" | "fork" | "vfork" => self.start(call),
            "wait4" | "waitid" => Meaning::waiting(waited, "asks for children that have ended"),
            "rt_sigtimedwait" => Meaning::waiting(waited, "a signal"),
            "futex" => Meaning::waiting(waited, "a lock or a queue between threads"),
            _ => Meaning::other(),
        };
        Some(meaning)
    }

    fn first(&mut self, call: &Call) -> String {
        self.names.first(&call.arguments)
    }

    fn accept(&mut self, call: &Call, waited: bool) -> Meaning {
        let Some(client) = descriptor(&call.result) else {
            return Meaning::asks("for a client", call.error());
        };
        let name = self.names.of(&client);
        match waited {
            true => Meaning::new(Phase::Waits, format!("waits for a client, and takes {name}")),
            false => Meaning::arranges(format!("takes {name}")),
        }
    }

    fn receive(&mut self, call: &Call, waited: bool) -> Meaning {
        if let Some(Descriptor::Other(_)) = descriptor(&call.arguments) {
            return Meaning::other();
        }
        let who = self.first(call);
        match (call.error(), call.number()) {
            (Some("ECONNRESET"), _) => {
                Meaning::waiting(waited, &format!("{who} has reset the connection"))
            }
            (Some(error), _) => Meaning::asks(&format!("for data of {who}"), Some(error)),
            (None, Some(0)) => {
                Meaning::waiting(waited, &format!("{who} has closed: the end of the stream"))
            }
            (None, length) => {
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
fn signals(call: &Call, waited: bool) -> Meaning {
    let signals = match call.number().unwrap_or_default() / SIGNAL {
        ..1 => return Meaning::asks("for a signal", call.error()),
        1 => "a signal: a socket is ready".to_owned(),
        count => format!("{count} signals: sockets are ready"),
    };
    Meaning::waiting(waited, &signals)
}

/// io_uring_enter(fd, to_submit, min_complete, flags, …).
fn enter(call: &Call, waited: bool) -> Meaning {
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
    match completions {
        0 => Meaning::arranges(format!("{requests}asks for nothing")),
        _ => Meaning::waiting(waited, &format!("{requests}is something done?")),
    }
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
        assert_eq!(read("9", 26_000), format!("WaitsAndCopies: waits for data, and {copies}"));
        let end = "client 1 has closed: the end of the stream";
        assert_eq!(read("0", 12), format!("Arranges: {end}"));
        assert_eq!(read("0", 26_000), format!("Waits: waits: {end}"));
        let asks = "Asks: asks for data of client 1: not yet";
        assert_eq!(read("-1 EAGAIN (Resource temporarily unavailable)", 12), asks);
        let reset = read("-1 ECONNRESET (Connection reset by peer)", 12);
        assert_eq!(reset, "Arranges: client 1 has reset the connection");
        assert_eq!(read("? ERESTARTSYS (To be restarted if SA_RESTART is set)", 12), "");
    }

    #[test]
    fn sending_is_told_by_where_it_goes() {
        let sent = "Copies: hands 1 byte for client 1 to the kernel";
        let send = "sendto(CLIENT, \"a\", 1, MSG_NOSIGNAL, NULL, 0) = 1";
        assert_eq!(one(send, 9), sent);
        assert_eq!(one(send, 26_000), sent, "whether it waited for room is not told");
        let refused = "Asks: asks for room to send to client 1: not yet";
        assert_eq!(one("write(CLIENT, \"a\", 1) = -1 EAGAIN (Try again)", 9), refused);
        assert_eq!(one("write(1<pipe:[7]>, \"a\\n\", 2) = 2", 9), "Aside: prints");
        assert_eq!(one("write(4</dev/null<char 1:3>>, \"a\", 1) = 1", 9), "Aside: ");
    }

    #[test]
    fn select_and_poll_name_who_is_ready() {
        let select =
            "pselect6(5, [3<TCP:[127.0.0.1:1]> CLIENT], [], [CLIENT], NULL, NULL) = 1 (in [4])";
        assert_eq!(one(select, 9), "Arranges: which of 2 are ready? client 1");
        assert_eq!(one(select, 26_000), "Waits: waits: which of 2 are ready? client 1");
        let poll = "poll([{fd=3<TCP:[127.0.0.1:1]>, events=POLLIN}, {fd=CLIENT, events=POLLIN}], 2, -1) \
                    = 1 ([{fd=3<TCP:[127.0.0.1:1]>, revents=POLLIN}])";
        assert_eq!(one(poll, 9), "Arranges: which of 2 are ready? the listener");
        let short = poll.replace("= 1 ([{fd=3<TCP:[127.0.0.1:1]>", "= 1 ([{fd=3");
        assert_eq!(one(&short, 9), "Arranges: which of 2 are ready? the listener");
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
        let forget = format!("epoll_ctl({epoll}, EPOLL_CTL_DEL, {CLIENT}, NULL) = 0");
        let closed = format!("epoll_ctl({epoll}, EPOLL_CTL_DEL, 4, NULL) = -1 EBADF (Bad file)");
        let expected = [
            "Arranges: registers client 1 for EPOLLIN, EPOLLET",
            "Waits: waits: which are ready? client 1",
            "Arranges: which are ready? client 1",
            "Arranges: unregisters client 1",
            "Arranges: EPOLL_CTL_DEL of descriptor 4: EBADF",
        ];
        let calls = [(&*add, 9), (&*wait, 26_000), (&*wait, 9), (&*forget, 9), (&*closed, 9)];
        assert_eq!(told(&calls), expected);
    }

    #[test]
    fn a_thread_has_the_number_in_which_it_was_seen() {
        let thread =
            "clone3({flags=CLONE_VM|CLONE_THREAD, stack=0x7f} => {parent_tid=[8]}, 88) = 8";
        let process = "clone(child_stack=NULL, flags=CLONE_CHILD_SETTID|SIGCHLD) = 9";
        let refused = "clone3({flags=CLONE_VM|CLONE_THREAD}, 88) = -1 EAGAIN (Try again)";
        let expected = [
            "Arranges: starts a thread: [1]",
            "Arranges: starts a process: [2]",
            "Arranges: cannot start a thread: EAGAIN",
        ];
        assert_eq!(told(&[(thread, 9), (process, 9), (refused, 9)]), expected);
    }

    #[test]
    fn signals_rings_and_sleeps_are_told_and_other_calls_have_no_word() {
        let signal = "rt_sigtimedwait([INT TERM], {si_signo=SIGTERM}, NULL, 8) = 15 (SIGTERM)";
        assert_eq!(one(signal, 26_000), "Waits: waits: a signal");
        let signals = "read(7<anon_inode:[signalfd]>, [{ssi_signo=SIGRT_1}], 4096) = 256";
        assert_eq!(one(signals, 9), "Arranges: 2 signals: sockets are ready");
        let enter =
            "io_uring_enter(4<anon_inode:[io_uring]>, 2, 1, IORING_ENTER_GETEVENTS, NULL, 8) = 2";
        assert_eq!(one(enter, 26_000), "Waits: waits: hands in 2 requests; is something done?");
        let sleep = "clock_nanosleep(CLOCK_MONOTONIC, 0, {tv_sec=0, tv_nsec=200000}, NULL) = 0";
        assert_eq!([one(sleep, 900), one(sleep, 90_000)], ["Aside: sleeps", "Waits: sleeps"]);
        for call in [
            "getuid() = 0",
            "read(7</usr/share/zoneinfo/Etc/UTC>, \"TZif2\", 4096) = 114",
            "close(7</usr/share/zoneinfo/Etc/UTC>) = 0",
            "fcntl(CLIENT, F_DUPFD_CLOEXEC, 3) = 9",
        ] {
            assert_eq!(one(call, 90_000), "Aside: ", "{call}");
        }
        assert_eq!(one("fcntl(CLIENT, F_GETFD) = 0x1 (flags FD_CLOEXEC)", 3), "");
        assert_eq!(
            one("ioctl(CLIENT, FIONBIO, [1]) = 0", 3),
            "Arranges: makes client 1 non-blocking"
        );
    }
}
