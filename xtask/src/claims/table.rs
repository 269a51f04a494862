//! The table of claims, in the order of the notes.

use crate::claims::claim::Claim;
use crate::claims::measure::{edge, one_client, polling, second_phase, sleep, triggers, watching};

/// All claims.
pub const CLAIMS: &[Claim] = &[
    Claim {
        name: "sleep-uninterruptible",
        at: &["000:16", "000:21"],
        claim: "A process that is blocked sleeps uninterruptibly.",
        measure: sleep::state,
    },
    Claim {
        name: "copying-blocks",
        at: &[
            "000:17", "000:23", "000:25", "003:60", "003:64", "003:98", "003:110", "004:51",
            "004:75",
        ],
        claim: "Blocking, non-blocking, multiplexing and signal-driven I/O all hold the process \
                while the kernel copies the data to it.",
        measure: second_phase::copying_holds_the_process,
    },
    Claim {
        name: "select-two-calls",
        at: &["000:98", "004:127"],
        claim: "select needs two calls where blocking needs one: it pays for many clients, and not \
                for one.",
        measure: one_client::calls_of_select,
    },
    Claim {
        name: "cost-of-watching",
        at: &[
            "000:145", "000:147", "000:153", "003:130", "003:132", "003:133", "004:173", "004:177",
            "004:180",
        ],
        claim: "What select and poll cost grows with the number of sockets that they watch; what \
                epoll costs grows with those that are active.",
        measure: watching::cost_of_watching,
    },
    Claim {
        name: "cost-of-copying",
        at: &["000:146", "000:148", "000:157", "000:159"],
        claim: "With many sockets, copying their list to the kernel and back makes select and poll \
                dear.",
        measure: watching::cost_of_copying,
    },
    Claim {
        name: "level-again-edge-once",
        at: &["000:149", "000:150", "000:159", "000:161", "001:62", "001:63", "001:92"],
        claim: "Level-triggered, a socket that nobody acts on is reported again with each call; \
                edge-triggered, only once.",
        measure: triggers::reports,
    },
    Claim {
        name: "edge-is-better",
        at: &["000:150", "000:161"],
        claim: "Edge-triggered is epoll's greatest strength, and the faster of its two ways.",
        measure: edge::better_trigger,
    },
    Claim {
        name: "polling-wastes",
        at: &["004:117"],
        claim: "Asking by non-blocking calls, again and again, wastes the processor.",
        measure: polling::waste_of_asking,
    },
];
