//! What came of the defects, as text.

use std::fmt::Write;

use crate::mutants::{Run, Tried};
use xtask::catalog::SERVERS;
use xtask::catalog::defect::Defect;
use xtask::harness::machine::{date, machine};
use xtask::terminal::{plain_table, trimmed};
use xtask::test_all::checks::CHECKS;

/// The defects that were found, first found first; those that were not; those that change nothing;
/// how many.
pub fn text(run: &Run) -> String {
    let mut table = plain_table();
    table.set_header(["defect", "server", "found by", "after"]);
    for (one, check) in found(run) {
        let after = format!("{:.1} s", one.time.as_secs_f64());
        table.add_row([&one.defect.name, &one.defect.server, check, &after]);
    }
    let mut text = trimmed(table);
    for one in missed(run) {
        let Defect { name, server, .. } = one.defect;
        let once = match one.failed_once.as_slice() {
            [] => String::new(),
            checks => format!(" (failed once, then passed: {})", checks.join(", ")),
        };
        let breaks = &one.defect.breaks;
        let _ = writeln!(text, "NOT FOUND {name} of {server}: {breaks}{once}");
    }
    for (one, reason) in equivalent(run) {
        let Defect { name, server, .. } = one.defect;
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

/// `docs/mutants.md`: how many defects each server and each check stands for.
pub fn markdown(run: &Run) -> String {
    let mut text = format!(
        "# What the tester finds\n\n\
         A defect is one small edit in a copy of a real server: [the list](../xtask/data/defects). \
         It counts as found when a check of `cargo xtask test-all` fails because of it, twice in a \
         row. [The data](../xtask/data/results/mutants.toml) name the check for each defect. \
         `cargo xtask mutants --markdown` wrote this file on {}, on {}: {}.\n\n\
         | server | defects | found | change nothing |\n|---|---|---|---|\n",
        date(),
        machine(),
        summary(run),
    );
    for server in SERVERS {
        let of_server = |one: &&Tried| one.defect.server == server.name;
        let all = defects(run).filter(of_server).count();
        let equal = equivalent(run).filter(|(one, _)| of_server(one)).count();
        if all + equal > 0 {
            let found = found(run).filter(|(one, _)| of_server(one)).count();
            let _ = writeln!(text, "| {} | {all} | {found} | {equal} |", server.name);
        }
    }
    text += "\n| check | finds first |\n|---|---|\n";
    for check in CHECKS {
        let count = found(run).filter(|(_, found)| *found == check.name).count();
        if count > 0 {
            let _ = writeln!(text, "| {} | {count} |", check.name);
        }
    }
    for one in missed(run) {
        let Defect { name, server, breaks, .. } = one.defect;
        let _ = write!(text, "\nNo check finds {name} of {server}: {breaks}\n");
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
    run.tried.iter().filter(|one| one.defect.equivalent.is_none())
}

fn equivalent(run: &Run) -> impl Iterator<Item = (&Tried, &str)> {
    run.tried.iter().filter_map(|one| Some((one, one.defect.equivalent.as_deref()?)))
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
