//! What a page says of a claim: the answer of the last `cargo xtask claims --markdown`.

use std::ops::RangeInclusive;
use std::path::Path;

use anyhow::Result;
use maud::{Markup, html};

use crate::page::words;
use crate::place::Place;
use crate::site::Site;
use crate::{page, text};
use xtask::catalog::claim::{self, Answers, Claim, Finding};
use xtask::catalog::language::Language;

/// The claims that have an answer.
#[derive(Debug, Default)]
pub struct Claims {
    claims: Vec<Answered>,
}

/// A claim with its answer. Words are Markdown.
#[derive(Debug)]
struct Answered {
    claim: Claim,
    places: Vec<Place>,
    found: Finding,
}

impl Claims {
    /// Reads the claims of the workspace at `root` and their answers; where nothing was measured,
    /// there are none.
    ///
    /// # Errors
    /// When a file cannot be read, or is malformed.
    pub fn read(root: &Path) -> Result<Claims> {
        Ok(Claims::of(claim::read(root)?, Answers::read(root)?))
    }

    fn of(claims: Vec<Claim>, answers: Answers) -> Claims {
        let mut answers = answers.answer;
        let answered = claims.into_iter().filter_map(|claim| {
            let answer = answers.iter().position(|answer| answer.name == claim.name)?;
            let places = claim.at.iter().flat_map(|place| place.parse()).collect();
            Some(Answered { claim, places, found: answers.swap_remove(answer) })
        });
        Claims { claims: answered.collect() }
    }

    /// What is known of the claims in some lines of a note, in the order of the lines.
    pub fn beside(&self, note: &str, lines: &RangeInclusive<usize>) -> Markup {
        let here = self.claims.iter().map(|claim| (claim.lines_in(note, lines), claim));
        let mut here: Vec<_> = here.filter(|(lines, _)| !lines.is_empty()).collect();
        here.sort_by_key(|(lines, _)| lines[0]);
        let is_alone = lines.start() == lines.end();
        html! {
            @for (lines, claim) in here {
                (claim.aside(&html! {
                    @for line in lines.iter().filter(|_| !is_alone) {
                        a href={ "#" (line) } { (note) ":" (line) } ", "
                    }
                }))
            }
        }
    }

    /// The same in a terminal: each claim of some lines with its answer.
    pub fn told(&self, note: &str, lines: &RangeInclusive<usize>, language: Language) -> String {
        let here = self.claims.iter().filter(|claim| !claim.lines_in(note, lines).is_empty());
        let told: Vec<String> = here.map(|claim| claim.told(language)).collect();
        told.join("\n")
    }

    /// Each line of a note that claims something, as it is called, with the claim and its answer.
    pub fn in_note(&self, note: &str, language: Language) -> Vec<(usize, String, String)> {
        let rows = self.claims.iter().flat_map(|claim| {
            let here = claim.places.iter().filter(|place| place.note == note);
            here.map(|at| (*at.lines.start(), at.to_string(), claim.line(language)))
        });
        rows.collect()
    }

    /// The body of the page with all of them.
    pub fn body(&self, site: &Site) -> Markup {
        html! {
            h1 { (words("What the notes claim, measured", "笔记里的说法，逐条实测")) }
            @for claim in &self.claims {
                section { (claim.aside(&html! {
                    @for place in &claim.places { (site.link(place)) ", " }
                })) }
            }
        }
    }
}

impl Answered {
    /// Which of some lines of a note say it.
    fn lines_in(&self, note: &str, lines: &RangeInclusive<usize>) -> Vec<usize> {
        let of_note = self.places.iter().filter(|place| place.note == note);
        let of_note = of_note.map(|place| *place.lines.start());
        let mut here: Vec<usize> = of_note.filter(|line| lines.contains(line)).collect();
        here.sort_unstable();
        here
    }

    /// The answer in one line.
    fn line(&self, language: Language) -> String {
        format!("{}: {}", self.found.answer, self.claim.words(language))
    }

    /// The answer in lines for a terminal, and the command that measures again.
    fn told(&self, language: Language) -> String {
        let entry = self.claim.entry(&self.found, language);
        format!("{entry}  cargo xtask claims {}\n", self.claim.name)
    }

    /// The answer, after the places that it is about.
    fn aside(&self, places: &Markup) -> Markup {
        let zh = &self.claim.zh;
        html! {
            aside class={ "claim " (self.found.answer) } {
                p {
                    (places)
                    b { (self.found.answer) } ": "
                    (page::said(&self.claim.claim, Some(&zh.claim)))
                    " " code { (self.claim.name) }
                }
                @if !self.found.figures.is_empty() {
                    p { (words("Measured: ", "实测：")) (text::inline(&self.found.figures)) }
                }
                p {
                    (page::said(&self.found.why, zh.why.get(&self.found.answer).map(String::as_str)))
                    (words(" Source: ", "出处：")) (text::inline(&self.claim.source)) "."
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use xtask::catalog::claim::Answer::{self, Depends, False, Holds, Missing};
    use xtask::catalog::claim::Chinese;

    fn claims(rows: &[(&[&str], Answer)]) -> Claims {
        let name = |index: usize| format!("claim-{index}");
        let claim = |(index, (at, _)): (usize, &(&[&str], Answer))| Claim {
            name: name(index),
            at: at.iter().map(|place| (*place).to_owned()).collect(),
            claim: "`a<b>` is <so>".to_owned(),
            why: BTreeMap::new(),
            source: "poll(2)".to_owned(),
            zh: Chinese::default(),
        };
        let answer = |(index, (_, answer)): (usize, &(&[&str], Answer))| Finding {
            name: name(index),
            answer: *answer,
            figures: if *answer == Missing { String::new() } else { "7 µs".to_owned() },
            why: "no <such> call".to_owned(),
        };
        let answers = rows.iter().enumerate().map(answer).collect();
        let answers = Answers { answer: answers, ..Answers::default() };
        Claims::of(rows.iter().enumerate().map(claim).collect(), answers)
    }

    #[test]
    fn words_are_escaped_and_what_was_not_measured_is_left_out() {
        let claims = claims(&[(&["000:1"], Depends), (&["000:2"], Missing)]);
        let html = claims.beside("000", &(1..=1)).into_string();
        assert!(html.contains("<b>depends</b>: <code>a&lt;b&gt;</code> is &lt;so&gt;"), "{html}");
        assert!(html.contains("实测：</span>7 µs"), "{html}");
        assert!(html.contains("<p>no &lt;such&gt; call<span"), "{html}");
        assert!(html.contains("出处：</span>poll(2).</p>"), "{html}");
        let html = claims.beside("000", &(2..=2)).into_string();
        assert!(html.contains("<b>missing</b>") && !html.contains("Measured"), "{html}");
    }

    #[test]
    fn a_claim_is_at_its_lines_only_and_those_of_a_block_are_in_their_order() {
        let claims = claims(&[(&["000:1", "003:134"], False), (&["003:133", "003:131"], Holds)]);
        let beside = |note, lines| claims.beside(note, &lines).into_string();
        assert_eq!(beside("000", 2..=9), "");
        assert_eq!(beside("002", 1..=1), "");
        assert!(beside("000", 1..=1).contains("<p><b>false</b>: "), "{}", beside("000", 1..=1));
        let html = beside("003", 130..=140);
        let lines = [
            "<p><a href=\"#131\">003:131</a>, <a href=\"#133\">003:133</a>, <b>holds</b>: ",
            "<p><a href=\"#134\">003:134</a>, <b>false</b>: ",
        ];
        let places =
            lines.map(|line| html.find(line).unwrap_or_else(|| panic!("{line} in {html}")));
        assert!(places.is_sorted(), "{html}");
    }
}
