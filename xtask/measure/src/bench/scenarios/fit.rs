//! How many clients a contender can have.

use crate::bench::cell::{Cell, Work};
use crate::bench::contender::{Contender, Kind};
use crate::bench::load::Size;
use crate::bench::plan::Bench;
use xtask::terminal::grouped;

/// Descriptors that the load and a server have open besides their clients.
const OTHERS: u64 = 64;

/// The cell of a contender that has `size` clients, or as many as it serves at once.
pub fn as_many(scenario: &'static str, contender: &Contender, size: Size) -> Cell {
    let active = size.active.min(contender.most_clients());
    Cell::new(scenario, contender.clone(), Size { active, ..size }, Work::Closed)
}

/// The cell of a contender that has exactly `size` clients.
pub fn exactly(
    bench: &Bench,
    scenario: &'static str,
    contender: &Contender,
    size: Size,
    work: Work,
) -> Result<Cell, String> {
    let clients = size.active + size.idle;
    let most = contender.most_clients();
    if clients > most {
        return Err(format!("serves {} at once", grouped(most as f64)));
    }
    if clients as u64 + OTHERS > bench.descriptors {
        return Err(format!("the system allows {} descriptors", grouped(bench.descriptors as f64)));
    }
    if !contender.takes(size.bytes) {
        return Err(format!(
            "answers each read, and {} bytes take several",
            grouped(size.bytes as f64)
        ));
    }
    Ok(Cell::new(scenario, contender.with_room_for(clients), size, work))
}

/// Whether a contender is in the tables with many sizes: models at their best, and the peers that
/// are compiled.
pub fn stands_for_its_model(contender: &Contender) -> bool {
    match contender.kind {
        Kind::Model => true,
        Kind::Peer => !contender.name.starts_with("asyncio"),
        Kind::Mirror | Kind::Original | Kind::Printing => false,
    }
}

/// What is left out, and why, in one line for all that share a reason.
pub fn told(cut: Vec<(String, String)>) -> Vec<String> {
    let mut told: Vec<(String, Vec<String>)> = Vec::new();
    for (what, why) in cut {
        match told.iter_mut().find(|(known, _)| *known == why) {
            Some((_, all)) => all.push(what),
            None => told.push((why, vec![what])),
        }
    }
    told.into_iter().map(|(why, all)| format!("{}: {why}", all.join(", "))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_told_once() {
        let cut = [("a", "x"), ("b", "y"), ("c", "x")];
        let cut = cut.map(|(what, why)| (what.to_owned(), why.to_owned()));
        assert_eq!(told(cut.to_vec()), ["a, c: x", "b: y"]);
    }
}
