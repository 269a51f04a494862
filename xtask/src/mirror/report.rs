//! What the mirror check found, as text.

use crate::mirror::Findings;
use crate::terminal::{plain_table, trimmed};

/// The table of `cargo xtask mirror`, what is wrong, and how much is mirrored.
pub fn mirrors(findings: &Findings) -> String {
    let mut table = plain_table();
    table.set_header(["listing", "file", "lines", "departures"]);
    for row in &findings.rows {
        let lines = format!("{} of {}", row.named, row.to_name);
        table.add_row([&row.listing, &row.file, &lines, &row.departures.to_string()]);
    }
    let faults: String = findings.faults.iter().map(|fault| format!("{fault}\n")).collect();
    let separator = if faults.is_empty() { "" } else { "\n" };
    format!(
        "{}{separator}{faults}\n{} of {} listings, {} of {} code lines\n",
        trimmed(&table),
        findings.complete,
        findings.listings,
        findings.named,
        findings.to_name,
    )
}
