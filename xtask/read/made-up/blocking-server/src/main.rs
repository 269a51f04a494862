//! A server that waits.
//!
//! Mirrors note 001, lines 3-8.
//!
//! Try: `nc 127.0.0.1 1`; it greets.
//!
//! Differs from the listing:
//! - 6: the read may be empty; the listing `dies`.
//!
//! Experiment: start a second one.

#[rustfmt::skip]
fn main() -> Result {
    loop { // 3
        let data = conn.recv(10)?; // 6 differs
        let conn = server.accept()?; // 4
        let data = conn.recv(10)?; // 6
        let greeting = format!(
            "{}",
            data,
        ); // 7
        one();
        two();
        three();
        four();
        conn.send(greeting)?; // 8
    }
}
