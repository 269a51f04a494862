//! A thread.
//!
//! Mirrors note 002, lines 11-11.
//!
//! Try: it.
//!
//! Differs from the listing: nowhere.
//!
//! Experiment: none.

fn main() {
    x = thread(); // 11
}
