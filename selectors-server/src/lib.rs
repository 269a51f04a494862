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

use std::io::{self, ErrorKind};

use common::clap::Arg;
use common::clap::builder::PossibleValuesParser;

mod callback;
mod epoll_selector;
pub mod executor;
mod logging;
mod mask;
mod mio_selector;
mod poll_selector;
mod readiness;
mod select_selector;
mod selector;
pub mod stream;
pub mod timeline;

pub use callback::{Callback, Selector};
pub use epoll_selector::EpollSelector;
pub use logging::basic_config;
pub use mask::{EVENT_READ, EVENT_WRITE, Mask};
pub use mio_selector::MioSelector;
pub use poll_selector::PollSelector;
pub use select_selector::SelectSelector;
pub use selector::{BaseSelector, DefaultSelector, Events, SelectorKey};

/// The names that `--selector` takes.
pub const NAMES: [&str; 5] = ["default", "mio", "epoll", "poll", "select"];

/// Of the classes in note 003:143-147, those that this platform has.
const GLOBALS: [&str; 3] = ["EpollSelector", "PollSelector", "SelectSelector"];

/// The option `--selector NAME`, which [`DefaultSelector::new`] follows.
pub fn selector_option() -> Arg {
    Arg::new("selector")
        .long("selector")
        .value_name("NAME")
        .default_value("default")
        .value_parser(PossibleValuesParser::new(NAMES))
        .help("Mechanism below the selector; default is the best that this platform has")
}

pub(crate) fn mechanism(name: &str) -> io::Result<Box<dyn BaseSelector>> {
    Ok(match name {
        "default" => match best(|class| GLOBALS.contains(&class)) {
            "PollSelector" => Box::new(PollSelector::new()),
            "SelectSelector" => Box::new(SelectSelector::new()),
            _ => Box::new(MioSelector::new()?),
        },
        "mio" => Box::new(MioSelector::new()?),
        "epoll" => Box::new(EpollSelector::new()?),
        "poll" => Box::new(PollSelector::new()),
        "select" => Box::new(SelectSelector::new()),
        _ => {
            let message = format!("no selector {name}; there are {}", NAMES.join(", "));
            return Err(io::Error::new(ErrorKind::InvalidInput, message));
        }
    })
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_takes_the_best_that_there_is() {
        let choose = |classes: &[&str]| best(|class| classes.contains(&class));
        assert_eq!(choose(&GLOBALS), "EpollSelector");
        assert_eq!(choose(&["PollSelector", "KqueueSelector"]), "KqueueSelector");
        assert_eq!(choose(&["DevpollSelector", "PollSelector"]), "DevpollSelector");
        assert_eq!(choose(&["PollSelector", "SelectSelector"]), "PollSelector");
        assert_eq!(choose(&["SelectSelector"]), "SelectSelector");
    }

    #[test]
    fn every_name_is_a_mechanism_and_no_other() {
        let below = NAMES.map(|name| mechanism(name).unwrap().name());
        let mio = "MioSelector over epoll(7)";
        let by_hand = ["EpollSelector over epoll(7)", "PollSelector over poll(2)"];
        assert_eq!(below[..2], [mio; 2]);
        assert_eq!(below[2..4], by_hand);
        assert_eq!(below[4..], ["SelectSelector over select(2)"]);
        let error = mechanism("kqueue").map(drop).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
    }
}
