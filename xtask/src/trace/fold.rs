//! Calls that say the same again and again, as one row.

use std::time::Duration;

use crate::trace::call::Call;
use crate::trace::meaning::{Meaning, Phase};

/// A row of the report: one call, or many that say the same.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The thread that made them.
    pub thread: u32,
    /// The call's name.
    pub name: String,
    /// When the first began, since 1970.
    pub start: Duration,
    /// When the last ended, since 1970.
    pub end: Duration,
    /// How long they took together.
    pub took: Duration,
    /// How many they are.
    pub count: usize,
    /// What they mean.
    pub meaning: Meaning,
}

/// Folds calls as they come: in a stretch of questions that are told "not yet", each question is one
/// row; so is any call that says exactly what the one before said.
#[derive(Default)]
pub struct Folder {
    open: Vec<Row>,
}

impl Folder {
    /// Takes a call, and returns the rows that cannot grow any more.
    pub fn take(&mut self, call: &Call, meaning: Meaning) -> Vec<Row> {
        let row = self.open.iter_mut().find(|row| {
            row.thread == call.thread && row.name == call.name && row.meaning == meaning
        });
        // How long each wait took, and when it ended, is what a reader looks for.
        let waits = matches!(meaning.phase, Phase::Waits | Phase::WaitsAndCopies);
        if let Some(row) = row.filter(|_| !waits) {
            row.end = call.end();
            row.took += call.took;
            row.count += 1;
            return Vec::new();
        }
        let goes_on = meaning.phase == Phase::Asks
            && self.open.iter().all(|row| row.meaning.phase == Phase::Asks);
        let closed = if goes_on { Vec::new() } else { self.finish() };
        self.open.push(Row {
            thread: call.thread,
            name: call.name.clone(),
            start: call.start,
            end: call.end(),
            took: call.took,
            count: 1,
            meaning,
        });
        closed
    }

    /// The rows that are still open.
    pub fn finish(&mut self) -> Vec<Row> {
        std::mem::take(&mut self.open)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(name: &str, at: u64) -> Call {
        Call {
            thread: 1,
            start: Duration::from_micros(at),
            took: Duration::from_micros(2),
            name: name.to_owned(),
            arguments: String::new(),
            result: String::new(),
        }
    }

    fn folded(calls: &[(&str, Phase)]) -> Vec<(String, usize)> {
        let mut folder = Folder::default();
        let mut rows = Vec::new();
        for (at, (name, phase)) in calls.iter().enumerate() {
            let meaning = Meaning { phase: *phase, words: String::new(), brings: None };
            rows.extend(folder.take(&call(name, 10 * at as u64), meaning));
        }
        rows.extend(folder.finish());
        rows.into_iter().map(|row| (row.name, row.count)).collect()
    }

    #[test]
    fn questions_that_take_turns_are_one_row_each() {
        let (asks, copies) = (Phase::Asks, Phase::Copies);
        let calls =
            [("a", asks), ("b", asks), ("a", asks), ("b", asks), ("c", copies), ("a", asks)];
        let expected = [("a", 2), ("b", 2), ("c", 1), ("a", 1)];
        assert_eq!(folded(&calls), expected.map(|(name, count)| (name.to_owned(), count)));
    }

    #[test]
    fn other_calls_are_folded_only_where_they_follow_one_another() {
        let copies = Phase::Copies;
        let calls = [("a", copies), ("a", copies), ("b", copies), ("a", copies)];
        let expected = [("a", 2), ("b", 1), ("a", 1)];
        assert_eq!(folded(&calls), expected.map(|(name, count)| (name.to_owned(), count)));
    }

    #[test]
    fn each_wait_is_a_row() {
        let waits = Phase::Waits;
        let expected = [("a", 1), ("a", 1)].map(|(name, count)| (name.to_owned(), count));
        assert_eq!(folded(&[("a", waits), ("a", waits)]), expected);
    }

    #[test]
    fn a_row_lasts_from_the_first_call_to_the_last() {
        let mut folder = Folder::default();
        let meaning = Meaning { phase: Phase::Asks, words: String::new(), brings: None };
        for at in [10, 20, 50] {
            folder.take(&call("a", at), meaning.clone());
        }
        let row = folder.finish().remove(0);
        assert_eq!((row.start, row.end), (Duration::from_micros(10), Duration::from_micros(52)));
        assert_eq!((row.took, row.count), (Duration::from_micros(6), 3));
    }
}
