//! What the mirror check found, as text.

use crate::mirror::figures::Figures;
use crate::mirror::find::Findings;
use xtask::terminal::{plain_table, trimmed, with_lines_below};

/// The table of `cargo xtask mirror`, each file below its figures, what is wrong, and how much is
/// mirrored.
pub fn mirrors(findings: &Findings) -> String {
    let mut table = plain_table();
    table.set_header(["listing", "lines", "numbered", "without", "ratio", "departures", "widest"]);
    let cells = |figures: Figures| {
        [
            figures.numbered.to_string(),
            figures.without.to_string(),
            format!("{:.2}", figures.ratio()),
            figures.departures.to_string(),
            figures.widest.to_string(),
        ]
    };
    for row in &findings.rows {
        let names = [row.listing.clone(), format!("{} of {}", row.named, row.to_name)];
        table.add_row(names.into_iter().chain(cells(row.figures)));
    }
    let lines = format!("{} of {}", findings.named, findings.to_name);
    let names = ["total".to_owned(), lines];
    table.add_row(names.into_iter().chain(cells(findings.total())));
    let faults: String = findings.faults.iter().map(|fault| format!("{fault}\n")).collect();
    let separator = if faults.is_empty() { "" } else { "\n" };
    let files = findings.rows.iter().map(|row| {
        let mark = if row.counts { "" } else { " (a library, not in the total)" };
        format!("{}{mark}", row.file)
    });
    format!(
        "{}{separator}{faults}\n{} of {} listings, {} of {} code lines\n",
        with_lines_below(&trimmed(table), files),
        findings.complete,
        findings.listings,
        findings.named,
        findings.to_name,
    )
}
