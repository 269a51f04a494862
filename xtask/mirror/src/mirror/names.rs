//! Which names of Rust stand for a name of Python.

use std::sync::LazyLock;

const TABLE: &str = include_str!("names.tsv");

/// What a name of Python is, the name, and the names of Rust.
type Row = (&'static str, &'static str, Vec<&'static str>);

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    let rows = TABLE.lines().filter(|row| !row.starts_with('#'));
    let row = |row: &'static str| {
        let mut columns = row.split('\t');
        let mut next = || columns.next().expect("a row has three columns");
        (next(), next(), next().split(", ").collect())
    };
    rows.map(row).collect()
});

fn of(kind: &str, name: &str) -> &'static [&'static str] {
    let row = ROWS.iter().find(|(of_kind, python, _)| *of_kind == kind && *python == name);
    row.map_or(&[], |(_, _, rust)| rust)
}

/// The names that may stand for a call.
pub fn of_call(name: &str) -> &'static [&'static str] {
    of("call", name)
}

/// The names that may stand for a variable, an attribute, an exception or a keyword.
pub fn of_name(name: &str) -> &'static [&'static str] {
    of("name", name)
}

/// The names of which one brings in what a module of Python does.
pub fn of_module(name: &str) -> &'static [&'static str] {
    of("module", name)
}
