//! Python's `selectors` module: one interface over epoll(7), poll(2) and select(2), for many file
//! objects at once. Each file object has the data that it was registered with.
//!
//! Mirrors note 003, lines 159-168.
//!
//! Try: `cargo run -p selectors-server -- --selector poll`, then `nc 127.0.0.1 9999`; every line
//! comes back.
//!
//! Differs from the listing: nowhere. The rule chooses epoll on Linux, and this crate reaches it by
//! mio: [`DefaultSelector`] is built on [`MioSelector`]. [`EpollSelector`], [`PollSelector`] and
//! [`SelectSelector`] (note 003:141-148) do the same by hand. All are level-triggered, as Python
//! promises: they report a socket again while it is still ready.
//!
//! Experiment: run `cargo build -p selectors-server`, then
//! `strace -c target/debug/selectors-server --selector poll`. Type a few lines in `nc`, and press
//! Ctrl-C. Then do the same with `select`, `epoll` and `mio`. mio makes one more call for each
//! message, an `epoll_ctl` that re-arms the socket. poll and select pass the whole list in each
//! call.
mod callback;
mod choice;
mod epoll_selector;
pub mod executor;
mod mask;
mod mio_selector;
mod poll_selector;
mod readiness;
mod select_selector;
mod selector;
pub mod stream;
pub mod timeline;
mod watched;

pub use callback::{Callback, Selector};
pub use choice::{NAMES, Options};
pub use epoll_selector::EpollSelector;
pub use mask::{EVENT_READ, EVENT_WRITE, Mask};
pub use mio_selector::MioSelector;
pub use poll_selector::PollSelector;
pub use select_selector::SelectSelector;
pub use selector::{BaseSelector, DefaultSelector, Events, SelectorKey};

/// The best class that a platform has: epoll, kqueue or devpoll, then poll, then select. `globals`
/// tells whether it has a class of that name, as Python's `in globals()`.
#[rustfmt::skip]
pub fn best(globals: impl Fn(&str) -> bool) -> &'static str {
    if globals("KqueueSelector") {         // 159
        "KqueueSelector"                   // 160
    } else if globals("EpollSelector") {   // 161
        "EpollSelector"                    // 162
    } else if globals("DevpollSelector") { // 163
        "DevpollSelector"                  // 164
    } else if globals("PollSelector") {    // 165
        "PollSelector"                     // 166
    } else {                               // 167
        "SelectSelector"                   // 168
    }
}
