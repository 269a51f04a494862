//! The notes' own text, where the reader has it.
//!
//! - [`copies`]: which files of a folder are the notes
//! - [`code`]: the code lines of a listing
//! - [`check`], [`fault`]: what the manifest says of them otherwise
//! - [`original`], [`repair`]: the notes' own programs, as Python can run them
//! - [`python`], [`mod@derive`]: its tokens, and the facts that they say

pub mod check;
pub mod code;
pub mod copies;
pub mod derive;
pub mod fault;
pub mod original;
pub mod python;
pub mod repair;
