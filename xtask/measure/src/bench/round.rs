//! One round: a server is launched, loaded and looked at, and ends.

use std::time::Duration;

use crate::bench::cell::{Cell, Work};
use crate::bench::cycles::Cycles;
use crate::bench::load::closed::Until;
use crate::bench::load::{Load, Ran, Size, flood};
use crate::bench::syscalls::{self, Calls};
use crate::pin::{self, Processors};
use crate::process_usage::{Usage, meminfo, own_time};
use crate::units::{micros, millis};
use xtask::harness::launch::Running;
use xtask::harness::outcome::{Expect, Outcome};
use xtask::harness::output::Output;
use xtask::harness::process;

/// Clients that connect at the same time, at most; a backlog holds more.
const AT_ONCE: usize = 64;

/// Visitors at a time: no listing's backlog is shorter.
pub const VISITORS: usize = 4;

/// What the kernel of this machine has allocated for sockets, threads and page tables.
const KERNEL_MEMORY: &[&str] = &["Slab", "KernelStack", "PageTables"];

/// The warm-up's share of a round.
const WARM_UP: f64 = 0.3;

/// Requests that calls are counted over, for each client.
const COUNTED: u64 = 200;

/// How often a server is asked while its answers are timed, and beside how many floods.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Asked {
    pub rate: f64,
    /// Clients beside those that are timed, that send as much as the server takes.
    pub floods: usize,
}

/// What a round found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figures {
    /// What was answered, and how long that took.
    pub ran: Ran,
    /// What the server took for it.
    pub usage: Usage,
    /// The processor time of the load.
    pub load: Duration,
    /// The kernel's share of the processor time, where the processor counts it.
    pub kernel_share: Option<f64>,
    pub size: Size,
    /// Bytes of the server's memory before anyone came, and with all clients.
    pub memory: (u64, u64),
    /// The same of the whole machine's kernel.
    pub kernel_memory: (u64, u64),
}

impl Figures {
    pub fn rate(&self) -> f64 {
        self.ran.requests as f64 / self.ran.elapsed.as_secs_f64()
    }

    /// What is echoed in a second.
    pub fn mib_a_second(&self) -> f64 {
        self.rate() * self.size.bytes as f64 / 1_048_576.0
    }

    /// Processor time of the server for a request, in microseconds.
    pub fn micros(&self) -> f64 {
        micros(self.usage.time) / self.ran.requests as f64
    }

    /// The share of the time that the server was on a processor: 1 is all of one.
    pub fn busy(&self) -> f64 {
        self.usage.time.as_secs_f64() / self.ran.elapsed.as_secs_f64()
    }

    /// The same of the load.
    pub fn load_busy(&self) -> f64 {
        self.load.as_secs_f64() / self.ran.elapsed.as_secs_f64()
    }

    /// Switches between threads for a request.
    pub fn switches(&self) -> f64 {
        self.usage.switches as f64 / self.ran.requests as f64
    }

    /// The kernel's share of the processor time; no number where it is not counted.
    pub fn in_kernel(&self) -> f64 {
        self.kernel_share.unwrap_or(f64::NAN)
    }

    /// The memory that each client added; no number where none stays.
    pub fn kib_per_client(&self) -> f64 {
        self.kib_of_a_client(self.memory)
    }

    /// The memory of the kernel that each client added, with the client's own end.
    pub fn kernel_kib_per_client(&self) -> f64 {
        self.kib_of_a_client(self.kernel_memory)
    }

    fn kib_of_a_client(&self, (empty, full): (u64, u64)) -> f64 {
        let clients = (self.size.active + self.size.idle) as f64;
        (full as f64 - empty as f64) / 1024.0 / clients
    }

    /// From the first request to the last answer, in milliseconds.
    pub fn millis(&self) -> f64 {
        millis(self.ran.elapsed)
    }
}

/// A server with its clients.
struct Loaded {
    // The server ends first: the clients' ends are not part of any figure.
    running: Running,
    load: Load,
    /// Bytes of its memory, and of the kernel's, before anyone came.
    empty: (u64, u64),
}

fn start(cell: &Cell, processors: &Processors) -> Outcome<Loaded> {
    let contender = &cell.contender;
    let cpus = processors.of_server(contender.processors);
    let launched =
        pin::on(cpus, || Running::start(&contender.command_line(), None, &Output::default()));
    let running = launched.expect_to("a server on its own processor")??;
    let empty = (process::memory(&running)?, meminfo(KERNEL_MEMORY)?);
    // Accept takes a while; half of the backlog is never too many.
    let at_once = (contender.backlog / 2).clamp(1, AT_ONCE);
    let load = Load::connect(running.addr, contender.talk, cell.key.size, at_once)?;
    Ok(Loaded { running, load, empty })
}

impl Loaded {
    fn end(mut self) -> Outcome<()> {
        self.load.is_silent()?;
        self.running.program.is_alive()
    }
}

/// Loads a server for `time`, after a warm-up.
pub fn measure(cell: &Cell, time: Duration, processors: &Processors) -> Outcome<Figures> {
    let mut loaded = start(cell, processors)?;
    let addr = loaded.running.addr;
    let act = |load: &mut Load, work, time| match work {
        Work::Closed => load.run(Until::Over(time)),
        Work::Visits => load.be_visited(addr, VISITORS, Until::Over(time)),
        Work::Burst(count) => load.be_stormed(addr, count),
    };
    // A burst comes to a server that has worked before.
    let warm_up = if let Work::Burst(_) = cell.work { Work::Closed } else { cell.work };
    act(&mut loaded.load, warm_up, time.mul_f64(WARM_UP))?;
    let cycles = Cycles::are_counted().then(|| Cycles::count(&loaded.running)).transpose()?;
    let (before, own) = (Usage::of(&loaded.running)?, own_time()?);
    let ran = act(&mut loaded.load, cell.work, time)?;
    let load = own_time()?.saturating_sub(own);
    let usage = Usage::of(&loaded.running)?.since(before);
    let kernel_share = cycles.map(Cycles::kernel_share).transpose()?;
    let (empty, kernel_empty) = loaded.empty;
    let memory = (empty, process::memory(&loaded.running)?);
    let kernel_memory = (kernel_empty, meminfo(KERNEL_MEMORY)?);
    loaded.end()?;
    Ok(Figures { ran, usage, load, kernel_share, size: cell.key.size, memory, kernel_memory })
}

/// How long the answers of a server take when it is asked for `time`.
pub fn time(
    cell: &Cell,
    asked: Asked,
    time: Duration,
    processors: &Processors,
) -> Outcome<Vec<Duration>> {
    let mut loaded = start(cell, processors)?;
    let (addr, load) = (loaded.running.addr, &mut loaded.load);
    let took = flood::beside(addr, asked.floods, || {
        load.run_at(asked.rate, time.mul_f64(WARM_UP))?;
        load.run_at(asked.rate, time)
    })?;
    loaded.end()?;
    Ok(took)
}

/// The system calls of a server, and the requests that it made them for.
pub fn count(cell: &Cell, processors: &Processors) -> Outcome<(Calls, u64)> {
    let mut loaded = start(cell, processors)?;
    let until = Until::Sent(COUNTED * cell.key.size.active.max(VISITORS) as u64);
    let (running, load) = (&loaded.running, &mut loaded.load);
    let (calls, ran) = syscalls::count(running, || match cell.work {
        Work::Closed => load.run(until),
        Work::Visits => load.be_visited(running.addr, VISITORS, until),
        Work::Burst(count) => load.be_stormed(running.addr, count),
    })?;
    loaded.end()?;
    Ok((calls, ran.requests))
}
