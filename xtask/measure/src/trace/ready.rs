//! Calls for many sockets at once: select(2), poll(2), epoll(7).

use std::collections::BTreeMap;

use crate::trace::call::Call;
use crate::trace::meaning::Meaning;
use crate::trace::names::{Names, descriptor, sockets};

/// Which sockets are behind the numbers that come with epoll's events.
#[derive(Default)]
pub struct Watched(BTreeMap<String, String>);

impl Watched {
    /// What a call that asks which of many sockets are ready means.
    pub fn which(&self, call: &Call, names: &mut Names) -> Meaning {
        let question = match call.name.starts_with("epoll_") {
            // The kernel has the list: the call does not bring it.
            true => "which are ready?".to_owned(),
            false => format!("which of {} are ready?", count(&call.arguments)),
        };
        let ready = match call.number() {
            Some(1..) => self.ready(call, names),
            _ => Vec::new(),
        };
        let answer = match call.number() {
            Some(0) => "none, in time".to_owned(),
            Some(count) if count > 0 && ready.is_empty() => count.to_string(),
            Some(count) if count > 0 => ready.join(", "),
            _ => call.error().unwrap_or("no answer").to_owned(),
        };
        Meaning::arranges(format!("{question} {answer}"))
    }

    /// What epoll_ctl(2) means: which socket is watched from now on, and for what.
    pub fn change(&mut self, call: &Call, names: &mut Names) -> Meaning {
        let parts: Vec<&str> = call.arguments.splitn(4, ", ").collect();
        let [_epoll, operation, socket, rest @ ..] = parts.as_slice() else {
            return Meaning::other();
        };
        let who = names.first(socket);
        if let Some(error) = call.error() {
            return Meaning::arranges(format!("{operation} of {who}: {error}"));
        }
        let event = rest.first().copied().unwrap_or_default();
        let data = event.split("u64=").nth(1).and_then(|rest| rest.split('}').next());
        let events = event.split("events=").nth(1).and_then(|rest| rest.split(',').next());
        let events = events.unwrap_or_default().replace('|', ", ");
        if *operation == "EPOLL_CTL_DEL" {
            return Meaning::arranges(format!("unregisters {who}"));
        }
        if let Some(data) = data {
            self.0.insert(data.to_owned(), who.clone());
        }
        Meaning::arranges(match *operation {
            "EPOLL_CTL_ADD" => format!("registers {who} for {events}"),
            _ => format!("modifies {who}: {events}"),
        })
    }

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

/// What is in the answer of select(2) or poll(2): `(in [3], out [4])`, or
/// `([{fd=3, revents=POLLIN}])`.
fn ready_by_number(call: &Call, names: &mut Names) -> Vec<String> {
    let words = call.result.split(['[', ']', ' ', ',', ')']).skip(1);
    // Some editions of strace say again what the number is.
    let numbers = words.filter_map(|word| word.trim_start_matches("{fd=").split('<').next());
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
