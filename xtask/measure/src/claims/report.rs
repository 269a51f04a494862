//! The answers of a run as text.

use xtask::catalog::claim::{Answer, Finding};

/// The measurements that broke, a line each.
pub fn broken(found: &[Finding]) -> Vec<String> {
    let broken = found.iter().filter(|one| one.answer == Answer::Broken);
    broken.map(|Finding { name, why, .. }| format!("{name}: {why}")).collect()
}

/// How many claims had which answer.
pub fn counts(found: &[Finding]) -> String {
    use Answer::{Broken, Depends, False, Holds, Missing};
    let counts = [Holds, False, Depends, Missing, Broken].map(|answer| {
        let count = found.iter().filter(|one| one.answer == answer).count();
        let word = answer.to_string();
        // Of the words only the verbs have a plural.
        let word = if count == 1 { &word } else { word.trim_end_matches('s') };
        format!("{count} {word}")
    });
    counts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::made_up::finding;

    #[test]
    fn answers_are_counted_and_what_broke_is_named() {
        let answers = [Answer::False, Answer::False, Answer::Depends, Answer::Broken];
        let found = answers.map(|answer| finding("short-name", answer));
        assert_eq!(counts(&found), "0 hold, 2 false, 1 depends, 0 missing, 1 broken");
        assert_eq!(broken(&found), ["short-name: The kernel counts them."]);
        assert!(broken(&found[..3]).is_empty());
    }
}
