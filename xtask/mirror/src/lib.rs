//! What proves the project: [`mirror`] that each mirror says what its listing says, [`mutants`] that
//! the tester finds small defects.

pub mod mirror;
pub mod mutants;
