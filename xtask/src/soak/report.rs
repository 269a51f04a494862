//! What came of a soak, as text.

use crate::soak::Soaked;
use crate::terminal::{plain_table, trimmed};

/// The table of `cargo xtask soak`, and what was lost first.
pub fn soaked(soaked: &[Soaked]) -> String {
    let mut table = plain_table();
    table.set_header([
        "server",
        "served",
        "refused",
        "lost",
        "stayed",
        "peak memory",
        "descriptors: before, peak, after",
    ]);
    for one in soaked {
        let (before, after) = one.descriptors;
        table.add_row([
            one.server.name.to_owned(),
            one.served.to_string(),
            one.refused.to_string(),
            one.lost.to_string(),
            one.stayed.to_string(),
            format!("{:.1} MiB", one.peak_memory as f64 / 1024.0 / 1024.0),
            format!("{before}, {}, {after}", one.peak_descriptors),
        ]);
    }
    let lost = soaked.iter().filter_map(|one| Some((one.server.name, one.first_lost.as_ref()?)));
    let lost = lost.map(|(name, failure)| format!("first lost of {name}: {failure}\n"));
    trimmed(table) + &lost.collect::<String>()
}
