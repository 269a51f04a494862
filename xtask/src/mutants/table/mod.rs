//! The defects: data, and nothing that runs it.
//!
//! Each is an edit of one to five lines that compiles, of the kind that a server's author makes. A
//! change that no client and no operator can see stands here as [`Verdict::Equivalent`], with its
//! reason.

mod blocking;
mod blocking_examples;
mod common;
mod edge_models;
mod epoll;
mod epoll_completion;
mod mechanisms;
mod nonblocking;
mod nonblocking_examples;
mod readiness_models;
mod select;
mod select_examples;
mod selectors;
mod selectors_examples;
mod selectors_tasks;
mod socket;
mod threadpool;
mod threadpool_examples;

use anyhow::{Context, Result};

use crate::catalog::{SERVERS, Server};

/// A small defect of a real server.
pub struct Mutant {
    /// Its name in kebab-case.
    pub name: &'static str,
    /// The server that is tested with it.
    pub server: &'static str,
    /// The file, from the workspace's root.
    pub file: &'static str,
    /// The text that it replaces, which stands once in the file.
    pub from: &'static str,
    /// The text that it puts there.
    pub to: &'static str,
    /// What it breaks, in one sentence.
    pub breaks: &'static str,
    /// Whether a check has to find it.
    pub verdict: Verdict,
}

impl Mutant {
    /// The row of its server in the table of servers.
    ///
    /// # Errors
    /// When no server has that name.
    pub fn row(&self) -> Result<&'static Server> {
        let server = SERVERS.iter().find(|server| server.name == self.server);
        server.with_context(|| format!("{}: no server is called {}", self.name, self.server))
    }
}

/// Whether a check has to find a defect.
#[derive(Clone, Copy)]
pub enum Verdict {
    /// A client or an operator can see it.
    Found,
    /// Neither can; why.
    Equivalent(&'static str),
}

/// All defects, in the order of the crates.
pub fn all() -> impl Iterator<Item = &'static Mutant> {
    let groups: [&[Mutant]; 18] = [
        blocking::MUTANTS,
        blocking_examples::MUTANTS,
        nonblocking::MUTANTS,
        nonblocking_examples::MUTANTS,
        select::MUTANTS,
        select_examples::MUTANTS,
        epoll::MUTANTS,
        epoll_completion::MUTANTS,
        selectors::MUTANTS,
        mechanisms::MUTANTS,
        selectors_examples::MUTANTS,
        selectors_tasks::MUTANTS,
        threadpool::MUTANTS,
        threadpool_examples::MUTANTS,
        common::MUTANTS,
        socket::MUTANTS,
        readiness_models::MUTANTS,
        edge_models::MUTANTS,
    ];
    groups.into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Target;
    use crate::mutants::{rounds, tree};
    use std::collections::BTreeSet;

    /// The fewest defects in all, and of each crate's own server.
    const LEAST: usize = 60;
    const LEAST_OF_A_SERVER: usize = 8;

    #[test]
    fn every_defect_fits_its_file() {
        let misfit = |mutant: &Mutant| {
            let text = std::fs::read_to_string(crate::root().join(mutant.file)).unwrap();
            match tree::replaced(&text, mutant) {
                Ok(changed) if changed == text => Some(format!("{}: no change", mutant.name)),
                Ok(_) => None,
                Err(error) => Some(error.to_string()),
            }
        };
        // All of them at once: a file that was rewritten has many.
        let misfits: Vec<String> = all().filter_map(misfit).collect();
        assert!(misfits.is_empty(), "{}", misfits.join("\n"));
    }

    #[test]
    fn every_name_stands_once() {
        let mut names = BTreeSet::new();
        for mutant in all() {
            assert!(names.insert(mutant.name), "{} stands twice", mutant.name);
        }
    }

    #[test]
    fn every_defect_is_in_the_server_that_is_tested() {
        let dependencies = rounds::dependencies(crate::root()).unwrap();
        for mutant in all() {
            assert!(
                rounds::is_part_of(mutant.file, mutant.row().unwrap(), &dependencies),
                "{}: {} is no part of {}",
                mutant.name,
                mutant.file,
                mutant.server
            );
        }
    }

    #[test]
    fn there_are_enough() {
        let defects: Vec<&Mutant> =
            all().filter(|mutant| matches!(mutant.verdict, Verdict::Found)).collect();
        assert!(defects.len() >= LEAST, "{}", defects.len());
        for server in SERVERS.iter().filter(|server| server.target == Target::Bin) {
            let of_server = defects.iter().filter(|mutant| {
                mutant.server == server.name && !mutant.file.starts_with("common/")
            });
            let count = of_server.count();
            assert!(count >= LEAST_OF_A_SERVER, "{}: {count}", server.name);
        }
    }
}
