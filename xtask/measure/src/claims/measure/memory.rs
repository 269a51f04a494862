//! How many connections the memory of a machine holds.

use std::io::Write;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use procfs::{Current, Meminfo};
use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::fcntl_dupfd_cloexec;
use socket2::SockRef;

use crate::claims::claim::{Answer, Finding, Measured};
use crate::claims::measure::connections::connect;
use crate::statistics::median;
use xtask::harness::limits::raise_own_limit;
use xtask::terminal::grouped;

const GIB: f64 = (1 << 30) as f64;

/// What the notes say that 1 GiB holds, and how far `about` reaches.
const CLAIMED: f64 = 100_000.0;
const ABOUT: f64 = 1.5;

/// Connections that are made between two looks at the kernel's memory, and how often: in most of
/// many short times other programs take and give back little.
const BATCH: usize = 100;
const BATCHES: usize = 41;
/// Fewer would not tell: the kernel takes several pages at once.
const LEAST: usize = 25;

/// Descriptors below this one are left to who needs low ones, for example select(2).
const LOWEST: i32 = 1024;
/// Descriptors that this process has besides.
const OTHERS: u64 = 64;

/// How long it may take until nothing of note is given back, and what is not of note, in bytes.
const PATIENCE: Duration = Duration::from_secs(2);
const LITTLE: u64 = 256 * 1024;

/// Bytes that are written at once, and how long nothing must change.
const CHUNK: usize = 64 * 1024;
const SILENCE: Duration = Duration::from_millis(50);

/// What the kernel allows and takes, in bytes where it is memory.
#[derive(Clone, Copy, Debug)]
struct Figures {
    /// The memory of this machine.
    memory: u64,
    /// How many files may be open in all (`fs.file-max`).
    file_max: u64,
    /// How many descriptors a user may let epoll watch (`fs.epoll.max_user_watches`).
    watches: u64,
    /// Kernel memory for one end of a connection that is watched by epoll and silent.
    idle: f64,
    /// Bytes that wait in the kernel between two ends when neither reads.
    full: f64,
}

/// Makes connections whose ends epoll watches, and asks how much memory the kernel took for them.
///
/// # Errors
/// When the kernel refuses a call.
pub fn connections_in_memory() -> Result<Measured> {
    let room = raise_own_limit().saturating_sub(LOWEST.unsigned_abs().into());
    let room = room.saturating_sub(OTHERS) as usize / 2;
    let batch = BATCH.min(room / BATCHES);
    if batch < LEAST {
        return Ok(Measured::Missing(format!(
            "there is room for {room} connections only (ulimit -Hn)"
        )));
    }
    let epoll = epoll::create(CreateFlags::CLOEXEC).context("epoll_create1")?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("listen")?;
    let addr = listener.local_addr().context("ask where it listens")?;
    wait_for_freed_memory()?;
    let mut ends = Vec::new();
    let mut taken = Vec::new();
    for _ in 0..BATCHES {
        let before = kernel_memory()?;
        for _ in 0..batch {
            let client = TcpStream::connect(addr).context("connect")?;
            let (server, _) = listener.accept().context("accept")?;
            // Ends by a reset, after which the kernel keeps nothing of the connection.
            SockRef::from(&client).set_linger(Some(Duration::ZERO)).context("SO_LINGER")?;
            ends.extend([watched(&epoll, client)?, watched(&epoll, server)?]);
        }
        let after = kernel_memory()?;
        taken.push((after as f64 - before as f64) / (2 * batch) as f64);
    }
    let idle = median(&taken).expect("there is a batch");
    if idle <= 0.0 {
        let reason = "other programs gave back more of the kernel's memory than connections took";
        return Ok(Measured::Missing(reason.to_owned()));
    }
    let memory = Meminfo::current().context("read /proc/meminfo")?.mem_total;
    let file_max = procfs::sys::fs::file_max().context("read fs.file-max")? as u64;
    let watches = procfs::sys::fs::epoll::max_user_watches();
    let watches = watches.context("read fs.epoll.max_user_watches")?;
    let full = fill()?;
    Ok(Measured::Found(judge(Figures { memory, file_max, watches, idle, full })))
}

fn judge(Figures { memory, file_max, watches, idle, full }: Figures) -> Finding {
    let for_each_gib = |count: u64| count as f64 / (memory as f64 / GIB);
    let files = for_each_gib(file_max);
    let is_claimed = |count: f64| (CLAIMED / ABOUT..=CLAIMED * ABOUT).contains(&count);
    let (answer, why) = match (is_claimed(files), is_claimed(GIB / idle)) {
        (true, true) => (Answer::Holds, "The kernel allows as many, and its memory has room."),
        (true, false) => (
            Answer::Depends,
            "Linux allows one open file for each 10 KiB of memory unless told otherwise; what a \
             connection takes is another number, and depends on the data that waits in it. epoll \
             also has a limit of its own: max_user_watches, for all programs of a user.",
        ),
        (false, true) => (
            Answer::Depends,
            "The kernel's memory has room for as many silent connections; how many files may be \
             open was set to another number here.",
        ),
        (false, false) => (
            Answer::False,
            "Neither how many files may be open nor what a connection takes is near that number.",
        ),
    };
    // Some distributions lift the limit to what a number can hold.
    let files = if files > GIB { "no limit".to_owned() } else { rounded(files) };
    let figures = format!(
        "for each GiB: file-max {files}; max_user_watches {}; silent connections {} ({:.1} KiB \
         each), full ones {}",
        rounded(for_each_gib(watches)),
        rounded(GIB / idle),
        idle / 1024.0,
        rounded(GIB / full),
    );
    Finding { answer, figures, why }
}

/// A number as a person says it: with two digits that count, and commas.
fn rounded(number: f64) -> String {
    let unit = 10_f64.powf((number.log10().floor() - 1.0).max(0.0));
    grouped((number / unit).round() * unit)
}

/// An end of a connection that epoll watches.
fn watched(epoll: &OwnedFd, end: TcpStream) -> Result<OwnedFd> {
    let end = fcntl_dupfd_cloexec(end, LOWEST).context("copy a descriptor")?;
    epoll::add(epoll, &end, EventData::new_u64(0), EventFlags::IN).context("epoll_ctl")?;
    Ok(end)
}

/// Waits until the kernel has given back what programs closed before, which it does a while later.
fn wait_for_freed_memory() -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    let mut before = kernel_memory()?;
    while Instant::now() < deadline {
        thread::sleep(SILENCE);
        let now = kernel_memory()?;
        if now + LITTLE > before {
            break;
        }
        before = now;
    }
    Ok(())
}

/// The memory of the kernel's own objects, in bytes.
fn kernel_memory() -> Result<u64> {
    Ok(Meminfo::current().context("read /proc/meminfo")?.slab)
}

/// Writes into a connection that nobody reads until there is no room; returns how many bytes that
/// takes: as many as wait in the two buffers of an end that neither reads nor is read.
fn fill() -> Result<f64> {
    let (client, _server) = connect()?;
    client.set_nonblocking(true).context("set a socket non-blocking")?;
    let patience = Timespec::try_from(SILENCE).context("a time-out")?;
    let mut written = 0;
    while poll(&mut [PollFd::new(&client, PollFlags::OUT)], Some(&patience)).context("poll")? > 0 {
        written += (&client).write(&[0; CHUNK]).context("write")?;
    }
    Ok(written as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIBS: u64 = 4 << 30;

    fn figures(file_max: u64, idle: f64) -> Figures {
        Figures { memory: GIBS, file_max, watches: 932_000, idle, full: 4e6 }
    }

    fn answer(file_max: u64, idle: f64) -> Answer {
        judge(figures(file_max, idle)).answer
    }

    #[test]
    fn the_limit_and_the_memory_decide() {
        assert_eq!(answer(400_000, 10_000.0), Answer::Holds);
        assert_eq!(answer(400_000, 4_000.0), Answer::Depends);
        assert_eq!(answer(i64::MAX as u64, 10_000.0), Answer::Depends);
        assert_eq!(answer(i64::MAX as u64, 4_000.0), Answer::False);
        assert_eq!(answer(100_000, 100_000.0), Answer::False);
    }

    #[test]
    fn a_limit_that_nobody_reaches_is_none() {
        assert!(judge(figures(u64::MAX, 4096.0)).figures.contains("file-max no limit;"));
    }

    #[test]
    fn the_limit_of_what_a_user_may_watch_is_named() {
        let figures = judge(figures(400_000, 4096.0)).figures;
        assert!(figures.contains("max_user_watches 230,000;"), "{figures}");
    }

    #[test]
    fn numbers_are_rounded() {
        let texts = [7.0, 42.4, 104_764.0, 262_144.0, 1_234_567.0].map(rounded);
        assert_eq!(texts, ["7", "42", "100,000", "260,000", "1,200,000"]);
    }

    #[test]
    fn it_is_measured() {
        match connections_in_memory().unwrap() {
            Measured::Found(found) => {
                assert!(found.figures.contains("silent connections"), "{}", found.figures);
            }
            Measured::Missing(reason) => assert!(reason.starts_with("there is room"), "{reason}"),
        }
    }
}
