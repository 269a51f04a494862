//! Python's `select.epoll`, as far as the notes' listing uses it.

mod epoll;
mod sys;

pub use epoll::Epoll;

/// There is something to read, or the end of the stream (epoll_ctl(2)).
pub const EPOLLIN: u32 = libc::EPOLLIN as u32;
/// There is room to write.
pub const EPOLLOUT: u32 = libc::EPOLLOUT as u32;
/// An error; reported whether asked for or not.
pub const EPOLLERR: u32 = libc::EPOLLERR as u32;
/// Both directions are closed; reported whether asked for or not.
pub const EPOLLHUP: u32 = libc::EPOLLHUP as u32;
/// Edge-triggered: an event is reported when it happens, not for as long as it lasts (epoll(7)).
pub const EPOLLET: u32 = libc::EPOLLET as u32;
