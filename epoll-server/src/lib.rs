//! Python's `select.epoll`, and the [`logging`] of the listing that shows it; io_uring(7), for the
//! model that needs neither.

mod epoll;
pub mod logging;
mod sys;
pub mod uring;

pub use epoll::Epoll;

/// There is something to read, or the end of the stream (epoll_ctl(2)).
pub const EPOLLIN: u32 = libc::EPOLLIN as u32;
/// There is room to write.
pub const EPOLLOUT: u32 = libc::EPOLLOUT as u32;
/// Both directions are closed; reported whether asked for or not.
pub const EPOLLHUP: u32 = libc::EPOLLHUP as u32;
/// Edge-triggered: an event is reported when it happens, not for as long as it lasts (epoll(7)).
pub const EPOLLET: u32 = libc::EPOLLET as u32;
