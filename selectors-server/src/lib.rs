//! Python's `selectors` module: one interface over epoll(7), poll(2) and select(2), with many file
//! objects at once, each with the data that it was registered with.
//!
//! Mirrors note 003, lines 159-168.
//!
//! Try: `cargo run -p selectors-server -- --selector poll`, then `nc 127.0.0.1 9999`; every line
//! comes back.
//!
//! Differs from the listing: nowhere. The rule chooses epoll on Linux, and mio is how this crate
//! reaches it: [`DefaultSelector`] stands on [`MioSelector`]; [`EpollSelector`], [`PollSelector`]
//! and [`SelectSelector`] (note 003:141-148) do the same by hand. All are level-triggered, as
//! Python promises: what was reported and is still so is reported again.
//!
//! Experiment: `cargo build -p selectors-server`, then
//! `strace -c target/debug/selectors-server --selector poll`, a few lines through `nc`, and Ctrl-C;
//! then the same with `select`, `epoll` and `mio`. mio makes one call more for each message, an
//! `epoll_ctl` that arms the socket again; poll and select hand over the whole list in each call
//! instead.

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
pub fn best(globals: impl Fn(&str) -> bool) -> &'static str {
    if globals("KqueueSelector") {
        // 159
        "KqueueSelector" // 160
    } else if globals("EpollSelector") {
        // 161
        "EpollSelector" // 162
    } else if globals("DevpollSelector") {
        // 163
        "DevpollSelector" // 164
    } else if globals("PollSelector") {
        // 165
        "PollSelector" // 166
    } else {
        // 167
        "SelectSelector" // 168
    }
}
