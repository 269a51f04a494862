//! The table of claims, in the order of the notes.

use crate::claims::claim::Claim;

/// All claims.
pub const CLAIMS: &[Claim] = &[];
