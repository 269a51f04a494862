//! The answers as `cargo xtask claims --markdown` wrote them, and what a page says of them.

use std::io::ErrorKind;
use std::ops::RangeInclusive;
use std::path::Path;

use anyhow::{Context, Result};
use maud::{Markup, html};

use crate::claims::markdown::FILE;
use crate::read::place::Place;
use crate::read::text;

/// The claims of the file.
#[derive(Debug, Default)]
pub struct Claims {
    claims: Vec<Claim>,
}

/// A claim with its answer. Words are Markdown.
#[derive(Debug, Default, PartialEq)]
struct Claim {
    name: String,
    /// `holds`, `false`, `depends` or `missing`.
    answer: String,
    claim: String,
    places: Vec<Place>,
    /// Empty where nothing could be measured.
    figures: String,
    why: String,
    source: String,
}

impl Claims {
    /// Reads the file of the workspace at `root`; where there is none, there are no answers.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    pub fn read(root: &Path) -> Result<Claims> {
        match std::fs::read_to_string(root.join(FILE)) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Claims::default()),
            text => Ok(Claims::parse(&text.with_context(|| format!("read {FILE}"))?)),
        }
    }

    fn parse(text: &str) -> Claims {
        let mut claims: Vec<Claim> = Vec::new();
        for line in text.lines() {
            if let Some((name, answer)) = parts(line, "## ") {
                let (name, answer) = (name.to_owned(), answer.to_owned());
                claims.push(Claim { name, answer, ..Claim::default() });
            } else if let (Some((label, words)), Some(claim)) =
                (parts(line, "- "), claims.last_mut())
            {
                match label {
                    "Claim" => words.clone_into(&mut claim.claim),
                    "At" => claim.places = words.split(", ").flat_map(str::parse).collect(),
                    "Measured" => words.clone_into(&mut claim.figures),
                    "Why" => words.clone_into(&mut claim.why),
                    "Source" => words.clone_into(&mut claim.source),
                    _ => {}
                }
            }
        }
        Claims { claims }
    }

    /// What is known of the claims in some lines of a note, in the order of the lines.
    pub fn beside(&self, note: &str, lines: &RangeInclusive<usize>) -> Markup {
        let here = self.claims.iter().map(|claim| (claim.lines_in(note, lines), claim));
        let mut here: Vec<_> = here.filter(|(lines, _)| !lines.is_empty()).collect();
        here.sort_by_key(|(lines, _)| lines[0]);
        let is_alone = lines.start() == lines.end();
        html! {
            @for (lines, claim) in here {
                (claim.aside((!is_alone).then_some(&lines)))
            }
        }
    }
}

/// The two parts of a line such as `- Why: words`.
fn parts<'a>(line: &'a str, begin: &str) -> Option<(&'a str, &'a str)> {
    line.strip_prefix(begin)?.split_once(": ")
}

impl Claim {
    /// Which of some lines of a note say it.
    fn lines_in(&self, note: &str, lines: &RangeInclusive<usize>) -> Vec<usize> {
        let of_note = self.places.iter().filter(|place| place.note == note);
        let of_note = of_note.map(|place| *place.lines.start());
        let mut here: Vec<usize> = of_note.filter(|line| lines.contains(line)).collect();
        here.sort_unstable();
        here
    }

    /// The answer; it names the lines where it stands below several.
    fn aside(&self, lines: Option<&[usize]>) -> Markup {
        html! {
            aside class={ "claim " (self.answer) } {
                p {
                    @for line in lines.unwrap_or_default() {
                        "line " a href={ "#" (line) } { (line) } ", "
                    }
                    b { (self.answer) } ": " (text::inline(&self.claim))
                    " " code { (self.name) }
                }
                @if !self.figures.is_empty() { p { "Measured: " (text::inline(&self.figures)) } }
                p {
                    (text::inline(&self.why))
                    @if !self.source.is_empty() { " Source: " (text::inline(&self.source)) "." }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::claim::{self, Answer, Measured};
    use crate::claims::made_up::{CLAIM, found};
    use crate::claims::{Answered, markdown};

    #[test]
    fn what_the_command_writes_is_read() {
        let missing = Measured::Missing("no <such> call, as `a<b>`".to_owned());
        let answered = [found(Answer::Depends), missing]
            .map(|measured| Answered { claim: &CLAIM, measured: Ok(measured) });
        let claims = Claims::parse(&markdown::text(&answered)).claims;
        let places = CLAIM.at.iter().map(|place| place.parse().unwrap()).collect();
        let expected = Claim {
            name: CLAIM.name.into(),
            answer: "depends".into(),
            claim: CLAIM.claim.into(),
            places,
            figures: "7 of 9 calls, 1.5 µs each".into(),
            why: "The kernel counts them.".into(),
            source: "poll(2)".into(),
        };
        assert_eq!(claims[0], expected);
        let html = claims[1].aside(None).into_string();
        assert!(
            html.contains(
                "<p>no &lt;such&gt; call, as <code>a&lt;b&gt;</code> Source: poll(2).</p>"
            ),
            "{html}"
        );
        assert!(html.contains("<b>missing</b>") && !html.contains("Measured"), "{html}");
    }

    #[test]
    fn a_claim_stands_at_its_lines_only_and_those_of_a_block_in_their_order() {
        const EARLIER: claim::Claim = claim::Claim { at: &["003:133", "003:131"], ..CLAIM };
        let answered = [(&CLAIM, Answer::False), (&EARLIER, Answer::Holds)]
            .map(|(claim, answer)| Answered { claim, measured: Ok(found(answer)) });
        let claims = Claims::parse(&markdown::text(&answered));
        let beside = |note, lines| claims.beside(note, &lines).into_string();
        assert_eq!(beside("000", 2..=9), "");
        assert_eq!(beside("002", 1..=1), "");
        assert!(beside("000", 1..=1).contains("<p><b>false</b>: "), "{}", beside("000", 1..=1));
        let html = beside("003", 130..=140);
        let lines = [
            "<p>line <a href=\"#131\">131</a>, line <a href=\"#133\">133</a>, <b>holds</b>: ",
            "<p>line <a href=\"#134\">134</a>, <b>false</b>: ",
        ];
        let places =
            lines.map(|line| html.find(line).unwrap_or_else(|| panic!("{line} in {html}")));
        assert!(places.is_sorted(), "{html}");
    }
}
