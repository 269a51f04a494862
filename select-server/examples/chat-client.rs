//! A blocking client: it prints its connection, sends each line that is typed, waits for the answer and prints
//! it.
//!
//! Mirrors note 001, lines 114-122.
//!
//! Try: `cargo run -p select-server --example chat` first; type a line here, and the answer there.
//!
//! Differs from the listing:
//! - 119: the end of the input ends the client; the listing dies of it.
//! - 120: an empty line is asked again, as it sends nothing, and no answer to it would come.
//! - 121: an empty read or a reset ends the client, and bytes that are not UTF-8 are shown as U+FFFD; the
//!   listing prints an empty line, or dies.
//!
//! Experiment: start `cargo run -p select-server --example upper` and give this client 127.0.0.1:9000 as its
//! address: a program answers instead of a person.
#![forbid(unsafe_code)]

use common::{Arguments, Socket, input, reset_as_end, say}; // 114

fn main() -> common::Result {
    let about = "Sends what is typed and prints the answers (note 001:114-122)";
    let args = Arguments::client(env!("CARGO_BIN_NAME"), about, "127.0.0.1:6969").parse();

    let mut client = Socket::new()?; // 115
    client.connect(args.addr)?; // 116
    say!("{client}"); // 117
    for _round in args.rounds() {
        // 118
        let Some(inp) = input(">>>>:")? else {
            // 119 differs: the input may end
            say!("end of input");
            break;
        };
        if inp.is_empty() {
            continue;
        }
        client.sendall(inp.as_bytes()).or_else(reset_as_end)?; // 120 differs: never an empty line
        let data = client.recv(1024).or_else(reset_as_end)?; // 121 differs: nothing to read is the end
        if data.is_empty() {
            say!("the server closed the connection");
            break;
        }
        say!("{}", String::from_utf8_lossy(&data)); // 122
    }
    Ok(())
}
