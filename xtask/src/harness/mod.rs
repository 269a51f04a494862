//! What the commands share: a server is built, launched, spoken with and looked at.
//!
//! - [`build`]: one `cargo build`
//! - [`launch`]: a server, or a client of the notes, as a child process
//! - [`output`]: what a child prints
//! - [`process`]: memory, descriptors and processor time of a child
//! - [`inside`]: the server's own sockets, as the tester sees them
//! - [`preload`]: an unhelpful kernel for a server
//! - [`client`]: a socket with deadlines
//! - [`speaker`]: a client that knows what its server says
//! - [`trial`]: a server under test, not launched yet
//! - [`machine`]: where and when figures were made
//! - [`outcome`]: what a check answers

pub mod build;
pub mod client;
pub mod inside;
pub mod launch;
pub mod machine;
pub mod outcome;
pub mod output;
pub mod preload;
pub mod process;
pub mod speaker;
pub mod trial;
