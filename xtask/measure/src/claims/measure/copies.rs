//! What the copies between the page cache, the process and the socket cost.

use std::fs::File;
use std::io::{Read, Write, pipe};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::thread;

use anyhow::{Context, Result, ensure};
use rustix::fs::{MemfdFlags, memfd_create, sendfile};
use rustix::io::{pread, write};
use rustix::pipe::{SpliceFlags, splice};

use crate::claims::claim::{Answer, Finding, Measured};
use crate::claims::measure::clock::{micros, processor_time};
use crate::claims::measure::connections::connect;
use crate::claims::measure::rounds::least;

const MIB: usize = 1024 * 1024;
/// Bytes that are sent each time.
const FILE: usize = 4 * MIB;
/// Bytes of each call: as many as a pipe holds.
const CHUNK: usize = 64 * 1024;
const ROUNDS: usize = 9;

/// The copies are most of what it costs where a way with them takes this many times what one without
/// them takes.
const MUCH: f64 = 3.0;
/// They cost nothing below that.
const NOTHING: f64 = 1.1;

/// Processor time for each MiB from a file to a socket, in microseconds.
#[derive(Clone, Copy, Debug)]
struct Ways {
    /// By read(2) and write(2), through a buffer of the process.
    copied: f64,
    /// By sendfile(2).
    sendfile: f64,
    /// By splice(2), through a pipe.
    splice: f64,
}

/// By a socket that does little besides, and by one of the network.
#[derive(Clone, Copy, Debug)]
struct Figures {
    unix: Ways,
    tcp: Ways,
}

/// Sends a file to a socket with copies through the process, and without.
///
/// # Errors
/// When the kernel refuses a call.
pub fn cached_io() -> Result<Measured> {
    // Its pages are in the page cache, and there is no disk under it that could be slow.
    let file = memfd_create("cached-io", MemfdFlags::CLOEXEC).context("memfd_create")?;
    let mut file = File::from(file);
    file.write_all(&vec![b'e'; FILE]).context("fill a file")?;
    let (sender, receiver) = UnixStream::pair().context("a pair of sockets")?;
    let unix = send_all_ways(&file, sender, receiver)?;
    let (sender, receiver) = connect()?;
    let tcp = send_all_ways(&file, sender, receiver)?;
    Ok(Measured::Found(judge(Figures { unix, tcp })))
}

fn judge(Figures { unix, tcp }: Figures) -> Finding {
    let ratio = |Ways { copied, sendfile, splice }: Ways| copied / sendfile.min(splice);
    let (least, most) = (ratio(unix).min(ratio(tcp)), ratio(unix).max(ratio(tcp)));
    let answer = match (least, most) {
        (MUCH.., _) => Answer::Holds,
        (_, NOTHING..) => Answer::Depends,
        _ => Answer::False,
    };
    let told = |Ways { copied, sendfile, splice }: Ways| {
        format!("{copied:.0}, {sendfile:.0}, {splice:.0}")
    };
    let (unix, tcp) = (told(unix), told(tcp));
    let figures = format!(
        "processor µs of the sender's thread per MiB, read+write, sendfile, splice: UNIX socket \
         {unix}; TCP on the loopback interface {tcp}"
    );
    let why = match answer {
        Answer::Holds => {
            "read copies each byte into the process and write copies it back into the kernel; \
             sendfile and splice hand the pages of the cache to the socket."
        }
        Answer::Depends => {
            "read and write copy each byte twice, sendfile and splice hand over the cache's pages; \
             that saves little where the rest of the way costs more, for example in TCP."
        }
        Answer::False => "Here sendfile and splice save nothing.",
    };
    Finding { answer, figures, why }
}

/// Sends the file by each way in turns.
fn send_all_ways<S>(file: &File, sender: S, receiver: S) -> Result<Ways>
where
    S: Read + AsFd + Send + 'static,
{
    let drain = thread::spawn(move || drain(receiver));
    let times = least(ROUNDS, |place| match place {
        0 => per_mib(|| copy(file, &sender)),
        1 => per_mib(|| send_file(file, &sender)),
        _ => per_mib(|| splice_file(file, &sender)),
    });
    // The other end reads up to the end of the stream.
    drop(sender);
    let received = drain.join().expect("the receiving thread does not panic")?;
    let [copied, sendfile, splice] = times?;
    ensure!(received == 3 * ROUNDS * FILE, "{received} bytes came, not all");
    Ok(Ways { copied, sendfile, splice })
}

/// The processor time of this thread for each MiB of the file that `send` sends, in microseconds.
fn per_mib(send: impl FnOnce() -> Result<()>) -> Result<f64> {
    let before = processor_time()?;
    send()?;
    Ok(micros(processor_time()? - before) / (FILE / MIB) as f64)
}

fn copy(file: &File, socket: &impl AsFd) -> Result<()> {
    let mut buffer = vec![0; CHUNK];
    let mut sent = 0;
    while sent < FILE {
        let length = pread(file, &mut buffer, sent as u64).context("read")?;
        ensure!(length > 0, "the file is too short");
        let mut written = 0;
        while written < length {
            written += write(socket, &buffer[written..length]).context("write")?;
        }
        sent += length;
    }
    Ok(())
}

fn send_file(file: &File, socket: &impl AsFd) -> Result<()> {
    let mut sent = 0;
    while sent < FILE as u64 {
        let length = sendfile(socket, file, Some(&mut sent), CHUNK).context("sendfile")?;
        ensure!(length > 0, "the file is too short");
    }
    Ok(())
}

fn splice_file(file: &File, socket: &impl AsFd) -> Result<()> {
    let (reader, writer) = pipe().context("a pipe")?;
    let none = SpliceFlags::empty();
    let mut sent = 0;
    while sent < FILE as u64 {
        let mut length = splice(file, Some(&mut sent), &writer, None, CHUNK, none)
            .context("splice into a pipe")?;
        ensure!(length > 0, "the file is too short");
        while length > 0 {
            length -= splice(&reader, None, socket, None, length, none)
                .context("splice into a socket")?;
        }
    }
    Ok(())
}

/// Reads to the end of the stream, and returns how many bytes there were.
fn drain(mut socket: impl Read) -> Result<usize> {
    let mut buffer = vec![0; MIB];
    let mut received = 0;
    loop {
        match socket.read(&mut buffer).context("receive")? {
            0 => return Ok(received),
            length => received += length,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAVES: Ways = Ways { copied: 350.0, sendfile: 100.0, splice: 120.0 };
    const SAVES_LITTLE: Ways = Ways { copied: 240.0, sendfile: 200.0, splice: 250.0 };
    const SAVES_NOTHING: Ways = Ways { copied: 200.0, sendfile: 200.0, splice: 220.0 };

    #[test]
    fn the_costs_decide() {
        let answer = |unix, tcp| judge(Figures { unix, tcp }).answer;
        assert_eq!(answer(SAVES, SAVES), Answer::Holds);
        assert_eq!(answer(SAVES, SAVES_LITTLE), Answer::Depends);
        assert_eq!(answer(SAVES, SAVES_NOTHING), Answer::Depends);
        assert_eq!(answer(SAVES_LITTLE, SAVES_LITTLE), Answer::Depends);
        assert_eq!(answer(SAVES_NOTHING, SAVES_NOTHING), Answer::False);
    }

    #[test]
    fn it_is_measured() {
        let Measured::Found(found) = cached_io().unwrap() else { panic!("it is missing") };
        let figures = format!("{},", found.figures);
        assert!(!figures.contains(" 0,") && !figures.contains(" 0;"), "{figures}");
    }
}
