//! `cargo xtask claims`: measures what the notes claim, and answers each claim with figures.

pub mod claim;
pub mod measure;
pub mod sys;
pub mod table;
