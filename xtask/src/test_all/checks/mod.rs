//! What is checked: the table, and below it a file for each group of checks.
//!
//! - `table`: the table
//! - `burst`: clients that come together
//! - `children`: servers of processes
//! - `completion`: a server that asks io_uring
//! - `concurrency`: many clients at once
//! - `conversation`: one client, and what it is told
//! - `descriptors`: no descriptor left
//! - `drain`: edge-triggered or level-triggered
//! - `ends`: ends that a server seldom sees
//! - `every_loop`: several loops on one port
//! - `fairness`: one client that floods
//! - `faults`: clients that break off, or send slowly
//! - `garbage`: random bytes
//! - `idle_calls`: what is done while nobody wants anything
//! - `inherited`: what whoever starts it hands on
//! - `lifecycle`: how a server starts
//! - `load`: more clients than usual
//! - `manners`: how it parts with its clients
//! - `note_client`: the notes' clients
//! - `operator`: the person at the keyboard
//! - `original`: what only the notes' own programs are asked
//! - `output`: an output that nobody reads
//! - `pool`: a pool of threads
//! - `prints`: what it writes
//! - `signal_overflow`: a full queue of signals
//! - `signals`: what interrupts it and what ends it
//! - `unhelpful`: an unhelpful kernel
//! - `unread`: clients that do not read
//! - `workers`: a thread or a process for each client
//! - `steps`, `crowd`, `owed`: what several checks do with a server

mod burst;
mod children;
mod completion;
mod concurrency;
mod conversation;
mod crowd;
mod descriptors;
mod drain;
mod ends;
mod every_loop;
mod fairness;
mod faults;
mod garbage;
mod idle_calls;
mod inherited;
mod lifecycle;
mod load;
mod manners;
mod note_client;
mod operator;
mod original;
mod output;
mod owed;
mod pool;
mod prints;
mod signal_overflow;
mod signals;
mod steps;
mod table;
mod unhelpful;
mod unread;
mod workers;

pub use inherited::{NO_ENV, NO_NAMESPACE, unshare};
pub use original::{FIRST_MESSAGE, OF_ORIGINALS};
pub use table::{CHECKS, Check, Pace};
