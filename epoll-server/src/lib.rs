//! Python's `select.epoll`, and the [`logging`] of the listing that shows it; io_uring(7), for the
//! model that needs neither; what an example does before a signal ends it.

mod epoll;
pub mod logging;
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
/// An error waits to be told by the next call; reported whether asked for or not.
pub const EPOLLERR: u32 = libc::EPOLLERR as u32;
/// Both directions are closed; reported whether asked for or not.
pub const EPOLLHUP: u32 = libc::EPOLLHUP as u32;
/// Edge-triggered: an event is reported when it happens, not for as long as it lasts (epoll(7)).
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
