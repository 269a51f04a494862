//! What came of a soak, as text.

use std::sync::PoisonError;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use crate::soak::load::Soaked;
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
    let mut lost = String::new();
    for one in soaked {
        let (before, after) = one.descriptors;
        let count = |count: &AtomicU64| count.load(Relaxed).to_string();
        table.add_row([
            one.server.name.to_owned(),
            count(&one.counts.served),
            count(&one.counts.refused),
            count(&one.counts.lost),
            one.stayed.to_string(),
            format!("{:.1} MiB", one.peak_memory as f64 / 1024.0 / 1024.0),
            format!("{before}, {}, {after}", one.peak_descriptors),
        ]);
        let first_lost = one.counts.first_lost.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(failure) = &*first_lost {
            lost += &format!("first lost of {}: {failure}\n", one.server.name);
        }
    }
    trimmed(table) + &lost
}
