//! Calls that say the same again and again, as one row.

use std::time::Duration;

use crate::trace::call::Call;
use crate::trace::meaning::{Meaning, Phase};

/// What calls are called that have no word of their own.
pub const OTHER: &str = "other calls";

/// A row of the report: one call, or many that say the same.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The thread that made them: 1 is the first.
    pub thread: usize,
    /// The call's name, or [`OTHER`].
    pub name: String,
    /// When the first began, since 1970.
    pub start: Duration,
    /// When the last ended, since 1970.
    pub end: Duration,
    /// How long they took together.
    pub took: Duration,
    pub count: usize,
    pub meaning: Meaning,
}

/// Folds calls as they come. In a stretch of questions that are told "not yet" and of calls that
/// have to do with no client, what one thread says again and again is one row, and so are all calls
/// without a word of their own. Elsewhere, a call that says exactly what the one before said is.
#[derive(Default)]
pub struct Folder {
    open: Vec<Row>,
}

impl Folder {
    /// Takes a call of a thread, and returns the rows that cannot grow any more.
    pub fn take(&mut self, call: &Call, thread: usize, mut meaning: Meaning) -> Vec<Row> {
        let has_word = !meaning.words.is_empty();
        let name = if has_word { &call.name } else { OTHER };
        let row = self.open.iter_mut().find(|row| {
            row.thread == thread && row.name == name && (!has_word || row.meaning == meaning)
        });
        // How long each wait took, and when it ended, is what a reader looks for.
        let waits = matches!(meaning.phase, Phase::Waits | Phase::WaitsAndCopies);
        if let Some(row) = row.filter(|_| !waits) {
            row.end = call.end();
            row.took += call.took;
            row.count += 1;
            if !has_word && !row.meaning.words.split(", ").any(|known| known == call.name) {
                row.meaning.words += &format!(", {}", call.name);
            }
            return Vec::new();
        }
        if !has_word {
            meaning.words.clone_from(&call.name);
        }
        let repeats = |phase| matches!(phase, Phase::Asks | Phase::Aside);
        let mut own = self.open.iter().filter(|row| row.thread == thread);
        let goes_on = repeats(meaning.phase) && own.all(|row| repeats(row.meaning.phase));
        let closed = self.open.extract_if(.., |row| !goes_on && row.thread == thread).collect();
        self.open.push(Row {
            thread,
            name: name.to_owned(),
            start: call.start,
            end: call.end(),
            took: call.took,
            count: 1,
            meaning,
        });
        closed
    }

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

    /// Folds calls of a thread with a name and a phase; what begins with `-` has no word.
    fn folded(calls: &[(usize, &str, Phase)]) -> String {
        let mut folder = Folder::default();
        let mut rows = Vec::new();
        for (at, (thread, name, phase)) in calls.iter().enumerate() {
            let words = if name.starts_with('-') { "" } else { "says" };
            let meaning = Meaning::new(*phase, words);
            rows.extend(folder.take(&call(name, 10 * at as u64), *thread, meaning));
        }
        rows.extend(folder.finish());
        let rows = rows.iter().map(|row| format!("[{}] {} × {}", row.thread, row.name, row.count));
        rows.collect::<Vec<_>>().join(", ")
    }

    const ASKS: Phase = Phase::Asks;
    const ASIDE: Phase = Phase::Aside;
    const COPIES: Phase = Phase::Copies;

    #[test]
    fn questions_that_take_turns_are_one_row_each() {
        let round = [(1, "a", ASKS), (1, "b", ASKS), (1, "prints", ASIDE), (1, "sleeps", ASIDE)];
        let calls = [&round[..], &round, &[(1, "c", COPIES), (1, "a", ASKS)]].concat();
        let questions = "[1] a × 2, [1] b × 2, [1] prints × 2, [1] sleeps × 2";
        assert_eq!(folded(&calls), format!("{questions}, [1] c × 1, [1] a × 1"));
    }

    #[test]
    fn calls_without_a_word_are_one_row_of_their_thread() {
        let other = |thread, name| (thread, name, ASIDE);
        let calls =
            [other(1, "-a"), other(2, "-a"), other(1, "-b"), (2, "c", COPIES), other(1, "-a")];
        let expected = "[2] other calls × 1, [1] other calls × 3, [2] c × 1";
        assert_eq!(folded(&calls), expected);
        let mut folder = Folder::default();
        for name in ["mmap", "gettid", "mmap", "map"] {
            folder.take(&call(name, 10), 1, Meaning::other());
        }
        assert_eq!(folder.finish()[0].meaning.words, "mmap, gettid, map");
    }

    #[test]
    fn what_is_told_is_folded_only_where_it_follows_itself_and_a_wait_never() {
        let calls = [(1, "a", COPIES), (1, "a", COPIES), (1, "b", COPIES), (1, "a", COPIES)];
        assert_eq!(folded(&calls), "[1] a × 2, [1] b × 1, [1] a × 1");
        assert_eq!(folded(&[(1, "a", Phase::Waits); 2]), "[1] a × 1, [1] a × 1");
    }

    #[test]
    fn a_row_lasts_from_the_first_call_to_the_last() {
        let mut folder = Folder::default();
        for at in [10, 20, 50] {
            folder.take(&call("a", at), 1, Meaning::new(ASKS, "asks"));
        }
        let row = folder.finish().remove(0);
        assert_eq!((row.start, row.end), (Duration::from_micros(10), Duration::from_micros(52)));
        assert_eq!((row.took, row.count), (Duration::from_micros(6), 3));
    }
}
