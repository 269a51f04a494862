//! How a ring is set up, and what this system lacks if that fails.

use std::io;
use std::str::FromStr;

use anyhow::{Context, Result, anyhow};
use common::clap::{self, Args};
use common::whole_number;
use io_uring::IoUring;

use crate::uring::sys::Pool;

/// The oldest kernel that has everything that is used here, set up in the plain way.
const OLDEST: &str = "Linux 5.19";

/// A way to set up a ring (io_uring_setup(2)), each plainer than the one before.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Setup {
    /// For one thread. The kernel does its work when that thread waits for completions.
    Deferred,
    /// The kernel does its work whenever the thread makes a system call.
    Cooperative,
    /// The kernel interrupts the thread for its work.
    Plain,
}

impl Setup {
    /// All of them, the best first.
    pub const ALL: [Setup; 3] = [Setup::Deferred, Setup::Cooperative, Setup::Plain];

    /// The oldest kernel that has this way.
    fn needs(self) -> &'static str {
        match self {
            Setup::Deferred => "Linux 6.1",
            Setup::Cooperative | Setup::Plain => OLDEST,
        }
    }

    fn build(self, completions: u32) -> io::Result<IoUring> {
        let mut ring = IoUring::builder();
        ring.setup_cqsize(completions);
        match self {
            Setup::Deferred => ring.setup_single_issuer().setup_defer_taskrun(),
            Setup::Cooperative => ring.setup_coop_taskrun(),
            Setup::Plain => &mut ring,
        };
        // So many requests are handed over in one call.
        ring.build(completions.div_ceil(4))
    }
}

impl FromStr for Setup {
    type Err = &'static str;

    fn from_str(name: &str) -> std::result::Result<Setup, &'static str> {
        match name {
            "deferred" => Ok(Setup::Deferred),
            "cooperative" => Ok(Setup::Cooperative),
            "plain" => Ok(Setup::Plain),
            _ => Err("expected deferred, cooperative or plain"),
        }
    }
}

const COMPLETIONS: u32 = 4096;
const BUFFERS: u16 = 256;

/// The size of a ring, and how it is set up; each number is rounded up to a power of two. A small
/// ring, and that of an older kernel, can be tried everywhere.
#[derive(Args, Clone, Copy, Debug)]
pub struct Options {
    /// deferred, cooperative or plain [default: the first that works]
    #[arg(long, value_name = "WAY", value_parser = str::parse::<Setup>)]
    pub setup: Option<Setup>,
    /// Completions that there is room for
    #[arg(long, value_name = "N", default_value_t = COMPLETIONS)]
    #[arg(value_parser = whole_number::<u32>(1..=4096))]
    pub completions: u32,
    /// Buffers to receive into
    #[arg(long, value_name = "N", default_value_t = BUFFERS)]
    #[arg(value_parser = whole_number::<u16>(1..=256))]
    pub buffers: u16,
}

impl Default for Options {
    fn default() -> Options {
        Options { setup: None, completions: COMPLETIONS, buffers: BUFFERS }
    }
}

/// A ring and its buffers.
///
/// # Errors
/// Those of io_uring_setup(2) and io_uring_register(2), with advice for the operator.
pub fn set_up(options: Options) -> Result<(IoUring, Pool)> {
    let (ring, needs) = match options.setup {
        Some(setup) => (setup.build(options.completions), setup.needs()),
        None => (first_that_is_known(options.completions), OLDEST),
    };
    let ring = ring.map_err(|error| advise(&error, needs)).context("io_uring_setup")?;
    // The ring of buffers is the newest thing that is used here.
    let pool = Pool::new(&ring, options.buffers);
    let pool = pool.map_err(|error| advise(&error, OLDEST)).context("io_uring_register")?;
    Ok((ring, pool))
}

/// A ring by the first way that this kernel has.
fn first_that_is_known(completions: u32) -> io::Result<IoUring> {
    let mut built = Err(io::ErrorKind::Unsupported.into());
    for setup in Setup::ALL {
        built = setup.build(completions);
        if !built.as_ref().is_err_and(|error| error.raw_os_error() == Some(libc::EINVAL)) {
            break;
        }
    }
    built
}

/// The error, with advice for the operator.
fn advise(error: &io::Error, needs: &str) -> anyhow::Error {
    match error.raw_os_error() {
        Some(libc::EINVAL | libc::ENOSYS) => anyhow!("{error}; it needs {needs} with io_uring"),
        Some(libc::ENOMEM) => {
            anyhow!("{error}; a ring is locked memory, and `ulimit -l` says how much is allowed")
        }
        Some(libc::EPERM) => {
            anyhow!("{error}; `sysctl kernel.io_uring_disabled` or a sandbox forbids it")
        }
        _ => anyhow!("{error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn advised(code: i32) -> String {
        advise(&io::Error::from_raw_os_error(code), OLDEST).to_string()
    }

    #[test]
    fn an_operator_reads_what_to_do() {
        for (code, advice) in [
            (libc::EINVAL, "needs Linux 5.19"),
            (libc::ENOSYS, "needs Linux 5.19"),
            (libc::ENOMEM, "`ulimit -l`"),
            (libc::EPERM, "`sysctl kernel.io_uring_disabled`"),
        ] {
            let told = advised(code);
            assert!(told.contains(advice), "{told}");
            assert!(told.starts_with(&io::Error::from_raw_os_error(code).to_string()), "{told}");
        }
        assert_eq!(advised(libc::EMFILE), "Too many open files (os error 24)");
    }

    #[test]
    fn every_way_has_a_name() {
        for (name, setup) in ["deferred", "cooperative", "plain"].iter().zip(Setup::ALL) {
            assert_eq!(name.parse(), Ok(setup));
        }
        assert!("other".parse::<Setup>().is_err());
    }
}
