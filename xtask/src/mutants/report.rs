//! What came of the defects, as text.

use std::fmt::Write;

use crate::harness::machine::{date, machine};
use crate::mutants::table::{Mutant, Verdict};
use crate::mutants::{Run, Tried};
use crate::terminal::{plain_table, trimmed};

/// The defects that were found, first found first; those that were not; those that change nothing;
/// how many.
pub fn text(run: &Run) -> String {
    let mut table = plain_table();
    table.set_header(["defect", "server", "found by", "after"]);
    for (one, check) in found(run) {
        let after = format!("{:.1} s", one.time.as_secs_f64());
        table.add_row([one.mutant.name, one.mutant.server, check, &after]);
    }
    let mut text = trimmed(table);
    for one in missed(run) {
        let Mutant { name, server, .. } = one.mutant;
        let once = match one.failed_once.as_slice() {
            [] => String::new(),
            checks => format!(" (failed once, then passed: {})", checks.join(", ")),
        };
        let breaks = one.mutant.breaks;
        let _ = writeln!(text, "NOT FOUND {name} of {server}: {breaks}{once}");
    }
    for (one, reason) in equivalent(run) {
        let Mutant { name, server, .. } = one.mutant;
        let _ = match &one.found {
            None => writeln!(text, "equivalent {name} of {server}: {reason}"),
            Some(cell) => writeln!(
                text,
                "NOT EQUIVALENT {name} of {server}: {} finds it, though {reason}",
                cell.check.name
            ),
        };
    }
    text + &format!("\n{}\n", summary(run))
}

/// `docs/mutants.md`.
pub fn markdown(run: &Run) -> String {
    let mut text = format!(
        "# What the tester finds\n\n\
         Each row is a small defect, put into a copy of a real server as its only change, and the \
         first check of `cargo xtask test-all` that fails because of it, twice in a row, after so \
         many seconds of checks; the check that found it when this file was last written comes \
         first, then quick ones. \
         `cargo xtask mutants --markdown` wrote this file on {}, on {}: {}.\n\n\
         | defect | server | what it breaks | found by | after |\n|---|---|---|---|---|\n",
        date(),
        machine(),
        summary(run),
    );
    let mut row = |one: &Tried, found: &str, after: &str| {
        let Mutant { name, server, breaks, .. } = one.mutant;
        let breaks = breaks.replace('|', "\\|");
        let _ = writeln!(text, "| {name} | {server} | {breaks} | {found} | {after} |");
    };
    for (one, check) in found(run) {
        row(one, check, &format!("{:.1} s", one.time.as_secs_f64()));
    }
    for one in missed(run) {
        row(one, "**nothing**", "");
    }
    text += "\nThese changes are no defects: neither a client nor an operator sees any of them.\n\n\
             | change | server | what it does | why it changes nothing |\n|---|---|---|---|\n";
    for (one, reason) in equivalent(run) {
        let Mutant { name, server, breaks, .. } = one.mutant;
        let _ = writeln!(text, "| {name} | {server} | {breaks} | {reason} |");
    }
    text
}

fn found(run: &Run) -> impl Iterator<Item = (&Tried, &'static str)> {
    defects(run).filter_map(|one| Some((one, one.found.as_ref()?.check.name)))
}

fn missed(run: &Run) -> impl Iterator<Item = &Tried> {
    defects(run).filter(|one| one.found.is_none())
}

fn defects(run: &Run) -> impl Iterator<Item = &Tried> {
    let tried = run.tried.iter();
    tried.filter(|one| matches!(one.mutant.verdict, Verdict::Found))
}

fn equivalent(run: &Run) -> impl Iterator<Item = (&Tried, &'static str)> {
    run.tried.iter().filter_map(|one| match one.mutant.verdict {
        Verdict::Equivalent(reason) => Some((one, reason)),
        Verdict::Found => None,
    })
}

fn summary(run: &Run) -> String {
    format!(
        "{} of {} found in {:.0} s, {} equivalent, seed {}",
        found(run).count(),
        defects(run).count(),
        run.time.as_secs_f64(),
        equivalent(run).count(),
        run.seed
    )
}
