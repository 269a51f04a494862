//! Whether a call waited (phase 1): it is of a kind that can wait, and it took long.

use std::time::Duration;

use crate::trace::call::Call;
use crate::trace::names::{Descriptor, descriptor};

/// What can wait and takes longer has waited; the shortest pause of the script is ten times as long.
const SHORTEST: Duration = Duration::from_millis(5);

/// Knows which descriptors never wait.
#[derive(Default)]
pub struct Waited {
    non_blocking: Vec<Descriptor>,
}

impl Waited {
    /// Notes whether calls on a descriptor wait from now on.
    pub fn block(&mut self, descriptor: Descriptor, blocks: bool) {
        self.non_blocking.retain(|known| *known != descriptor);
        if !blocks {
            self.non_blocking.push(descriptor);
        }
    }

    /// Whether a call waited that is of a kind that can.
    pub fn tell(&self, call: &Call) -> bool {
        call.took > SHORTEST && self.can(call)
    }

    /// A call cannot wait on a non-blocking descriptor, with a flag that says so, or with a time
    /// limit that is shorter than a wait.
    fn can(&self, call: &Call) -> bool {
        let on = descriptor(&call.arguments);
        let flags = after_data(call);
        let never =
            ["MSG_DONTWAIT", "WNOHANG", "FUTEX_WAKE"].iter().any(|flag| flags.contains(flag));
        let blocks = on.is_none_or(|on| !self.non_blocking.contains(&on));
        blocks && !never && time_limit(call).is_none_or(|limit| limit > SHORTEST)
    }
}

/// How long a call may wait at most; `None` where it has no limit.
fn time_limit(call: &Call) -> Option<Duration> {
    let arguments = after_data(call);
    if let Some((_, time)) = arguments.split_once("{tv_sec=") {
        let (seconds, rest) = time.split_once(", tv_")?;
        let (unit, part) = rest.split_once('=')?;
        let part: u64 = part.split('}').next()?.parse().ok()?;
        let nanos = if unit == "usec" { part * 1000 } else { part };
        return Some(Duration::from_secs(seconds.parse().ok()?) + Duration::from_nanos(nanos));
    }
    let mut from_the_end = arguments.rsplit(", ");
    let millis = match call.name.as_str() {
        "epoll_wait" | "poll" => from_the_end.next(),
        // A set of signals and its size come after it.
        "epoll_pwait" => from_the_end.nth(2),
        _ => None,
    };
    // No limit is written as -1.
    millis?.parse().ok().map(Duration::from_millis)
}

/// A call's arguments after the text that is sent or received.
fn after_data(call: &Call) -> &str {
    call.arguments.rsplit('"').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::call::Parser;

    const CLIENT_1: &str = "4<TCP:[127.0.0.1:1->127.0.0.1:2]>";

    /// Whether a call that took so many microseconds waited.
    fn waited(waited: &Waited, text: &str, micros: u64) -> bool {
        let line = format!("1 1.000000 {} <0.{micros:06}>", text.replace("CLIENT", CLIENT_1));
        waited.tell(&Parser::default().call(&line).unwrap_or_else(|| panic!("{line}")))
    }

    const READ: &str = "recvfrom(CLIENT, \"MSG_DONTWAIT\", 18, 0, NULL, NULL) = 18";

    #[test]
    fn a_call_that_can_wait_and_takes_longer_has_waited() {
        let can = [
            READ,
            "accept4(3<TCP:[127.0.0.1:1]>, NULL, NULL, SOCK_NONBLOCK) = CLIENT",
            "epoll_wait(5<anon_inode:[eventpoll]>, [], 8, -1) = 0",
            "epoll_wait(5<anon_inode:[eventpoll]>, [], 8, 10) = 0",
            "epoll_pwait(5<anon_inode:[eventpoll]>, [], 8, -1, NULL, 8) = 0",
            "poll([{fd=CLIENT, events=POLLIN}], 1, 10) = 0 (Timeout)",
            "pselect6(4, [3<TCP:[127.0.0.1:1]>], [], [], {tv_sec=5, tv_nsec=0}, NULL) = 1 (in [3])",
            "select(4, [3<TCP:[127.0.0.1:1]>], [], [], {tv_sec=0, tv_usec=9000}) = 0 (Timeout)",
            "clock_nanosleep(CLOCK_MONOTONIC, 0, {tv_sec=0, tv_nsec=9000000}, NULL) = 0",
            "wait4(-1, NULL, 0, NULL) = 7",
            "futex(0x7f, FUTEX_WAIT_PRIVATE, 1, NULL) = 0",
        ];
        for call in can {
            assert!(waited(&Waited::default(), call, 5_001), "{call}");
            assert!(!waited(&Waited::default(), call, 5_000), "{call}");
        }
    }

    #[test]
    fn a_call_that_cannot_wait_has_not_waited_however_long_it_took() {
        let cannot = [
            "recvfrom(CLIENT, \"a\", 18, MSG_DONTWAIT, NULL, NULL) = 1",
            "epoll_wait(5<anon_inode:[eventpoll]>, [], 8, 0) = 0",
            "epoll_pwait(5<anon_inode:[eventpoll]>, [], 8, 0, NULL, 8) = 0",
            "poll([{fd=CLIENT, events=POLLIN}], 1, 0) = 0 (Timeout)",
            "select(4, [3<TCP:[127.0.0.1:1]>], [], [], {tv_sec=0, tv_usec=0}) = 0 (Timeout)",
            "clock_nanosleep(CLOCK_MONOTONIC, 0, {tv_sec=0, tv_nsec=200000}, NULL) = 0",
            "wait4(-1, NULL, WNOHANG, NULL) = 7",
            "futex(0x7f, FUTEX_WAKE_PRIVATE, 1) = 1",
        ];
        for call in cannot {
            assert!(!waited(&Waited::default(), call, 900_000), "{call}");
        }
    }

    #[test]
    fn a_descriptor_waits_until_it_is_made_non_blocking_and_again_when_it_is_blocking() {
        let mut knows = Waited::default();
        let client = Descriptor::Connection("127.0.0.1:2".to_owned());
        assert!(waited(&knows, READ, 900_000));
        knows.block(client.clone(), false);
        assert!(!waited(&knows, READ, 900_000));
        knows.block(client, true);
        assert!(waited(&knows, READ, 900_000));
    }
}
