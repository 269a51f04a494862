//! The statements of a Rust file: to which of them a number belongs.

use std::ops::Range;

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Arm, Block, ExprIf, ExprMatch, File, ImplItem, Item, Macro, Stmt};

use crate::mirror::rust::{self, Kind, Token};

/// A statement, an item, a match arm, or the header of a block, as positions in the file's tokens.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// Its tokens, without the blocks of several lines inside it: their statements have numbers of
    /// their own. A header's end with the brace; that of a `match` has the patterns of its arms,
    /// too, because they bind what it found.
    pub tokens: Vec<usize>,
}

#[derive(Default)]
pub struct Statements {
    /// Ranges of tokens of statements, items and arms.
    ranges: Vec<Range<usize>>,
    /// The same of what follows an `else`, with it.
    elses: Vec<Range<usize>>,
    /// The braces of `match`, with the tokens of the patterns below.
    patterns: Vec<(usize, Range<usize>)>,
}

impl Statements {
    pub fn new(file: &File, tokens: &[Token]) -> Statements {
        let mut finder = Finder { tokens, found: Statements::default() };
        finder.visit_file(file);
        finder.found
    }

    /// The statement of a line's number: what opens a block there, or ends there.
    pub fn of_line(&self, line: usize, tokens: &[Token]) -> Result<Statement, &'static str> {
        let on_line = |token: &Token| token.start.line <= line && line <= token.end.line;
        let last = tokens.iter().rposition(on_line).ok_or("is on a line of its own")?;
        let here = tokens.iter().filter(|token| on_line(token));
        let (closing, other): (Vec<_>, Vec<_>) = here.partition(|token| is_closing(token));
        if other.is_empty() && closing.iter().any(|token| token.is("}")) {
            return Err("is at a lone brace");
        }
        if tokens[last].is("{") {
            return self.opened_by(last, tokens);
        }
        let ends = [last + 1, if tokens[last].is(",") { last } else { last + 1 }];
        let ending = self.ranges.iter().filter(|range| ends.contains(&range.end));
        let innermost =
            ending.min_by_key(|range| range.len()).ok_or("is where no statement ends")?;
        Ok(until(innermost.start, innermost.end - 1, tokens))
    }

    fn opened_by(&self, brace: usize, tokens: &[Token]) -> Result<Statement, &'static str> {
        let around = self.around(brace).ok_or("is at a block of no statement")?;
        let mut header = until(around.start, brace, tokens);
        let patterns = self.patterns.iter().filter(|(opening, _)| *opening == brace);
        let below = patterns.flat_map(|(_, pattern)| pattern.clone());
        header.tokens.pop();
        header.tokens.extend(below.chain([brace]));
        Ok(header)
    }

    /// The innermost statement, or `else`, around a token.
    fn around(&self, token: usize) -> Option<&Range<usize>> {
        let around = self.ranges.iter().chain(&self.elses).filter(|range| range.contains(&token));
        around.min_by_key(|range| range.len())
    }
}

/// From a token to another one, without the blocks of several lines between them.
fn until(first: usize, last: usize, tokens: &[Token]) -> Statement {
    let mut said: Vec<usize> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    for at in without_attributes(first..last + 1, tokens) {
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
    Statement { tokens: said }
}

fn is_closing(token: &Token) -> bool {
    token.kind == Kind::Close || [";", ",", "?"].iter().any(|sign| token.is(sign))
}

/// A range without the attributes that it begins with.
fn without_attributes(mut range: Range<usize>, tokens: &[Token]) -> Range<usize> {
    while range.len() > 2 && tokens[range.start].is("#") && tokens[range.start + 1].is("[") {
        let close = rust::closing(tokens, range.start + 1);
        range.start = close.map_or(range.end, |close| close + 1);
    }
    range
}

struct Finder<'a> {
    tokens: &'a [Token],
    found: Statements,
}

impl Finder<'_> {
    fn range(&self, span: Span) -> Range<usize> {
        let first = self.tokens.partition_point(|token| token.start < span.start());
        first..self.tokens.partition_point(|token| token.start < span.end())
    }

    fn push(&mut self, span: Span) {
        let range = self.range(span);
        self.found.ranges.push(range);
    }
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        self.push(stmt.span());
        visit::visit_stmt(self, stmt);
    }

    fn visit_item(&mut self, item: &'ast Item) {
        self.push(item.span());
        visit::visit_item(self, item);
    }

    fn visit_impl_item(&mut self, item: &'ast ImplItem) {
        self.push(item.span());
        visit::visit_impl_item(self, item);
    }

    fn visit_expr_match(&mut self, expr: &'ast ExprMatch) {
        let brace = self.range(expr.brace_token.span.open()).start;
        for arm in &expr.arms {
            let pattern = self.range(arm.pat.span());
            self.found.patterns.push((brace, pattern));
        }
        visit::visit_expr_match(self, expr);
    }

    fn visit_arm(&mut self, arm: &'ast Arm) {
        self.push(arm.span());
        visit::visit_arm(self, arm);
    }

    fn visit_expr_if(&mut self, expr: &'ast ExprIf) {
        if let Some((word, branch)) = &expr.else_branch {
            let range = self.range(word.span()).start..self.range(branch.span()).end;
            self.found.elses.push(range);
        }
        visit::visit_expr_if(self, expr);
    }

    /// `thread_local! { static … }` holds statements.
    fn visit_macro(&mut self, one: &'ast Macro) {
        if let syn::MacroDelimiter::Brace(_) = one.delimiter {
            for stmt in one.parse_body_with(Block::parse_within).iter().flatten() {
                self.visit_stmt(stmt);
            }
        }
    }
}

#[cfg(test)]
mod tests;
