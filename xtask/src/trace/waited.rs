//! Whether a call waited (phase 1), told by the call itself and by what the clients had done before
//! it began: how long it took tells of the machine, too, which may be busy.

use std::time::Duration;

use crate::trace::call::Call;
use crate::trace::names::{CLIENT, Descriptor, LISTENER, client_name, descriptor};
use crate::trace::script::{Event, What};

/// Where nobody noted what the clients did, a call that could wait and takes as long has waited.
const LONG: Duration = Duration::from_millis(1);

/// What a call may end later than its line says: strace(1) reads the clock for its start, and later
/// once more to measure it, and a busy machine may do something else between the two.
const UNMEASURED: Duration = Duration::from_millis(20);

/// Something that a client did and that the server has not taken yet.
struct Deed {
    at: Duration,
    client: usize,
    what: What,
}

impl Deed {
    /// The name of the socket that it makes ready.
    fn socket(&self) -> String {
        match self.what {
            What::Connects(_) => LISTENER.to_owned(),
            _ => client_name(self.client),
        }
    }
}

/// What a call tells of.
#[derive(Clone, Copy)]
pub enum From<'a> {
    /// The first of these sockets that is ready, by their names.
    Sockets(&'a [String]),
    /// Any socket.
    Any,
}

impl From<'_> {
    /// Whether it can be a socket that the script's clients know.
    fn is_known(self) -> bool {
        let is_socket = |name: &String| name == LISTENER || name.starts_with(CLIENT);
        match self {
            From::Sockets(names) => names.iter().any(is_socket),
            From::Any => true,
        }
    }

    fn holds(self, deed: &Deed) -> bool {
        match self {
            From::Sockets(names) => names.contains(&deed.socket()),
            From::Any => true,
        }
    }
}

/// Knows which descriptors never wait, and what there was for the server when a call began.
#[derive(Default)]
pub struct Waited {
    non_blocking: Vec<Descriptor>,
    /// In the order of time; `None` where nobody noted it.
    deeds: Option<Vec<Deed>>,
}

impl Waited {
    /// Of a server whose clients play a script.
    pub fn of(events: &[Event]) -> Waited {
        let does = |event: &&Event| !matches!(event.what, What::Hears(_) | What::IsClosed);
        let deed =
            |event: &Event| Deed { at: event.at, client: event.client, what: event.what.clone() };
        let deeds = events.iter().filter(does).map(deed).collect();
        Waited { deeds: Some(deeds), ..Waited::default() }
    }

    /// Notes whether calls on a descriptor wait from now on.
    pub fn block(&mut self, descriptor: Descriptor, blocks: bool) {
        self.non_blocking.retain(|known| *known != descriptor);
        if !blocks {
            self.non_blocking.push(descriptor);
        }
    }

    /// Whether a call that brings something waited for it: it began before a client did what the
    /// call tells of.
    pub fn tell(&self, call: &Call, from: From) -> bool {
        if !self.can(call) || call.error() == Some("EAGAIN") {
            return false;
        }
        let Some(deeds) = self.deeds.as_ref().filter(|_| from.is_known()) else {
            return is_in_vain(call) || call.took >= LONG;
        };
        // Without a deed it tells of what there was all the time, for example of room to send.
        let first = deeds.iter().filter(|deed| from.holds(deed)).map(|deed| deed.at).min();
        is_in_vain(call) || first.is_some_and(|at| is_within(call, at))
    }

    /// Whether a call waited for completions, which do not tell whose they are: a client did
    /// something meanwhile.
    pub fn tell_completion(&self, call: &Call) -> bool {
        match &self.deeds {
            Some(deeds) => deeds.iter().any(|deed| is_within(call, deed.at)),
            None => call.took >= LONG,
        }
    }

    /// Takes the first deed of a connection, or the connection itself from the listener.
    pub fn accepted(&mut self, name: &str) {
        let Some(deeds) = &mut self.deeds else { return };
        let connects = |deed: &Deed| {
            matches!(deed.what, What::Connects(_)) && client_name(deed.client) == name
        };
        if let Some(position) = deeds.iter().position(connects) {
            deeds.remove(position);
        }
    }

    /// Takes so many bytes of a client.
    pub fn copied(&mut self, name: &str, mut length: usize) {
        for deed in self.deeds.iter_mut().flatten().filter(|deed| client_name(deed.client) == name)
        {
            if let What::Says(left) = &mut deed.what {
                let taken = length.min(*left);
                *left -= taken;
                length -= taken;
            }
        }
        if let Some(deeds) = &mut self.deeds {
            deeds.retain(|deed| deed.what != What::Says(0));
        }
    }

    /// Takes the end of a client's stream.
    pub fn ended(&mut self, name: &str) {
        if let Some(deeds) = &mut self.deeds {
            deeds.retain(|deed| client_name(deed.client) != name);
        }
    }

    /// Whether a call of its kind can wait at all.
    fn can(&self, call: &Call) -> bool {
        let on = descriptor(&call.arguments);
        // What stands behind the text that is sent or received.
        let last = call.arguments.rsplit('"').next().unwrap_or_default();
        let no_time = match call.name.as_str() {
            "epoll_wait" | "poll" => last.ends_with(", 0"),
            "epoll_pwait" => last.ends_with(", 0, NULL, 8"),
            _ => last.contains("{tv_sec=0, tv_usec=0}") || last.contains("{tv_sec=0, tv_nsec=0}"),
        };
        let never = ["MSG_DONTWAIT", "WNOHANG"].iter().any(|flag| last.contains(flag));
        !no_time && !never && on.is_none_or(|on| !self.non_blocking.contains(&on))
    }
}

/// Whether something was done while a call ran.
fn is_within(call: &Call, at: Duration) -> bool {
    call.start < at && at <= call.end() + UNMEASURED
}

/// Whether a call's time was over before anything came, or a signal came instead.
fn is_in_vain(call: &Call) -> bool {
    let is_over = call.name.starts_with("epoll_") && call.number() == Some(0);
    is_over || call.result.starts_with("0 (Timeout)") || call.error() == Some("EINTR")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::call::Parser;

    const CLIENT_1: &str = "4<TCP:[127.0.0.1:1->127.0.0.1:2]>";

    /// Client 1 connects at 1 s, says 18 bytes at 2 s and leaves at 3 s.
    fn script() -> Waited {
        let does = [
            (1, What::Connects(([127, 0, 0, 1], 2).into())),
            (2, What::Says(18)),
            (3, What::Leaves),
        ];
        let event = |(at, what)| Event { at: Duration::from_secs(at), client: 1, what };
        Waited::of(&does.map(event))
    }

    /// Whether a call from one second to another waited for some socket.
    fn waited(waited: &Waited, text: &str, from: f64, to: f64, socket: &str) -> bool {
        let line = format!("1 {from:.6} {} <{:.6}>", text.replace("CLIENT", CLIENT_1), to - from);
        let call = Parser::default().call(&line).unwrap_or_else(|| panic!("{line}"));
        waited.tell(&call, From::Sockets(&[socket.to_owned()]))
    }

    const READ: &str = "recvfrom(CLIENT, \"\", 18, 0, NULL, NULL) = 18";
    const ACCEPT: &str = "accept4(3<TCP:[127.0.0.1:1]>, NULL, NULL, 0) = CLIENT";

    #[test]
    fn a_call_that_began_before_the_deed_waited_however_short_it_was() {
        assert!(waited(&script(), READ, 1.999_999, 2.000_001, "client 1"));
        assert!(waited(&script(), ACCEPT, 0.999_999, 1.000_001, LISTENER));
    }

    #[test]
    fn a_call_waited_though_its_line_ends_before_the_deed() {
        assert!(waited(&script(), READ, 1.9, 1.998, "client 1"));
        assert!(!waited(&script(), READ, 1.5, 1.6, "client 1"), "it tells of something else");
    }

    #[test]
    fn a_call_that_began_after_the_deed_did_not_wait_however_long_it_was() {
        assert!(!waited(&script(), READ, 2.000_001, 9.0, "client 1"));
        assert!(!waited(&script(), ACCEPT, 1.000_001, 9.0, LISTENER));
    }

    #[test]
    fn what_was_taken_is_no_reason_any_more() {
        let mut script = script();
        script.accepted("client 1");
        script.copied("client 1", 10);
        assert!(!waited(&script, READ, 2.5, 9.0, "client 1"), "8 bytes are left");
        script.copied("client 1", 8);
        assert!(waited(&script, READ, 2.5, 9.0, "client 1"), "the end of the stream is at 3 s");
        script.ended("client 1");
        assert!(!waited(&script, READ, 2.5, 9.0, "client 1"));
    }

    #[test]
    fn what_does_not_block_never_waits() {
        let mut script = script();
        let client = Descriptor::Connection("127.0.0.1:2".to_owned());
        script.block(client.clone(), false);
        assert!(!waited(&script, READ, 1.5, 2.5, "client 1"));
        script.block(client, true);
        assert!(waited(&script, READ, 1.5, 2.5, "client 1"));
        let at_once = READ.replace(", 0, NULL", ", MSG_DONTWAIT, NULL");
        assert!(!waited(&script, &at_once, 1.5, 2.5, "client 1"));
        let looks = "epoll_wait(5<anon_inode:[eventpoll]>, [], 8, 0) = 0";
        assert!(!waited(&script, looks, 1.5, 2.5, "client 1"));
    }

    #[test]
    fn a_time_out_and_a_signal_end_a_wait() {
        for ends in [
            "epoll_wait(5<anon_inode:[eventpoll]>, [], 8, 10) = 0",
            "poll([{fd=CLIENT, events=POLLIN}], 1, 10) = 0 (Timeout)",
            "epoll_wait(5<anon_inode:[eventpoll]>, 0x7f, 8, -1) = -1 EINTR (Interrupted)",
        ] {
            assert!(waited(&script(), ends, 3.5, 3.500_001, "client 1"), "{ends}");
        }
    }

    #[test]
    fn where_nobody_noted_deeds_a_long_call_waited() {
        let live = Waited::default();
        assert!(waited(&live, READ, 1.0, 1.001, "client 1"));
        assert!(!waited(&live, READ, 1.0, 1.000_999, "client 1"));
        assert!(waited(&script(), "read(0<pipe:[7]>, \"a\", 1) = 1", 1.0, 1.001, "pipe:[7]"));
    }

    #[test]
    fn completions_are_waited_for_while_a_client_does_something() {
        let waits = |from: f64, to: f64| {
            let line = format!("1 {from:.6} io_uring_enter(4, 1, 1, 0) = 1 <{:.6}>", to - from);
            script().tell_completion(&Parser::default().call(&line).unwrap())
        };
        assert!(waits(1.999_999, 2.000_001));
        assert!(!waits(2.000_001, 2.9));
    }
}
