//! The table of claims, in the order of the notes.

use crate::claims::claim::Claim;
use crate::claims::measure::{asynchronous, copies, memory, pool, signals, switching};

/// All claims.
pub const CLAIMS: &[Claim] = &[
    Claim {
        name: "switching",
        at: &["000:2"],
        claim: "a switch between processes takes longest, one between threads less, and one between \
                coroutines least",
        measure: switching::switching,
    },
    Claim {
        name: "connections-in-memory",
        at: &["000:152"],
        claim: "epoll watches about 100,000 connections for each GiB of memory",
        measure: memory::connections_in_memory,
    },
    Claim {
        name: "cached-io-copies",
        at: &["002:70", "002:73"],
        claim: "cached I/O copies data several times between kernel and process, which costs much \
                processor time and memory",
        measure: copies::cached_io,
    },
    Claim {
        name: "signal-when-ready",
        at: &["003:97"],
        claim: "when data is there, the kernel sends a SIGIO",
        measure: signals::signal_driven,
    },
    Claim {
        name: "asynchronous-returns-at-once",
        at: &["003:102", "003:106", "003:112", "004:191"],
        claim: "an asynchronous call, for example of Linux's aio, returns at once, and a signal \
                comes when the data was copied",
        measure: asynchronous::asynchronous,
    },
    Claim {
        name: "pool-up-to-its-size",
        at: &["004:65", "004:68"],
        claim: "a pool takes load off the server, but only as long as there are not many more \
                requests than its size",
        measure: pool::pool,
    },
];
