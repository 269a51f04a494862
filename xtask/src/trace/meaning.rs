//! What a system call means, in the words of the notes: waiting for data (phase 1), copying it into
//! the process (phase 2).

use std::collections::BTreeMap;
use std::time::Duration;

use crate::trace::call::Call;
use crate::trace::names::{Descriptor, Names, descriptor, sockets};

/// A call that takes as long has waited: without waiting, none of those that are shown takes a
/// tenth of it.
pub const WAITED: Duration = Duration::from_millis(1);

/// What a call is to the two phases of the notes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Phase {
    /// It waited, for data, for a client, for any of many sockets, for a signal or for time.
    Waits,
    /// It asked for data or for a client, and there was none: phase 1, without waiting.
    Asks,
    /// It moved bytes between the kernel and the process.
    Copies,
    /// It waited and then copied, in one call: both phases.
    WaitsAndCopies,
    /// It only told the kernel something.
    Arranges,
}

/// A call, told.
#[derive(Clone, Debug, PartialEq)]
pub struct Meaning {
    /// What it is to the two phases.
    pub phase: Phase,
    /// What it does, in words.
    pub words: String,
    /// The client whose bytes it brought into the process.
    pub brings: Option<String>,
}

/// Tells calls; it knows what was told before.
#[derive(Default)]
pub struct Teller {
    /// Who has which address.
    pub names: Names,
    /// Who stands behind the numbers that come with epoll's events.
    watched: BTreeMap<String, String>,
}

impl Teller {
    /// What `call` means; `None` for what a debug build of std asks only to check itself, and
    /// for a call that never returned.
    pub fn tell(&mut self, call: &Call) -> Option<Meaning> {
        let meaning = match call.name.as_str() {
            "fcntl" if call.arguments.ends_with("F_GETFD") => return None,
            // It never returned: the end of the server interrupted it.
            _ if call.result.starts_with('?') => return None,
            "accept" | "accept4" => self.accept(call),
            "read" | "recvfrom" | "recvmsg" | "readv" => self.receive(call),
            "write" | "sendto" | "sendmsg" | "writev" => self.send(call),
            "select" | "pselect6" | "poll" | "ppoll" => self.which(call, count(&call.arguments)),
            "epoll_wait" | "epoll_pwait" | "epoll_pwait2" => {
                let watched = self.watched.len();
                self.which(call, watched)
            }
            "epoll_create1" => arranges("opens a descriptor for epoll"),
            "epoll_ctl" => self.watch(call),
            "io_uring_setup" => arranges("sets up two rings that it shares with the kernel"),
            "io_uring_enter" => enter(call),
            "rt_sigtimedwait" => self.signal(call),
            "fcntl" | "ioctl" => self.change(call),
            "nanosleep" | "clock_nanosleep" => waiting(call, "sleeps"),
            "close" => arranges(format!("closes {}", self.first(call))),
            "clone" | "clone3" | "fork" | "vfork" => arranges("starts a thread or a process"),
            "wait4" | "waitid" => waiting(call, "asks for children that have ended"),
            "futex" => waiting(call, "a lock or a queue between threads"),
            name => waiting(call, name),
        };
        Some(meaning)
    }

    /// Who the call's first argument is.
    fn first(&mut self, call: &Call) -> String {
        descriptor(&call.arguments).map_or_else(|| "it".to_owned(), |who| self.names.of(&who))
    }

    fn accept(&mut self, call: &Call) -> Meaning {
        match (call.error(), descriptor(&call.result)) {
            (None, Some(client)) if call.took >= WAITED => {
                let client = self.names.of(&client);
                waits(format!("waits for a client, and takes {client}"))
            }
            (None, Some(client)) => arranges(format!("takes {}", self.names.of(&client))),
            (error, _) => asks("for a client", error),
        }
    }

    fn receive(&mut self, call: &Call) -> Meaning {
        let who = self.first(call);
        let waited = call.took >= WAITED;
        match (call.error(), call.number()) {
            (Some("ECONNRESET"), _) => ending(waited, format!("{who} has reset the connection")),
            (Some(error), _) => asks(&format!("for data of {who}"), Some(error)),
            (None, Some(0)) => ending(waited, format!("{who} has closed: the end of the stream")),
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
        if descriptor(&call.arguments) == Some(Descriptor::Output) {
            return arranges("prints");
        }
        let who = self.first(call);
        match call.error() {
            Some("EAGAIN") => asks(&format!("for room to send to {who}"), Some("EAGAIN")),
            Some(error) => arranges(format!("cannot send to {who}: {error}")),
            None => {
                let words = format!("hands {} for {who} to the kernel", bytes(call.number()));
                told(Phase::Copies, words)
            }
        }
    }

    /// select(2), poll(2), epoll_wait(2): one call for many sockets.
    fn which(&mut self, call: &Call, of: usize) -> Meaning {
        let waited = call.took >= WAITED;
        let question = match (waited, of) {
            (true, 0) => "waits: is anybody ready?".to_owned(),
            (true, of) => format!("waits: which of {of} are ready?"),
            (false, of) => format!("which of {of} are ready?"),
        };
        let answer = match call.number() {
            Some(0) => "none, in time".to_owned(),
            Some(count) if count > 0 => self.ready(call, count),
            _ => call.error().unwrap_or("no answer").to_owned(),
        };
        let phase = if waited { Phase::Waits } else { Phase::Arranges };
        told(phase, format!("{question} {answer}"))
    }

    fn ready(&mut self, call: &Call, count: i64) -> String {
        let by_data = call.arguments.split("u64=").skip(1).filter_map(|rest| {
            let data = rest.split(['}', ',']).next()?;
            Some(self.watched.get(data).cloned().unwrap_or_else(|| format!("number {data}")))
        });
        let mut names: Vec<String> = by_data.collect();
        if names.is_empty() {
            names = self.ready_by_number(call);
        }
        names.dedup();
        match names.is_empty() {
            true => count.to_string(),
            false => names.join(", "),
        }
    }

    /// Who stands in the answer of select(2) or poll(2): `(in [3], out [4])`, or
    /// `([{fd=3<TCP:[…]>, revents=POLLIN}])`.
    fn ready_by_number(&mut self, call: &Call) -> Vec<String> {
        let known = sockets(&call.result);
        if !known.is_empty() {
            return known.iter().map(|who| self.names.of(who)).collect();
        }
        let numbers = call.result.split(['[', ']', ' ', ',', ')']);
        let numbers: Vec<&str> =
            numbers.skip(1).filter(|word| word.parse::<u32>().is_ok()).collect();
        let by_number = numbers.iter().filter_map(|number| {
            let begin = call.arguments.match_indices(&format!("{number}<TCP:[")).find_map(
                |(position, _)| {
                    let before = call.arguments[..position].bytes().next_back();
                    let is_whole = before.is_none_or(|byte| !byte.is_ascii_digit());
                    is_whole.then(|| &call.arguments[position..])
                },
            )?;
            Some(self.names.of(&descriptor(begin)?))
        });
        by_number.collect()
    }

    fn watch(&mut self, call: &Call) -> Meaning {
        let parts: Vec<&str> = call.arguments.splitn(4, ", ").collect();
        let [_epoll, operation, socket, rest @ ..] = parts.as_slice() else {
            return arranges("tells epoll something");
        };
        let who = descriptor(socket).map_or_else(|| "it".to_owned(), |who| self.names.of(&who));
        let event = rest.first().copied().unwrap_or_default();
        let data = event.split("u64=").nth(1).and_then(|rest| rest.split('}').next());
        let events = event.split("events=").nth(1).and_then(|rest| rest.split(',').next());
        let events = events.unwrap_or_default();
        match *operation {
            "EPOLL_CTL_DEL" => {
                self.watched.retain(|_, watched| *watched != who);
                arranges(format!("epoll: forget {who}"))
            }
            operation => {
                if let Some(data) = data {
                    self.watched.insert(data.to_owned(), who.clone());
                }
                let verb = if operation == "EPOLL_CTL_ADD" { "watch" } else { "from now on watch" };
                arranges(format!("epoll: {verb} {who} for {events}"))
            }
        }
    }

    fn signal(&mut self, call: &Call) -> Meaning {
        let signal = call.result.split(['(', ')']).nth(1).unwrap_or("none");
        let from = call.arguments.split("si_fd=").nth(1);
        let from = from.and_then(|rest| {
            descriptor(rest)
                .map(|who| self.names.of(&who))
                .or_else(|| Some(format!("descriptor {}", rest.split(['}', ',']).next()?)))
        });
        let from = from.map_or_else(String::new, |who| format!(": {who} is ready"));
        waiting(call, &format!("a signal: {signal}{from}"))
    }

    fn change(&mut self, call: &Call) -> Meaning {
        let who = self.first(call);
        let arguments = &call.arguments;
        let blocking = arguments.contains("FIONBIO, [1]") || arguments.contains("O_NONBLOCK");
        arranges(match () {
            () if arguments.contains("O_ASYNC") => format!("asks for a signal when {who} is ready"),
            () if arguments.contains("F_SETSIG") => format!("says which signal tells of {who}"),
            () if arguments.contains("F_SETOWN") => format!("says who gets the signals of {who}"),
            () if blocking => format!("makes {who} non-blocking"),
            () => call.name.clone(),
        })
    }
}

/// How many sockets select(2) or poll(2) was given; one in two sets is one socket.
fn count(arguments: &str) -> usize {
    let mut sockets = sockets(arguments.split("NULL").next().unwrap_or_default());
    let mut count = 0;
    while let Some(socket) = sockets.pop() {
        count += usize::from(!sockets.contains(&socket));
    }
    count
}

/// io_uring_enter(fd, to_submit, min_complete, flags, …).
fn enter(call: &Call) -> Meaning {
    let numbers: Vec<u32> =
        call.arguments.split(", ").skip(1).take(2).filter_map(|word| word.parse().ok()).collect();
    let [requests, completions] = numbers[..] else {
        return waiting(call, "io_uring_enter");
    };
    let requests = match requests {
        0 => String::new(),
        1 => "hands in 1 request; ".to_owned(),
        requests => format!("hands in {requests} requests; "),
    };
    let waits_for = if completions == 0 { "asks for nothing" } else { "is something done?" };
    waiting(call, &format!("{requests}{waits_for}"))
}

/// A call that may have waited.
fn waiting(call: &Call, words: &str) -> Meaning {
    match call.took >= WAITED {
        true => waits(format!("waits: {words}")),
        false => arranges(words),
    }
}

/// A read that brought no byte, but the news that nothing will come any more.
fn ending(waited: bool, news: String) -> Meaning {
    if waited { waits(format!("waits: {news}")) } else { arranges(news) }
}

fn waits(words: impl Into<String>) -> Meaning {
    told(Phase::Waits, words)
}

fn arranges(words: impl Into<String>) -> Meaning {
    told(Phase::Arranges, words)
}

fn told(phase: Phase, words: impl Into<String>) -> Meaning {
    Meaning { phase, words: words.into(), brings: None }
}

/// A question that the kernel answers at once, by an error.
fn asks(question: &str, error: Option<&str>) -> Meaning {
    match error {
        Some("EAGAIN") => told(Phase::Asks, format!("asks {question}, and is told: not yet")),
        error => arranges(format!("asks {question}: {}", error.unwrap_or("no answer"))),
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
