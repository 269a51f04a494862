//! The workspace's own servers: built, launched, loaded, and counted.

use anyhow::{Context, Result, bail};

use crate::bench::syscalls;
use crate::claims::claim::Lack;
use crate::pin::{Processors, on};
use crate::process_usage::Usage;
use crate::units::micros;
use xtask::catalog::{SERVERS, Server, Target};
use xtask::harness::build;
use xtask::harness::launch::Running;
use xtask::harness::outcome::Outcome;
use xtask::harness::output::Output;
use xtask::harness::speaker::Speaker;
use xtask::harness::strace;
use xtask::harness::trial::ANY_PORT;

pub struct Launched {
    pub server: &'static Server,
    pub running: Running,
}

/// Builds a server, and launches it without output for each event, on one processor: where one wakes
/// another, that is dearer than most of what it does.
pub fn launch(name: &str, options: &[&str]) -> Result<Launched> {
    let server = SERVERS.iter().find(|server| server.name == name);
    let server = server.with_context(|| format!("no server is called {name}"))?;
    let kind = if server.target == Target::Bin { "--bin" } else { "--example" };
    let binaries = build::build(&["--package", server.package, kind, name], false)?;
    let line = binaries.line_of(server).context("cargo did not build the server")?;
    let line = line.with([ANY_PORT]).with(["--quiet"]).with(options);
    let processors = Processors::allowed()?;
    let start = || Running::start(&line, server.operator, &Output::default());
    let running = on(processors.of_server(1), start)??;
    Ok(Launched { server, running })
}

impl Launched {
    /// Connects clients, each of which was answered once.
    pub fn clients(&self, count: usize) -> Result<Vec<Speaker>> {
        let connect = |number| {
            let client = Speaker::connect(&self.running, self.server)?;
            client.be_greeted()?;
            client.exchange(number)?;
            Ok(client)
        };
        (0..count).map(connect).collect()
    }

    /// Lets all clients ask at once and then waits for all answers, `times` in a row; returns how
    /// many messages those are.
    pub fn ask(&self, clients: &[Speaker], times: usize) -> Outcome<usize> {
        let talk = self.server.talk;
        for time in 0..times {
            let message = talk.message(time);
            clients.iter().try_for_each(|speaker| speaker.client.send(&message))?;
            clients
                .iter()
                .map(|speaker| &speaker.client)
                .try_for_each(|client| client.receive(&talk.reply(&message, client.addr)))?;
        }
        Ok(times * clients.len())
    }

    /// The processor time that the server takes for each of some things that `act` counts, in
    /// microseconds.
    pub fn micros_each(&self, act: impl FnOnce() -> Outcome<usize>) -> Result<f64> {
        let before = Usage::of(&self.running)?;
        let count = act()?;
        let Usage { time, .. } = Usage::of(&self.running)?.since(before);
        Ok(micros(time) / count as f64)
    }

    /// The system calls that the server makes for each of some things that `act` counts.
    pub fn calls_each(&self, act: impl FnOnce() -> Outcome<usize>) -> Result<f64> {
        if let Some(reason) = strace::refused() {
            bail!(Lack(reason));
        }
        let (calls, count) = syscalls::count(&self.running, act)?;
        Ok(calls.all as f64 / count as f64)
    }
}
