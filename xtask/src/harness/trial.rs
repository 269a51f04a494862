//! A server under test, not launched yet.

use std::ffi::OsString;
use std::io::{ErrorKind, pipe};
use std::net::{SocketAddr, TcpListener};
use std::os::fd::AsRawFd;
use std::path::Path;
use std::process::{self, ChildStdin};
use std::time::{Duration, Instant};

use crate::catalog::{Concurrency, Journal, NoteClient, Server};
use crate::harness::client::Client;
use crate::harness::command_line::CommandLine;
use crate::harness::launch::Running;
use crate::harness::outcome::{Expect, Kind, Outcome, fail, lacking};
use crate::harness::output::{Output, Stream};
use crate::harness::preload::{Preload, Setting, WHOLE_RECEIVES};
use crate::harness::process::wait_for_processes;
use crate::harness::speaker::Speaker;
use crate::harness::tcp::tcp;
use crate::harness::wait::{found_if, wait_within};

/// The loopback interface, and a port that the kernel chooses.
pub const ANY_PORT: &str = "127.0.0.1:0";

/// Why nothing can be preloaded into a server.
pub const STATIC: &str =
    "a server that is linked statically loads no library: its calls cannot be cut or refused";

/// How long a client waits before it gives up and connects anew, and for how long it tries.
const PATIENCE: Duration = Duration::from_secs(2);
const TRIES: Duration = Duration::from_secs(20);

/// How long the kernel may still hold the listener of a ring whose process has ended.
const END_OF_A_RING: Duration = Duration::from_secs(1);

/// How long a connection that has ended holds its port (tcp(7), a minute), and a little more.
const TIME_WAIT: Duration = Duration::from_secs(65);

/// How long a program of somebody else may take to end after a failure that its end may explain.
const END_OF_A_PROGRAM: Duration = Duration::from_millis(500);
/// The same after a pass, which its end takes back.
const END_AFTER_A_PASS: Duration = Duration::from_millis(100);

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
    /// The library that is preloaded into it where a check says so; `None` where the target has no
    /// shared libraries.
    pub preload: Option<&'a Path>,
    /// What it printed so far.
    pub output: Output,
    /// Where random numbers begin.
    pub seed: u64,
}

impl Trial<'_> {
    /// What launches the server on `addr` with `args`, and with the selector of this trial.
    pub fn line(&self, addr: &str, args: &[&str]) -> CommandLine {
        if self.server.is_foreign() {
            return addr.parse().map_or(self.line.clone(), |addr| self.line.clone().filled(addr));
        }
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

    /// The server with its arguments for the checks, on a port that the kernel chooses.
    pub fn launch(&self) -> Launch<'_> {
        self.launch_with(self.server.args)
    }

    /// The same with its arguments for a load.
    pub fn loaded(&self) -> Launch<'_> {
        self.launch_with(self.server.load_args)
    }

    fn launch_with(&self, args: &[&str]) -> Launch<'_> {
        Launch {
            trial: self,
            addr: ANY_PORT.to_owned(),
            args: args.iter().map(|arg| (*arg).to_owned()).collect(),
            operator: self.server.operator,
            wrapper: Vec::new(),
            environment: Vec::new(),
        }
    }

    /// An unhelpful kernel for the server, with `settings` for it.
    ///
    /// # Errors
    /// Those of [`Preload::new`]; a lack where nothing can be preloaded.
    pub fn preload(&self, settings: &[Setting]) -> Outcome<Preload> {
        let Some(library) = self.preload else { return lacking("a library to preload", STATIC) };
        let more = self.server.trusts_short_reads.then_some(WHOLE_RECEIVES);
        let settings: Vec<Setting> = settings.iter().copied().chain(more).collect();
        Preload::new(library, self.seed, &settings)
    }

    /// Connects a client that is greeted and, where it can go on after that, has message `number`
    /// answered. One that hears nothing for two seconds gives up and connects anew, for twenty
    /// seconds: a full backlog drops packets, and the kernel sends them again after times that
    /// double, up to minutes.
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

/// How a server is launched.
pub struct Launch<'a> {
    trial: &'a Trial<'a>,
    addr: String,
    args: Vec<String>,
    operator: Option<&'static str>,
    wrapper: Vec<String>,
    environment: Vec<(&'static str, OsString)>,
}

impl Launch<'_> {
    /// On another address.
    pub fn at(self, addr: &str) -> Self {
        Launch { addr: addr.to_owned(), ..self }
    }

    /// With `args` instead of its own.
    pub fn with(self, args: &[&str]) -> Self {
        Launch { args: args.iter().map(|arg| (*arg).to_owned()).collect(), ..self }
    }

    /// With an option set to `value`, whatever it was.
    pub fn option(mut self, option: &str, value: &str) -> Self {
        set_option(&mut self.args, option, value);
        self
    }

    /// With nobody at its keyboard.
    pub fn without_operator(self) -> Self {
        Launch { operator: None, ..self }
    }

    /// By a program with these words.
    pub fn behind(self, words: &[&str]) -> Self {
        Launch { wrapper: words.iter().map(|word| (*word).to_owned()).collect(), ..self }
    }

    /// With room for `count` descriptors from the start.
    pub fn limited_to(self, count: u64) -> Self {
        let limit = format!("ulimit -Sn {count}; exec \"$0\" \"$@\"");
        self.behind(&["sh", "-c", &limit])
    }

    /// With a kernel that cuts, interrupts and refuses what it asks for.
    pub fn under(self, preload: &Preload) -> Self {
        Launch { environment: preload.environment().collect(), ..self }
    }

    /// What is typed for that.
    pub fn line(&self) -> CommandLine {
        let args: Vec<&str> = self.args.iter().map(String::as_str).collect();
        let wrapper: Vec<&str> = self.wrapper.iter().map(String::as_str).collect();
        let line = self.trial.line(&self.addr, &args).behind(&wrapper);
        line.under(self.environment.iter().cloned())
    }

    /// Launches it, and waits until it listens and has all of its processes.
    ///
    /// # Errors
    /// When it does not say where it listens.
    pub fn start(mut self) -> Outcome<Running> {
        if self.trial.server.is_foreign() {
            return self.start_foreign();
        }
        let (server, output) = (self.trial.server, &self.trial.output);
        if server.asks_io_uring() && self.addr != ANY_PORT {
            wait_until_free(&self.addr)?;
        }
        let running = if server.journal == Journal::File {
            const LOG: &str = "a pipe for the log";
            let (reader, writer) = pipe().expect_to(LOG)?;
            let path = format!("/proc/{}/fd/{}", process::id(), writer.as_raw_fd());
            set_option(&mut self.args, "--log", &path);
            let started = Running::start(&self.line(), self.operator, output);
            // Once the server listens, it has opened the file, and the stream ends with its end.
            drop(writer);
            output.follow(Stream::Log, reader)?;
            started?
        } else {
            Running::start(&self.line(), self.operator, output)?
        };
        // What starts it may be a process of its own.
        if server.processes > 1 && self.wrapper.is_empty() {
            wait_for_processes(&running, server.processes)?;
        }
        Ok(running)
    }

    fn start_foreign(self) -> Outcome<Running> {
        const ADDR: &str = "an address to listen on";
        let server = self.trial.server;
        let addr: SocketAddr = server.addr.parse().expect_to(ADDR)?;
        let addr = match (self.addr.as_str(), addr.port()) {
            (ANY_PORT, 0) => {
                let holder = TcpListener::bind(ANY_PORT).expect_to(ADDR)?;
                holder.local_addr().expect_to(ADDR)?
            }
            (ANY_PORT, _) => addr,
            (addr, _) => addr.parse().expect_to(ADDR)?,
        };
        let is_fixed = self.addr == ANY_PORT && server.addr == addr.to_string();
        let launch = self.at(&addr.to_string());
        let start =
            || Running::start_on(addr, &launch.line(), launch.operator, &launch.trial.output);
        let is_free = || tcp(addr.port()).map(|sockets| sockets.is_empty());
        match start() {
            Err(_) if is_fixed && is_free().is_ok_and(|is_free| !is_free) => {
                // Connections of the one before hold the port if it does not set SO_REUSEADDR.
                wait_within(TIME_WAIT, "a port that is free", || {
                    Ok(found_if(is_free().expect_to(ADDR)?, "it is held"))
                })?;
                start()
            }
            started => started,
        }
    }

    /// Launches it with an operator who types nothing but what is written to the keyboard.
    ///
    /// # Errors
    /// Those of [`start`](Launch::start).
    pub fn start_with_keyboard(self) -> Outcome<(Running, ChildStdin)> {
        Running::start_with_keyboard(&self.line(), &self.trial.output)
    }

    /// Launches it, does `work` with it, and makes sure that it still runs.
    ///
    /// # Errors
    /// Those of `work`, and when the server ended or panicked meanwhile.
    pub fn run(self, work: impl FnOnce(&Running) -> Outcome) -> Outcome {
        let (foreign, output) = (self.trial.server.is_foreign(), self.trial.output.clone());
        let mut running = self.start()?;
        let verdict = work(&running);
        if foreign {
            // That it has ended is told beside a failure; one that dies may still print why, and its
            // client sees the end of the stream before it is gone.
            let time = if verdict.is_err() { END_OF_A_PROGRAM } else { END_AFTER_A_PASS };
            let _ = wait_within(time, "an end", || {
                Ok(found_if(running.program.is_alive().is_err(), "it runs on"))
            });
        }
        if foreign && verdict.is_err() {
            return verdict;
        }
        let panicked = |line: &String| line.contains("panicked at");
        if let Some(line) = output.errors().into_iter().find(panicked) {
            return fail("no panic", line);
        }
        running.program.is_alive()?;
        verdict
    }
}

/// Sets an option of a command line to `value`, whatever it was.
pub fn set_option(args: &mut Vec<String>, option: &str, value: &str) {
    match args.iter().position(|arg| arg == option) {
        Some(position) => args[position + 1] = value.to_owned(),
        None => args.extend([option, value].map(str::to_owned)),
    }
}

/// Waits until nobody listens on `addr`.
fn wait_until_free(addr: &str) -> Outcome<()> {
    let expected = format!("{addr} is free after {} s", END_OF_A_RING.as_secs());
    wait_within(END_OF_A_RING, &expected, || match TcpListener::bind(addr) {
        Err(error) if error.kind() == ErrorKind::AddrInUse => Ok(Err(error.to_string())),
        bound => bound.expect_to(&expected).map(|_| Ok(())),
    })
}
