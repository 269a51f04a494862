//! What the copies between the page cache, the process and the socket cost.

use std::fs::File;
use std::io::{self, Read, Write, pipe};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::thread;

use anyhow::{Context, Result, ensure};
use rustix::fs::{MemfdFlags, memfd_create, sendfile};
use rustix::io::pread;
use rustix::pipe::{SpliceFlags, splice};

use crate::claims::claim::{Answer, Measured};
use crate::claims::measure::sockets::connect;
use crate::claims::measure::time::{least, micros, processor_time};

/// Bytes that are sent each time, and in each call: as many as a pipe holds.
const MIB: usize = 1024 * 1024;
const FILE: usize = 4 * MIB;
const CHUNK: usize = 64 * 1024;
const ROUNDS: usize = 9;

/// The copies are most of what it costs where a way with them takes this many times what one without
/// them takes.
const MUCH: f64 = 3.0;
/// They cost nothing below that.
const NOTHING: f64 = 1.1;

/// Sends a file to a socket that does little besides, and to one of the network, with copies through
/// the process, and without.
pub fn cached_io() -> Result<Measured> {
    // Its pages are in the page cache, and there is no disk under it that could be slow.
    let file = memfd_create("cached-io", MemfdFlags::CLOEXEC).context("memfd_create")?;
    let mut file = File::from(file);
    file.write_all(&vec![b'e'; FILE]).context("fill a file")?;
    let (sender, receiver) = UnixStream::pair().context("a pair of sockets")?;
    let unix = send_all_ways(&file, sender, receiver)?;
    let (sender, receiver) = connect()?;
    let tcp = send_all_ways(&file, sender, receiver)?;
    let told = |times: [f64; 3]| times.map(|time| format!("{time:.0}")).join(", ");
    let figures = format!(
        "processor µs of the sender's thread per MiB, read+write, sendfile, splice: UNIX socket \
         {}; TCP on the loopback interface {}",
        told(unix),
        told(tcp)
    );
    Ok((judge([unix, tcp]), figures))
}

/// By what each way costs: with copies, by sendfile and by splice.
fn judge(costs: [[f64; 3]; 2]) -> Answer {
    let [unix, tcp] = costs.map(|[copied, sendfile, splice]| copied / sendfile.min(splice));
    match (unix.min(tcp), unix.max(tcp)) {
        (MUCH.., _) => Answer::Holds,
        (_, NOTHING..) => Answer::Depends,
        _ => Answer::False,
    }
}

/// Sends the file by each way in turns; returns the processor time of this thread for each MiB, in
/// microseconds.
fn send_all_ways<S>(file: &File, mut sender: S, mut receiver: S) -> Result<[f64; 3]>
where
    S: Read + Write + AsFd + Send + 'static,
{
    let drain = thread::spawn(move || io::copy(&mut receiver, &mut io::sink()));
    let (reader, writer) = pipe().context("a pipe")?;
    let mut buffer = vec![0; CHUNK];
    let costs = least(ROUNDS, |place| {
        let before = processor_time()?;
        let mut sent = 0;
        while sent < FILE as u64 {
            let length = match place {
                0 => {
                    let length = pread(file, &mut buffer, sent).context("read")?;
                    sender.write_all(&buffer[..length]).context("write")?;
                    sent += length as u64;
                    length
                }
                1 => sendfile(&sender, file, Some(&mut sent), CHUNK).context("sendfile")?,
                _ => splice_through((&reader, &writer), file, &mut sent, &sender)?,
            };
            ensure!(length > 0, "the file is too short");
        }
        Ok(micros(processor_time()? - before) / (FILE / MIB) as f64)
    });
    // The other end reads up to the end of the stream.
    drop(sender);
    let received = drain.join().expect("the receiving thread does not panic")?;
    ensure!(received == (3 * ROUNDS * FILE) as u64, "{received} bytes came, not all");
    costs
}

/// Hands a part of the file to a socket, through a pipe.
fn splice_through(
    (reader, writer): (impl AsFd, impl AsFd),
    file: &File,
    sent: &mut u64,
    socket: &impl AsFd,
) -> Result<usize> {
    let none = SpliceFlags::empty();
    let length = splice(file, Some(sent), writer, None, CHUNK, none).context("splice a file")?;
    let mut left = length;
    while left > 0 {
        left -= splice(&reader, None, socket, None, left, none).context("splice into a socket")?;
    }
    Ok(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_costs_decide() {
        let (saves, little, nothing) =
            ([350.0, 100.0, 120.0], [240.0, 200.0, 250.0], [200.0, 200.0, 220.0]);
        assert_eq!(judge([saves, saves]), Answer::Holds);
        assert_eq!(judge([saves, nothing]), Answer::Depends);
        assert_eq!(judge([little, little]), Answer::Depends);
        assert_eq!(judge([nothing, nothing]), Answer::False);
    }
}
