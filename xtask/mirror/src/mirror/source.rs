//! A Rust file with the statements that its numbers belong to.

use std::ops::Deref;

use anyhow::Result;

use crate::mirror::evidence::Value;
use crate::mirror::rust::{self, Token};
use crate::mirror::statement::Statement;
use xtask::catalog::margin::{Margin, Mark};

pub struct Source {
    pub margin: Margin,
    pub comments: Vec<Comment>,
    /// The address that the file's `arguments!` or `client_arguments!` has as default.
    pub address: Option<Value>,
    pub tokens: Vec<Token>,
}

/// Numbers of the note's lines, and the statement that says them.
pub struct Comment {
    pub mark: Mark,
    /// The statement, or why there is none.
    pub statement: Result<Statement, &'static str>,
}

impl Deref for Comment {
    type Target = Mark;

    fn deref(&self) -> &Mark {
        &self.mark
    }
}

impl Source {
    pub fn parse(text: &str) -> Result<Source> {
        let tokens = rust::parse(text)?;
        let margin = Margin::read(text);
        let comment = |mark: &Mark| Comment {
            mark: mark.clone(),
            statement: Statement::of(mark, &margin, &tokens),
        };
        let comments = margin.marks.iter().map(comment).collect();
        Ok(Source { margin, comments, address: address(&tokens), tokens })
    }
}

/// The first argument of `arguments!` or `client_arguments!`.
fn address(tokens: &[Token]) -> Option<Value> {
    let names = ["arguments", "client_arguments"];
    let is_call = |four: &&[Token]| names.iter().any(|name| four[0].is(name)) && four[1].is("!");
    tokens.windows(4).find(is_call).map(|four| Value::of(&four[3].text))
}
