//! What is measured: [`mod@bench`] what each model costs, [`claims`] what the notes claim, [`trace`]
//! what a server asks of the kernel.
//!
//! - [`statistics`], [`units`], [`pin`], [`process_usage`]: what several of them need

pub mod bench;
pub mod claims;
pub mod pin;
pub mod process_usage;
pub mod statistics;
pub mod trace;
pub mod units;
