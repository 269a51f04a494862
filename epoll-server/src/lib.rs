//! Python's `select.epoll`; io_uring(7) for the model that uses it instead; and what a model does
//! before a signal ends it.

mod epoll;
mod signals;
mod sys;
pub mod uring;

pub use epoll::Epoll;
pub use signals::{ask_to_end, end_by};

/// There is something to read, or the end of the stream (epoll_ctl(2)).
pub const EPOLLIN: u32 = libc::EPOLLIN as u32;
/// There is room to write.
pub const EPOLLOUT: u32 = libc::EPOLLOUT as u32;
/// An urgent byte came (tcp(7)).
pub const EPOLLPRI: u32 = libc::EPOLLPRI as u32;
/// The peer has closed its sending side.
pub const EPOLLRDHUP: u32 = libc::EPOLLRDHUP as u32;
/// There is an error, which the next call returns. It is always reported.
pub const EPOLLERR: u32 = libc::EPOLLERR as u32;
/// Both directions are closed. It is always reported.
pub const EPOLLHUP: u32 = libc::EPOLLHUP as u32;
/// Edge-triggered: an event is reported once when it happens, and not again while it lasts
/// (epoll(7)).
pub const EPOLLET: u32 = libc::EPOLLET as u32;

/// The names of what `poll` reports, for example `EPOLLIN|EPOLLOUT`.
pub fn event_names(events: u32) -> String {
    let names = [
        (EPOLLIN, "EPOLLIN"),
        (EPOLLPRI, "EPOLLPRI"),
        (EPOLLOUT, "EPOLLOUT"),
        (EPOLLRDHUP, "EPOLLRDHUP"),
        (EPOLLERR, "EPOLLERR"),
        (EPOLLHUP, "EPOLLHUP"),
    ];
    let names = names.iter().filter(|(bit, _)| events & bit != 0).map(|(_, name)| *name);
    names.collect::<Vec<_>>().join("|")
}
