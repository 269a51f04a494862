//! The statement that a number belongs to: what ends on its line, or opens a block there. Where it
//! begins is told by how rustfmt indents, as in the margin of `cargo xtask read`.

use crate::mirror::rust::{self, Kind, Token};
use xtask::catalog::margin::{Margin, Mark};

/// A statement, an item, a match arm, or the header of a block, as positions in the file's tokens.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// Its tokens, without the blocks of several lines inside it: their statements have numbers of
    /// their own. A header's end with the brace; that of a `match` has the patterns of its arms,
    /// too, because they bind what it found.
    pub tokens: Vec<usize>,
}

impl Statement {
    /// That of a number; or why the number does not belong where it is.
    pub fn of(mark: &Mark, margin: &Margin, tokens: &[Token]) -> Result<Statement, &'static str> {
        let on_line = |token: &Token| token.start.line <= mark.line && mark.line <= token.end.line;
        let last = tokens.iter().rposition(on_line).ok_or("is on a line of its own")?;
        let here: Vec<&Token> = tokens.iter().filter(|token| on_line(token)).collect();
        if here.iter().all(|token| is_closing(token)) && here.iter().any(|token| token.is("}")) {
            return Err("is at a lone brace");
        }
        let first_line = margin.first_line(mark);
        let is_of_it = |at: &usize| {
            // `} else {` begins with the end of another block.
            tokens[*at].start.line >= first_line && !tokens[*at].is("}")
        };
        let first = (0..tokens.len()).find(is_of_it).unwrap_or(last);
        if tokens[last].is("{") {
            if last == 0 || [";", "{", "}"].iter().any(|end| tokens[last - 1].is(end)) {
                return Err("is at a block of no statement");
            }
            let mut header = until(first, last, tokens);
            if header.iter().any(|at| tokens[*at].is("match")) {
                header.pop();
                header.extend(patterns(last, tokens));
                header.push(last);
            }
            return Ok(Statement { tokens: header });
        }
        if !ends(last, tokens) {
            return Err("is where no statement ends");
        }
        Ok(Statement { tokens: until(first, last, tokens) })
    }
}

/// Whether a statement or an arm ends with a token: not an argument, nor a part of a chain.
fn ends(last: usize, tokens: &[Token]) -> bool {
    let is_around = |at: &usize| {
        let is_open = tokens[*at].kind == Kind::Open;
        is_open && rust::closing(tokens, *at).is_some_and(|close| close > last)
    };
    let around = (0..last).rfind(is_around).map(|at| &tokens[at]);
    let next_is = |text: &str| tokens.get(last + 1).is_some_and(|next| next.is(text));
    let is_end = [";", ","].iter().any(|sign| tokens[last].is(sign))
        || tokens[last].is("}") && !next_is(".")
        || next_is("}");
    is_end && around.is_none_or(|around| around.is("{"))
}

/// From a token to another one, without the blocks of several lines between them.
fn until(first: usize, last: usize, tokens: &[Token]) -> Vec<usize> {
    let mut said: Vec<usize> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    for at in first..=last {
        said.push(at);
        if tokens[at].is("{") {
            open.push(said.len() - 1);
        } else if tokens[at].is("}") {
            let opening = open.pop().unwrap_or_default();
            if tokens[said[opening]].start.line != tokens[at].start.line {
                said.truncate(opening);
            }
        }
    }
    said
}

/// The patterns of the arms between the braces of a `match`.
fn patterns(brace: usize, tokens: &[Token]) -> Vec<usize> {
    let end = rust::closing(tokens, brace).unwrap_or(brace);
    let mut found = Vec::new();
    let mut is_pattern = true;
    let mut at = brace + 1;
    while at < end {
        let token = &tokens[at];
        let mut next = at + 1;
        if is_pattern {
            let is_end = token.is("if") || token.is("=") && tokens[next].is(">");
            is_pattern = !is_end;
            found.extend(is_pattern.then_some(at));
        } else if token.kind == Kind::Open {
            // An arm ends with its block.
            is_pattern = token.is("{") && tokens[at - 1].is(">");
            next = rust::closing(tokens, at).map_or(end, |close| close + 1);
        } else {
            is_pattern = token.is(",");
        }
        at = next;
    }
    found
}

fn is_closing(token: &Token) -> bool {
    token.kind == Kind::Close || [";", ",", "?"].iter().any(|sign| token.is(sign))
}

#[cfg(test)]
mod tests;
