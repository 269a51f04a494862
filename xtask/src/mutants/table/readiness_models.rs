//! Defects of poll, the model that is told again and again.

use super::{Mutant, Verdict};

const POLL: Mutant = Mutant {
    name: "",
    server: "poll",
    file: "select-server/examples/poll.rs",
    from: "",
    to: "",
    breaks: "",
    verdict: Verdict::Found,
};

pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "poll-limit-of-select",
        from: "inputs.push(conn.clone());",
        to: "inputs.extend(select::fitting(&conn));",
        breaks: "Descriptors from 1,024 on are refused, as select has to.",
        ..POLL
    },
    Mutant {
        name: "poll-one-event-each",
        from: "fold(0, |events, (_, event)| events | event)",
        to: "fold(0, |_, (_, event)| *event)",
        breaks: "Of the events that are asked of one socket only the last is: nothing is read.",
        ..POLL
    },
    Mutant {
        name: "poll-no-urgent-data",
        from: "(xlist, POLLPRI)]",
        to: "(xlist, 0)]",
        breaks: "Out-of-band data ends nobody.",
        ..POLL
    },
    Mutant {
        name: "poll-looks-now-and-then",
        from: "poller.poll(None)?",
        to: "poller.poll(Some(std::time::Duration::from_millis(100)))?",
        breaks: "It wakes up ten times a second for nothing.",
        ..POLL
    },
];
