//! A thread each.
//!
//! Follows note 002, line 5, in words.
//!
//! Try: it.
//!
//! Costs: a thread.
//!
//! Experiment: none.

fn main() {}
