//! `cargo xtask claims`: measures what the notes claim, and answers each claim with figures.

pub mod claim;
pub mod measure;
mod sys;
pub mod table;
