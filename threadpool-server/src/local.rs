//! What the two threads of the listing keep, each for itself or both together.

use std::cell::RefCell;
use std::sync::Mutex;
use std::thread::LocalKey;

use common::chosen;
use common::clap::{Arg, ArgAction};

/// The attributes that the listing gives its `local()`.
#[derive(Default)]
pub struct Local {
    /// `loc.name`.
    pub name: String,
    /// `loc.age`.
    pub age: u32,
}

/// A plain global, for `--shared`.
static SHARED: Mutex<Local> = Mutex::new(Local { name: String::new(), age: 0 });

/// `--shared`, for [`with`].
pub fn shared_option() -> Arg {
    Arg::new("shared")
        .long("shared")
        .action(ArgAction::SetTrue)
        .help("Keep one value for all threads, as a plain global does")
}

/// Gives `act` the thread's `own` value, or with `--shared` the one that all threads have.
pub fn with(own: &'static LocalKey<RefCell<Local>>, act: impl FnOnce(&mut Local)) {
    match chosen("shared") {
        Some(true) => act(&mut SHARED.lock().expect("no thread panics")),
        _ => own.with_borrow_mut(act),
    }
}
