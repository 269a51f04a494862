//! From the lines of strace to the rows of the report: each call is parsed, told and folded.

use std::time::Duration;

use crate::trace::call::Parser;
use crate::trace::fold::{Folder, Row};
use crate::trace::script::Event;
use crate::trace::teller::Teller;

/// How long after the last client's end calls are shown.
const AFTERWARDS: Duration = Duration::from_millis(20);

/// Makes rows of lines as they come.
pub struct Rows {
    parser: Parser,
    teller: Teller,
    folder: Folder,
    /// From when on calls are shown; `None` as long as the server does not listen.
    begin: Option<Duration>,
    /// When the clients had left.
    last: Duration,
}

impl Rows {
    /// Of a server whose clients play a script: from their first event to their last.
    pub fn of(events: &[Event]) -> Rows {
        Rows {
            parser: Parser::default(),
            teller: Teller::of(events),
            folder: Folder::default(),
            begin: Some(events.first().map_or(Duration::ZERO, |event| event.at)),
            last: events.last().map_or(Duration::MAX, |event| event.at),
        }
    }

    /// Of a server that anybody speaks with: from when it listens, for as long as it runs.
    pub fn live() -> Rows {
        Rows { begin: None, teller: Teller::default(), ..Rows::of(&[]) }
    }

    /// When the report begins, since 1970.
    pub fn begin(&self) -> Duration {
        self.begin.unwrap_or_default()
    }

    /// Takes a line, and returns the rows that cannot grow any more.
    pub fn take(&mut self, line: &str) -> Vec<Row> {
        let Some(call) = self.parser.call(line) else { return Vec::new() };
        // Told although it is not shown: epoll's first client is known by it.
        let Some(meaning) = self.teller.tell(&call) else { return Vec::new() };
        let Some(begin) = self.begin else {
            self.begin = (call.name == "listen").then(|| call.end());
            return Vec::new();
        };
        // The signal that ends the server interrupts its last call.
        let is_last = call.end() > self.last && call.error() == Some("EINTR");
        let is_shown = call.end() > begin && call.start <= self.last.saturating_add(AFTERWARDS);
        match is_shown && !is_last {
            true => self.folder.take(&call, meaning),
            false => Vec::new(),
        }
    }

    /// The rows that are still open.
    pub fn finish(&mut self) -> Vec<Row> {
        self.folder.finish()
    }
}
