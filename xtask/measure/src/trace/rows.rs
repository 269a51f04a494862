//! From the lines of strace to the rows of the report: each call is parsed, told and folded.

use std::ops::Range;
use std::time::Duration;

use crate::trace::call::Parser;
use crate::trace::fold::{Folder, Row};
use crate::trace::teller::Teller;

pub struct Rows {
    parser: Parser,
    teller: Teller,
    folder: Folder,
    /// From when on calls are shown; `None` as long as the server does not listen.
    begin: Option<Duration>,
    end: Duration,
}

impl Rows {
    /// Of a server whose clients play a script: while they do.
    pub fn of(script: Range<Duration>) -> Rows {
        Rows { begin: Some(script.start), end: script.end, ..Rows::live() }
    }

    /// Of a server that anybody speaks with: from when it listens, for as long as it runs.
    pub fn live() -> Rows {
        Rows {
            parser: Parser::default(),
            teller: Teller::default(),
            folder: Folder::default(),
            begin: None,
            end: Duration::MAX,
        }
    }

    /// When the report begins, since 1970.
    pub fn begin(&self) -> Duration {
        self.begin.unwrap_or_default()
    }

    pub fn has_threads(&self) -> bool {
        self.teller.names.threads() > 1
    }

    /// Takes a line, and returns the rows that cannot grow any more.
    pub fn take(&mut self, line: &str) -> Vec<Row> {
        let Some(call) = self.parser.call(line) else { return Vec::new() };
        // Told although it is not shown: epoll's first client is known by it.
        let thread = self.teller.names.thread(call.thread);
        let Some(meaning) = self.teller.tell(&call) else { return Vec::new() };
        let Some(begin) = self.begin else {
            self.begin = (call.name == "listen").then(|| call.end());
            return Vec::new();
        };
        match call.end() > begin && call.end() <= self.end {
            true => self.folder.take(&call, thread, meaning),
            false => Vec::new(),
        }
    }

    pub fn finish(&mut self) -> Vec<Row> {
        self.folder.finish()
    }
}
