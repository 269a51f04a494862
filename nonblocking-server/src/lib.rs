//! What this crate's servers share: the [`Options`] of the two that sleep, and [`Signals`], which
//! report what is ready.

mod interval;
mod signals;
mod sys;

pub use interval::Options;
pub use signals::{POLLERR, POLLHUP, POLLIN, POLLOUT, POLLPRI, Signal, Signals, watch};
