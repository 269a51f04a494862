//! Which processors the server and its load run on.

use anyhow::{Context, Result, ensure};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// The processors that this process may use: the last one is the load's, the others the servers'.
/// Where there is only one, both share it.
#[derive(Clone, Debug)]
pub struct Processors(Vec<usize>);

impl Processors {
    pub fn allowed() -> Result<Processors> {
        let set = sched_getaffinity(None).context("ask for the processors of this process")?;
        let allowed: Vec<usize> = (0..CpuSet::MAX_CPU).filter(|cpu| set.is_set(*cpu)).collect();
        ensure!(!allowed.is_empty(), "there is no processor");
        Ok(Processors(allowed))
    }

    pub fn count(&self) -> usize {
        self.0.len()
    }

    pub fn of_load(&self) -> &[usize] {
        &self.0[self.0.len() - 1..]
    }

    /// The `count` that a server runs on: the load's own only where all are asked for.
    pub fn of_server(&self, count: usize) -> &[usize] {
        &self.0[..count.clamp(1, self.0.len())]
    }
}

/// Keeps this thread on `processors`, for good; threads and programs that it starts from now on
/// stay there, too.
pub fn stay_on(processors: &[usize]) -> Result<()> {
    let mut set = CpuSet::new();
    processors.iter().for_each(|cpu| set.set(*cpu));
    sched_setaffinity(None, &set).with_context(|| format!("stay on the processors {processors:?}"))
}

/// Does something on `processors`: what it starts stays there, and this thread returns.
pub fn on<T>(processors: &[usize], act: impl FnOnce() -> T) -> Result<T> {
    let before = sched_getaffinity(None).context("ask for the processors of this thread")?;
    stay_on(processors)?;
    let done = act();
    sched_setaffinity(None, &before).context("return to the processors of this thread")?;
    Ok(done)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn a_server_has_the_load_s_processor_only_where_it_has_all() {
        let three = Processors(vec![0, 2, 5]);
        assert_eq!((three.of_load(), three.of_server(1)), (&[5][..], &[0][..]));
        assert_eq!(three.of_server(2), [0, 2]);
        assert_eq!(three.of_server(9), [0, 2, 5]);
        let one = Processors(vec![3]);
        assert_eq!((one.of_load(), one.of_server(1)), (&[3][..], &[3][..]));
    }

    #[test]
    fn what_is_started_stays_and_the_thread_returns() {
        let before = Processors::allowed().unwrap();
        let last = before.of_load().to_vec();
        let status = on(&last, || {
            Command::new("grep").args(["Cpus_allowed_list", "/proc/self/status"]).output()
        });
        let status = String::from_utf8(status.unwrap().unwrap().stdout).unwrap();
        assert_eq!(status.split_whitespace().last(), Some(last[0].to_string().as_str()));
        assert_eq!(Processors::allowed().unwrap().0, before.0);
    }
}
