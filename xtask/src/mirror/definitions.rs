//! The values that a statement reaches through a name: a constant's, and the default address.

use std::collections::HashMap;

use crate::mirror::evidence::Value;
use crate::mirror::rust::{Kind, Token};

/// What the names of a file and of its crate's library stand for.
#[derive(Default)]
pub struct Definitions {
    /// The address in `arguments!` or `client_arguments!`.
    pub address: Option<Value>,
    constants: HashMap<String, Vec<Value>>,
}

impl Definitions {
    /// Adds those of a file.
    pub fn add(&mut self, tokens: &[Token]) {
        for (at, token) in tokens.iter().enumerate().filter(|(_, token)| token.kind == Kind::Word) {
            match (token.text.as_str(), &tokens[at + 1..]) {
                ("const" | "static", [name, rest @ ..]) if name.kind == Kind::Word => {
                    let values = rest.iter().take_while(|token| !token.is(";"));
                    let values = values.skip_while(|token| !token.is("="));
                    let values = values.filter(|token| token.kind == Kind::Literal);
                    let values = values.map(|token| Value::of(&token.text)).collect();
                    self.constants.insert(name.text.clone(), values);
                }
                ("arguments" | "client_arguments", [sign, _, address, ..]) if sign.is("!") => {
                    self.address = Some(Value::of(&address.text));
                }
                _ => {}
            }
        }
    }

    /// What a name stands for.
    pub fn values(&self, name: &str) -> impl Iterator<Item = &Value> {
        self.constants.get(name).into_iter().flatten()
    }
}
