//! A blocking client: it sends each line that is typed, waits for a reply and prints it.
//!
//! Mirrors note 000, lines 100-107.
//!
//! Try: `cargo run -p select-server --example operator` first; type a line here, and the reply there.
//!
//! Differs from the listing:
//! - 102: dials the port of the listing's own server, 8801; nobody listens at 8080.
//! - 104: the end of the input ends the client; the listing dies of it.
//! - 105: an empty line is asked again, as it sends nothing, and no reply to it would come.
//! - 106: an empty read or a reset ends the client; the listing prints an empty line, or dies.
//! - 107: bytes that are not UTF-8 are shown as U+FFFD; the listing dies of them.
//!
//! Experiment: type a line of more than 1,024 characters. The server reads it in two parts and asks for two
//! replies; the second one waits here until the next line is sent.
#![forbid(unsafe_code)]

use common::{Arguments, Socket, input, reset_as_end, say}; // 100

fn main() -> common::Result {
    let about = "Sends what is typed and prints the replies (note 000:100-107)";
    let args = Arguments::client(env!("CARGO_BIN_NAME"), about, "127.0.0.1:8801").parse();

    let mut sk = Socket::new()?; // 101
    sk.connect(args.addr)?; // 102 differs: the server's port unless another is given
    for _round in args.rounds() {
        // 103
        let Some(inp) = input(">>")? else {
            // 104 differs: the input may end
            say!("end of input");
            break;
        };
        if inp.is_empty() {
            continue;
        }
        sk.sendall(inp.as_bytes()).or_else(reset_as_end)?; // 105 differs: never an empty line
        let data = sk.recv(1024).or_else(reset_as_end)?; // 106 differs: nothing to read is the end
        if data.is_empty() {
            say!("the server closed the connection");
            break;
        }
        say!("{}", String::from_utf8_lossy(&data)); // 107 differs: any bytes are shown
    }
    Ok(())
}
