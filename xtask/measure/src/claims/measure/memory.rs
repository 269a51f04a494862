//! How many connections the memory of a machine holds.

use std::net::TcpStream;
use std::os::fd::AsRawFd;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use epoll::{EPOLLIN, Epoll};
use socket2::SockRef;

use crate::claims::claim::{Lack, Measured, of_parts};
use crate::claims::measure::sockets::{allowed, listen, setting};
use crate::process_usage::meminfo;
use crate::statistics::median;
use xtask::harness::client::Client;
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

/// The memory of the kernel's own objects.
const KERNEL_OBJECTS: &[&str] = &["Slab"];

/// Descriptors that this process has besides.
const OTHERS: usize = 64;

/// Bytes that no connection takes without a reader.
const MORE: usize = 1 << 28;

/// How long a write waits for room.
const SILENCE: Duration = Duration::from_millis(50);

/// Makes connections whose ends epoll watches, and asks how much memory the kernel took for them.
pub fn connections_in_memory() -> Result<Measured> {
    let room = allowed(OTHERS + 2 * LEAST * BATCHES)? - OTHERS;
    let batch = BATCH.min(room / (2 * BATCHES));
    let idle = idle(batch)?;
    if idle <= 0.0 {
        let reason = "other programs gave back more of the kernel's memory than connections took";
        bail!(Lack(reason.to_owned()));
    }
    let gibs = meminfo(&["MemTotal"])? as f64 / GIB;
    let files = setting("fs/file-max")? as f64 / gibs;
    let watches = setting("fs/epoll/max_user_watches")? as f64 / gibs;
    let silent = GIB / idle;
    // Some distributions lift the limit to what a number can hold.
    let told = if files > GIB { "no limit".to_owned() } else { rounded(files) };
    let figures = format!(
        "for each GiB: file-max {told}; max_user_watches {}; silent connections {} ({:.1} KiB \
         each), full ones {}",
        rounded(watches),
        rounded(silent),
        idle / 1024.0,
        rounded(GIB / full()?),
    );
    let is_claimed = |count: f64| (CLAIMED / ABOUT..=CLAIMED * ABOUT).contains(&count);
    Ok((of_parts(&[files, silent].map(is_claimed)), figures))
}

/// A number as a person says it: with two digits that count, and commas.
fn rounded(number: f64) -> String {
    let unit = 10_f64.powf((number.log10().floor() - 1.0).max(0.0));
    grouped((number / unit).round() * unit)
}

/// Kernel memory in bytes for one end of a connection that is watched by epoll and silent.
fn idle(batch: usize) -> Result<f64> {
    let epoll = Epoll::new().context("epoll_create1")?;
    let (listener, addr) = listen()?;
    let (mut ends, mut taken) = (Vec::new(), Vec::new());
    for _ in 0..BATCHES {
        let before = meminfo(KERNEL_OBJECTS)? as f64;
        for _ in 0..batch {
            let client = TcpStream::connect(addr).context("connect")?;
            let (server, _) = listener.accept().context("accept")?;
            // Ends by a reset, after which the kernel keeps nothing of the connection.
            SockRef::from(&client).set_linger(Some(Duration::ZERO)).context("SO_LINGER")?;
            for end in [client, server] {
                epoll.register(end.as_raw_fd(), EPOLLIN).context("epoll_ctl")?;
                ends.push(end);
            }
        }
        taken.push((meminfo(KERNEL_OBJECTS)? as f64 - before) / (2 * batch) as f64);
    }
    Ok(median(&taken).expect("there is a batch"))
}

/// Bytes that wait in the kernel for an end that neither reads nor is read: as many as can be
/// written into a connection that nobody reads.
fn full() -> Result<f64> {
    let (listener, addr) = listen()?;
    let client = Client::connect(addr)?;
    let _server = listener.accept().context("accept")?;
    Ok(client.send_until_full(&vec![0; MORE], SILENCE)? as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_rounded() {
        let texts = [7.0, 42.4, 104_764.0, 262_144.0, 1_234_567.0].map(rounded);
        assert_eq!(texts, ["7", "42", "100,000", "260,000", "1,200,000"]);
    }
}
