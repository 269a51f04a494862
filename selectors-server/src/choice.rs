//! The mechanism below a selector, by its name.

use std::io::{self, ErrorKind};
use std::os::fd::AsRawFd;

use common::clap::builder::PossibleValuesParser;
use common::clap::{self, Args};

use crate::best;
use crate::epoll_selector::EpollSelector;
use crate::mio_selector::MioSelector;
use crate::poll_selector::PollSelector;
use crate::select_selector::SelectSelector;
use crate::selector::{BaseSelector, DefaultSelector};

/// The names that `--selector` takes.
pub const NAMES: [&str; 5] = ["default", "mio", "epoll", "poll", "select"];

/// The classes of note 003:143-147 that this platform has.
const GLOBALS: [&str; 3] = ["EpollSelector", "PollSelector", "SelectSelector"];

/// The option of this crate's servers.
#[derive(Args)]
pub struct Options {
    /// Mechanism below the selector; default is the best that this platform has
    #[arg(long, value_name = "NAME", default_value = "default")]
    #[arg(value_parser = PossibleValuesParser::new(NAMES))]
    pub selector: String,
}

impl<F: AsRawFd + Clone, D: Clone> DefaultSelector<F, D> {
    /// A selector over the mechanism of that name, one of [`NAMES`]. `default` is the one that
    /// [`best`] chooses.
    ///
    /// # Errors
    /// `InvalidInput` for another name; those of the mechanism, for example EMFILE.
    pub fn named(name: &str) -> io::Result<Self> {
        mechanism(name).map(DefaultSelector::over)
    }
}

fn mechanism(name: &str) -> io::Result<Box<dyn BaseSelector>> {
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
