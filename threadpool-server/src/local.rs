//! What the two threads of the listing keep: each its own value, or both the same one.

use std::cell::RefCell;
use std::sync::Mutex;
use std::thread::LocalKey;

use common::clap::{self, Args};

use crate::Pause;

/// The attributes that the listing gives its `local()`.
#[derive(Default)]
pub struct Local {
    /// `loc.name`.
    pub name: String,
    /// `loc.age`.
    pub age: u32,
}

/// The options of the listing's program.
#[derive(Args, Clone, Copy)]
pub struct Options {
    /// The longest pause.
    #[command(flatten)]
    pub pause: Pause,
    /// Keep one value for all threads, as a plain global does
    #[arg(long)]
    pub shared: bool,
}

/// A plain global, for `--shared`.
static SHARED: Mutex<Local> = Mutex::new(Local { name: String::new(), age: 0 });

/// Gives `act` the thread's `own` value, or the one that is `shared` by all threads.
pub fn with(own: &'static LocalKey<RefCell<Local>>, shared: bool, act: impl FnOnce(&mut Local)) {
    if shared {
        act(&mut SHARED.lock().expect("no thread panics"));
    } else {
        own.with_borrow_mut(act);
    }
}
