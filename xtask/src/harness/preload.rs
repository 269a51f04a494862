//! The library that the tester preloads into a server, and what it counted.

use std::ffi::OsString;
use std::fs::File;
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process;

use rustix::fs::{MemfdFlags, memfd_create};

use crate::harness::outcome::{Expect, Outcome};

/// Eleven counts, of eight bytes each, and what the tester wants.
const SIZE: u64 = 96;
/// Where the library reads whether sends find little room.
const LITTLE_ROOM: u64 = 88;

/// A kernel that cuts what is read and written, interrupts calls and refuses sends:
/// `examples/preload`.
pub struct Preload {
    /// A file in memory that the library and the tester share.
    counts: File,
    /// Open as long as a server may load it: processes that it starts do so, too.
    _library: File,
    environment: Vec<(&'static str, OsString)>,
}

/// What the library did to a server so far.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// Sends of which the kernel was given less than all.
    pub cut_sends: u64,
    /// Receives that got less than the server asked for, because the library asked for less.
    pub cut_receives: u64,
    /// Calls that ended with EINTR.
    pub interrupted: u64,
    /// Sends that the kernel refused for want of room, or made to wait for it.
    pub refused: u64,
    /// Receives that got data.
    pub received: u64,
    /// Descriptors that epoll was not allowed to take.
    pub not_registered: u64,
    /// Bytes that were received.
    pub received_bytes: u64,
    /// Bytes that were sent.
    pub sent_bytes: u64,
    /// Threads and processes that were refused.
    pub not_started: u64,
    /// Calls by which io_uring was asked for something, and refused it.
    pub refused_by_ring: u64,
    /// Times that the server asked what is ready: epoll_wait(2), poll(2) and select(2).
    pub waits: u64,
}

/// What the library is told besides: a variable of the server's environment, and its value.
pub type Setting = (&'static str, &'static str);

/// No send moves more than a byte.
pub const SEND_ONE_BYTE: Setting = ("PRELOAD_MOST_SENT", "1");

/// A receive gets all that there is, as far as it asks for it.
pub const WHOLE_RECEIVES: Setting = ("PRELOAD_WHOLE_RECEIVES", "1");

/// Each receive that gets data claims a byte more than there is room for: who believes it panics.
pub const RECEIVE_TOO_MUCH: Setting = ("PRELOAD_TOO_MUCH", "1");

/// The third socket that epoll is handed, of the second client after the listener, is refused by
/// ENOSPC.
pub const REFUSE_THIRD_DESCRIPTOR: Setting = ("PRELOAD_NOT_REGISTERED", "3");

/// The same after two listeners.
pub const REFUSE_FOURTH_DESCRIPTOR: Setting = ("PRELOAD_NOT_REGISTERED", "4");

/// From the first thread or process that the server wants, and for so many milliseconds, all are
/// refused by EAGAIN.
pub const REFUSE_STARTS: Setting = ("PRELOAD_NOT_STARTED", "300");

/// No way to set up a ring of io_uring is known but the last one, and none at all.
pub const ONE_RING_KNOWN: Setting = ("PRELOAD_RINGS_UNKNOWN", "2");
/// See [`ONE_RING_KNOWN`].
pub const NO_RING_KNOWN: Setting = ("PRELOAD_RINGS_UNKNOWN", "3");

impl Preload {
    /// Prepares a server's environment with `settings`; `seed` is where the library's random
    /// numbers begin.
    ///
    /// # Errors
    /// When there is no descriptor or memory for the counts, or no library.
    pub fn new(library: &Path, seed: u64, settings: &[Setting]) -> Outcome<Preload> {
        let counts = memfd_create("counts", MemfdFlags::CLOEXEC).expect_to("a file in memory")?;
        let counts = File::from(counts);
        // The library maps the file, and a mapping beyond its end would kill the server.
        counts.set_len(SIZE).expect_to("a file in memory")?;
        let open = File::open(library).expect_to("a library to preload")?;
        let mut environment = vec![
            ("LD_PRELOAD", uncut(library, &open)),
            ("PRELOAD_COUNTS", path_of(&counts)),
            ("PRELOAD_SEED", seed.to_string().into()),
        ];
        environment.extend(settings.iter().map(|(name, value)| (*name, value.into())));
        Ok(Preload { counts, _library: open, environment })
    }

    /// The variables that load the library and tell it where to count.
    pub fn environment(&self) -> impl Iterator<Item = (&'static str, OsString)> + '_ {
        self.environment.iter().cloned()
    }

    /// What the library counted so far.
    ///
    /// # Errors
    /// When the counts cannot be read.
    pub fn counts(&self) -> Outcome<Counts> {
        let mut bytes = [0; LITTLE_ROOM as usize];
        self.counts.read_at(&mut bytes, 0).expect_to("counts of the preloaded library")?;
        let mut numbers = bytes
            .chunks_exact(8)
            .map(|number| u64::from_le_bytes(number.try_into().expect("eight bytes")));
        let mut next = || numbers.next().expect("eleven numbers");
        Ok(Counts {
            cut_sends: next(),
            cut_receives: next(),
            interrupted: next(),
            refused: next(),
            received: next(),
            not_registered: next(),
            received_bytes: next(),
            sent_bytes: next(),
            not_started: next(),
            refused_by_ring: next(),
            waits: next(),
        })
    }

    /// From now on, or no longer, makes the send buffer as small as the kernel allows for each
    /// send. Where a send is refused it stays so, and the kernel reports no room before its client
    /// has read.
    ///
    /// # Errors
    /// When the library cannot be told.
    pub fn give_little_room(&self, little: bool) -> Outcome<()> {
        let word = u64::from(little).to_le_bytes();
        let written = self.counts.write_all_at(&word, LITTLE_ROOM);
        written.expect_to("a preloaded library that is told what to do")
    }
}

/// A path of the library that LD_PRELOAD takes as it is: that is cut at blanks and colons, and has
/// words behind dollar signs (ld.so(8)).
fn uncut(library: &Path, open: &File) -> OsString {
    let bytes = library.as_os_str().as_bytes();
    let is_cut = bytes.iter().any(|byte| byte.is_ascii_whitespace() || b":$".contains(byte));
    if is_cut { path_of(open) } else { library.into() }
}

/// A path by which others reach a file that this process has open (proc(5)).
fn path_of(file: &File) -> OsString {
    format!("/proc/{}/fd/{}", process::id(), file.as_raw_fd()).into()
}
