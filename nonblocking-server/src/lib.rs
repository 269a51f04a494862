//! What this crate's servers share: [`sleep`], between the questions of two listings, and
//! [`Signals`], which make questions needless.

mod interval;
mod signals;
mod sys;

pub use interval::{interval_option, sleep};
pub use signals::{POLLERR, POLLHUP, POLLIN, POLLOUT, POLLPRI, Signal, Signals, watch};
