//! Calls for many sockets at once: select(2), poll(2), epoll(7).

use std::collections::BTreeMap;

use crate::trace::call::Call;
use crate::trace::meaning::{Meaning, Phase};
use crate::trace::names::{Names, descriptor, sockets};
use crate::trace::waited::{From, Waited};

/// Who stands behind the numbers that come with epoll's events.
#[derive(Default)]
pub struct Watched(BTreeMap<String, String>);

impl Watched {
    /// What a call that asks which of many sockets are ready means.
    pub fn which(&self, call: &Call, names: &mut Names, waited: &Waited) -> Meaning {
        let is_epoll = call.name.starts_with("epoll_");
        let of = if is_epoll { self.0.len() } else { count(&call.arguments) };
        let ready = match call.number() {
            Some(1..) => self.ready(call, names),
            _ => Vec::new(),
        };
        let from = if ready.is_empty() { From::Any } else { From::Sockets(&ready) };
        let waited = !has_room(call) && waited.tell(call, from);
        let question = match (waited, of) {
            (true, 0) => "waits: is anybody ready?".to_owned(),
            (true, of) => format!("waits: which of {of} are ready?"),
            (false, of) => format!("which of {of} are ready?"),
        };
        let answer = match call.number() {
            Some(0) => "none, in time".to_owned(),
            Some(count) if count > 0 && ready.is_empty() => count.to_string(),
            Some(count) if count > 0 => ready.join(", "),
            _ => call.error().unwrap_or("no answer").to_owned(),
        };
        let phase = if waited { Phase::Waits } else { Phase::Arranges };
        Meaning::new(phase, format!("{question} {answer}"))
    }

    /// What epoll_ctl(2) means: which socket is watched from now on, and for what.
    pub fn change(&mut self, call: &Call, names: &mut Names) -> Meaning {
        let parts: Vec<&str> = call.arguments.splitn(4, ", ").collect();
        let [_epoll, operation, socket, rest @ ..] = parts.as_slice() else {
            return Meaning::arranges("tells epoll something");
        };
        let who = descriptor(socket).map_or_else(|| "it".to_owned(), |who| names.of(&who));
        let event = rest.first().copied().unwrap_or_default();
        let data = event.split("u64=").nth(1).and_then(|rest| rest.split('}').next());
        let events = event.split("events=").nth(1).and_then(|rest| rest.split(',').next());
        let events = events.unwrap_or_default();
        if *operation == "EPOLL_CTL_DEL" {
            self.0.retain(|_, watched| *watched != who);
            return Meaning::arranges(format!("epoll: forget {who}"));
        }
        if let Some(data) = data {
            self.0.insert(data.to_owned(), who.clone());
        }
        let verb = if *operation == "EPOLL_CTL_ADD" { "watch" } else { "from now on watch" };
        Meaning::arranges(format!("epoll: {verb} {who} for {events}"))
    }

    /// The names of the sockets in an answer.
    fn ready(&self, call: &Call, names: &mut Names) -> Vec<String> {
        let by_data = call.arguments.split("u64=").skip(1).filter_map(|rest| {
            let data = rest.split(['}', ',']).next()?;
            Some(self.0.get(data).cloned().unwrap_or_else(|| format!("number {data}")))
        });
        let mut ready: Vec<String> = by_data.collect();
        if ready.is_empty() {
            ready = ready_by_number(call, names);
        }
        ready.dedup();
        ready
    }
}

/// Whether the answer says that somebody has room for more, as a socket has that takes what it is
/// given: nobody waits for that.
fn has_room(call: &Call) -> bool {
    let events = if call.name.starts_with("epoll_") { &call.arguments } else { &call.result };
    ["out [", "POLLOUT"].iter().any(|word| events.contains(word))
}

/// Who stands in the answer of select(2) or poll(2): `(in [3], out [4])`, or
/// `([{fd=3<TCP:[…]>, revents=POLLIN}])`.
fn ready_by_number(call: &Call, names: &mut Names) -> Vec<String> {
    let known = sockets(&call.result);
    if !known.is_empty() {
        return known.iter().map(|who| names.of(who)).collect();
    }
    let numbers = call.result.split(['[', ']', ' ', ',', ')']).skip(1);
    let numbers = numbers.filter(|word| word.parse::<u32>().is_ok());
    let by_number = numbers.filter_map(|number| {
        let socket = format!("{number}<TCP:[");
        let begin = call.arguments.match_indices(&socket).find_map(|(position, _)| {
            let before = call.arguments[..position].bytes().next_back();
            let is_whole = before.is_none_or(|byte| !byte.is_ascii_digit());
            is_whole.then(|| &call.arguments[position..])
        })?;
        Some(names.of(&descriptor(begin)?))
    });
    by_number.collect()
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
