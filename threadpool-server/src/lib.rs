//! What this crate's programs share.
//!
//! - [`Pause`]: the option that sets the longest pause
//! - [`Local`] and [`with`]: what `threading.local` keeps for a thread, and its [`Options`]
//! - [`Pool`]: a pool of connections, on the client's side

use common::clap::{self, Args};
use common::whole_number;

mod local;
mod pool;
mod sys;

pub use local::{Local, Options, with};
pub use pool::{Lease, Pool};

/// The option `--pause MS`.
#[derive(Args, Clone, Copy, Default)]
pub struct Pause {
    /// Longest pause before a worker prints, in milliseconds [default: 2000]
    #[arg(long = "pause", value_name = "MS")]
    #[arg(value_parser = whole_number::<u32>(0..=u32::MAX.into()))]
    millis: Option<u32>,
}

impl Pause {
    /// The longest pause in seconds, if the command line has one.
    pub fn seconds(self) -> Option<f64> {
        self.millis.map(|millis| f64::from(millis) / 1000.0)
    }
}
