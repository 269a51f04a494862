//! Python's `select` module, as far as the notes' listings use it: [`select`], and the limit that comes with it.

mod select;
mod sys;

pub use select::select;
pub use sys::FD_SETSIZE;
