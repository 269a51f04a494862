//! What the commands share: a server is built, launched, spoken with and looked at.
//!
//! - [`build`]: one `cargo build`
//! - [`command_line`]: what is typed to launch a program
//! - [`program`]: a server, or a client of the notes, while it runs
//! - [`guard`]: who ends it when nobody else can
//! - [`launch`]: a server that says where it listens
//! - [`output`]: what a program prints
//! - [`state`]: what a program does just now
//! - [`strace`]: whether strace(1) is there
//! - [`tree`]: which processes a program consists of
//! - [`proc`], [`tcp`][]: what the kernel tells of processes and of sockets
//! - [`sock_diag`]: what it tells of one connection
//! - [`process`]: what the processes of a program take: memory, descriptors, processor time
//! - [`calls`]: whether they make system calls
//! - [`limits`]: how many descriptors they may open, and signals that may wait for them
//! - [`inside`]: the server's own sockets, as the tester sees them
//! - [`wait`]: looking again and again, up to a deadline
//! - [`signals`]: those that this process was told to ignore or to block
//! - [`interrupt`][]: Ctrl-C
//! - [`stop`]: a tester that was stopped, and goes on
//! - [`preload`]: an unhelpful kernel for a server
//! - [`client`]: a socket with deadlines
//! - [`compare`]: where bytes differ
//! - [`connection`], [`exchange`]: a client that never blocks, and what it asks
//! - [`pace`]: how fast a stream comes
//! - [`speaker`]: a client that knows what its server says
//! - [`threads`]: threads of the tester
//! - [`trial`]: a server under test, not launched yet
//! - [`machine`]: where and when figures were made
//! - [`outcome`]: what a check answers

pub mod build;
pub mod calls;
pub mod client;
pub mod command_line;
pub mod compare;
pub mod connection;
pub mod exchange;
pub mod guard;
pub mod inside;
pub mod interrupt;
pub mod launch;
pub mod limits;
pub mod machine;
pub mod outcome;
pub mod output;
pub mod pace;
pub mod preload;
pub mod proc;
pub mod process;
pub mod program;
pub mod signals;
pub mod sock_diag;
pub mod speaker;
pub mod state;
pub mod stop;
pub mod strace;
mod sys;
pub mod tcp;
pub mod threads;
pub mod tree;
pub mod trial;
pub mod wait;
