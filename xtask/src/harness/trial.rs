//! A server under test, not launched yet.

use std::io::pipe;
use std::net::TcpListener;
use std::os::fd::AsRawFd;
use std::path::Path;
use std::process::{self, ChildStdin};
use std::time::{Duration, Instant};

use crate::catalog::{Concurrency, Journal, NoteClient, Server};
use crate::harness::client::Client;
use crate::harness::command_line::CommandLine;
use crate::harness::launch::Running;
use crate::harness::outcome::{Expect, Kind, Outcome, fail};
use crate::harness::output::{Output, Stream};
use crate::harness::preload::{Preload, Setting, WHOLE_RECEIVES};
use crate::harness::process::wait_for_processes;
use crate::harness::speaker::Speaker;
use crate::harness::wait::wait_within;

/// The loopback interface, and a port that the kernel chooses.
pub const ANY_PORT: &str = "127.0.0.1:0";

/// How long a client waits before it gives up and connects anew, and for how long it tries.
const PATIENCE: Duration = Duration::from_secs(2);
const TRIES: Duration = Duration::from_secs(20);

/// How long the kernel may still hold the listener of a ring whose process has ended.
const END_OF_A_RING: Duration = Duration::from_secs(1);

/// What a check works with: one server, not launched yet.
#[derive(Clone)]
pub struct Trial<'a> {
    /// The server.
    pub server: &'a Server,
    /// What launches it, without arguments.
    pub line: CommandLine,
    /// The value of its `--selector`; `None` leaves the option out.
    pub selector: Option<&'static str>,
    /// The note's client for it, and what launches that.
    pub note_client: Option<(NoteClient, CommandLine)>,
    /// The library that is preloaded into it where a check says so.
    pub preload: Option<&'a Path>,
    /// What it printed so far.
    pub output: Output,
    /// Where random numbers begin.
    pub seed: u64,
}

impl Trial<'_> {
    /// What launches the server on `addr` with `args`, and with the selector of this trial.
    pub fn line(&self, addr: &str, args: &[&str]) -> CommandLine {
        let selector = self.selector.map(|selector| ["--selector", selector]);
        self.line.clone().with([addr]).with(args).with(selector.iter().flatten())
    }

    /// The same with another value of `--selector`.
    pub fn with_selector(&self, selector: Option<&'static str>) -> Self {
        Trial { selector, ..self.clone() }
    }

    /// Whether the server refuses clients that an `fd_set` has no room for.
    pub fn is_bounded_by_fd_set(&self) -> bool {
        self.server.concurrency == Concurrency::FdSet || self.selector == Some("select")
    }

    /// Launches the server on a port that the kernel chooses.
    ///
    /// # Errors
    /// When it does not say where it listens.
    pub fn launch(&self) -> Outcome<Running> {
        self.launch_at(ANY_PORT)
    }

    /// Launches the server on `addr`.
    ///
    /// # Errors
    /// When it does not say where it listens.
    pub fn launch_at(&self, addr: &str) -> Outcome<Running> {
        if self.server.asks_io_uring() {
            wait_until_free(addr)?;
        }
        self.start(addr, self.server.args, self.server.operator)
    }

    fn start(&self, addr: &str, args: &[&str], operator: Option<&'static str>) -> Outcome<Running> {
        let start = |args: &[&str]| Running::start(&self.line(addr, args), operator, &self.output);
        if self.server.journal != Journal::File {
            return self.complete(start(args)?);
        }
        const LOG: &str = "a pipe for the log";
        let (reader, writer) = pipe().expect_to(LOG)?;
        let path = format!("/proc/{}/fd/{}", process::id(), writer.as_raw_fd());
        let started = start(&with_option(args, "--log", &path));
        // Once the server listens, it has opened the file, and the stream ends with its end.
        drop(writer);
        self.output.follow(Stream::Log, reader);
        self.complete(started?)
    }

    /// Waits until a server that listens has all of its processes.
    fn complete(&self, running: Running) -> Outcome<Running> {
        if self.server.processes > 1 {
            wait_for_processes(&running, self.server.processes)?;
        }
        Ok(running)
    }

    /// Launches the server with an operator who types nothing but what is written to the keyboard.
    ///
    /// # Errors
    /// When it does not say where it listens.
    pub fn launch_with_keyboard(&self) -> Outcome<(Running, ChildStdin)> {
        Running::start_with_keyboard(&self.line(ANY_PORT, self.server.args), &self.output)
    }

    /// Launches the server with `args` instead of its own, which are for the checks.
    ///
    /// # Errors
    /// When it does not say where it listens.
    pub fn launch_with(&self, args: &[&str]) -> Outcome<Running> {
        self.start(ANY_PORT, args, self.server.operator)
    }

    /// Launches the server, does `work` with it, and makes sure that it still runs.
    ///
    /// # Errors
    /// Those of `work`, and when the server ended or panicked meanwhile.
    pub fn while_running(&self, work: impl FnOnce(&Running) -> Outcome) -> Outcome {
        self.watch(self.launch()?, work)
    }

    /// The same with nobody at the server's keyboard.
    ///
    /// # Errors
    /// Those of [`while_running`](Trial::while_running).
    pub fn without_operator(&self, work: impl FnOnce(&Running) -> Outcome) -> Outcome {
        self.watch(self.start(ANY_PORT, self.server.args, None)?, work)
    }

    /// The same with the server's arguments for a load.
    ///
    /// # Errors
    /// Those of [`while_running`](Trial::while_running).
    pub fn while_loaded(&self, work: impl FnOnce(&Running) -> Outcome) -> Outcome {
        let (args, operator) = (self.server.load_args, self.server.operator);
        self.watch(self.start(ANY_PORT, args, operator)?, work)
    }

    /// The same with a kernel that cuts, interrupts and refuses what the server asks of it.
    ///
    /// # Errors
    /// Those of [`while_running`](Trial::while_running).
    pub fn while_preloaded(&self, work: impl FnOnce(&Running, &Preload) -> Outcome) -> Outcome {
        self.while_preloaded_with(&[], work)
    }

    /// The same with `settings` for the library.
    ///
    /// # Errors
    /// Those of [`while_running`](Trial::while_running).
    pub fn while_preloaded_with(
        &self,
        settings: &[Setting],
        work: impl FnOnce(&Running, &Preload) -> Outcome,
    ) -> Outcome {
        let library = self.preload.ok_or("it does not");
        let library = library.expect_to("cargo builds preload")?;
        let more = self.server.trusts_short_reads.then_some(WHOLE_RECEIVES);
        let settings: Vec<Setting> = settings.iter().copied().chain(more).collect();
        let preload = Preload::new(library, self.seed, &settings)?;
        let line = self.line(ANY_PORT, self.server.load_args).under(preload.environment());
        let running = Running::start(&line, self.server.operator, &self.output)?;
        let running = self.complete(running)?;
        self.watch(running, |running| work(running, &preload))
    }

    /// The same with room for `count` descriptors from the start.
    ///
    /// # Errors
    /// Those of [`while_running`](Trial::while_running).
    pub fn while_limited(&self, count: u64, work: impl FnOnce(&Running) -> Outcome) -> Outcome {
        let limit = format!("ulimit -Sn {count}; exec \"$0\" \"$@\"");
        let line = self.line(ANY_PORT, self.server.args).behind(&["sh", "-c", &limit]);
        self.watch(Running::start(&line, self.server.operator, &self.output)?, work)
    }

    fn watch(&self, mut running: Running, work: impl FnOnce(&Running) -> Outcome) -> Outcome {
        let verdict = work(&running);
        let panicked = |line: &String| line.contains("panicked at");
        if let Some(line) = self.output.errors().into_iter().find(panicked) {
            return fail("no panic", line);
        }
        running.program.is_alive()?;
        verdict
    }

    /// Connects a client that is greeted and, where it can go on after that, has message `number`
    /// answered. One that hears nothing for two seconds gives up and connects anew: a full backlog
    /// drops packets, and the kernel sends them again after times that double, up to minutes.
    ///
    /// # Errors
    /// When something else comes, or nothing for twenty seconds.
    pub fn connect_patiently(&self, running: &Running, number: usize) -> Outcome<Speaker> {
        let end = Instant::now() + TRIES;
        loop {
            match self.attempt(running, number) {
                Err(failure) if failure.kind == Kind::TimedOut && Instant::now() < end => {}
                outcome => return outcome,
            }
        }
    }

    fn attempt(&self, running: &Running, number: usize) -> Outcome<Speaker> {
        let talk = self.server.talk;
        let client = Client::connect_within(running.addr, PATIENCE)?;
        let speaker = Speaker::new(client, running, self.server);
        if talk.converses() {
            // The client speaks before it is greeted: with a full backlog the kernel answers by SYN
            // cookies, and knows nothing of the client until it says something (tcp(7),
            // tcp_syncookies).
            let message = talk.message(number);
            speaker.client.send(&message)?;
            speaker.be_greeted()?;
            speaker.client.receive(&talk.reply(&message, speaker.client.addr))?;
        } else {
            speaker.be_greeted()?;
        }
        Ok(speaker)
    }

    /// Connects a client that knows what this server says.
    ///
    /// # Errors
    /// When there is no connection.
    pub fn connect(&self, running: &Running) -> Outcome<Speaker> {
        Speaker::connect(running, self.server)
    }
}

/// `args` with `option` set to `value`, whatever it was.
pub fn with_option<'a>(args: &[&'a str], option: &'a str, value: &'a str) -> Vec<&'a str> {
    let mut args = args.to_vec();
    match args.iter().position(|arg| *arg == option) {
        Some(position) => args[position + 1] = value,
        None => args.extend([option, value]),
    }
    args
}

/// Waits until nobody listens on `addr`.
fn wait_until_free(addr: &str) -> Outcome<()> {
    let expected = format!("{addr} is free after {} s", END_OF_A_RING.as_secs());
    wait_within(END_OF_A_RING, expected, || {
        Ok(TcpListener::bind(addr).map(drop).map_err(|error| error.to_string()))
    })
}
