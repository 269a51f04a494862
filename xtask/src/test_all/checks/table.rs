//! The table of what is checked.

use crate::harness::outcome::{Outcome, Verdict};
use crate::harness::trial::Trial;
use crate::test_all::checks::{
    burst, children, completion, concurrency, conversation, descriptors, drain, ends, every_loop,
    fairness, faults, garbage, idle_calls, inherited, lifecycle, load, manners, note_client,
    operator, output, pool, prints, signal_overflow, signals, unhelpful, unread, workers,
};

/// One requirement on a server.
pub struct Check {
    /// Its name in kebab-case.
    pub name: &'static str,
    /// What must hold, in one line.
    pub requirement: &'static str,
    /// Finds out whether it holds.
    pub run: fn(&Trial<'_>) -> Outcome,
    /// How long it takes.
    pub pace: Pace,
    /// Whether its answer depends on how the server learns that a socket is ready: it then runs
    /// with each mechanism that the server has for that. One that is slow does so for the crate's
    /// own server alone.
    pub readiness: bool,
    /// The check before it that a program of somebody else must not fail: this one would fail, too.
    pub needs: Option<&'static str>,
    /// Why a program of somebody else is not asked; `None` where each client sees the answer.
    pub own: Option<&'static str>,
}

/// How long a check takes.
#[derive(Clone, Copy, PartialEq)]
pub enum Pace {
    /// It ends within a second.
    Quick,
    /// It takes longer.
    Slow,
}

/// What most checks have in common.
pub(super) const QUICK: Check = Check {
    name: "",
    requirement: "",
    run: |_| Ok(Verdict::Pass),
    pace: Pace::Quick,
    readiness: false,
    needs: None,
    own: None,
};
const SLOW: Check = Check { pace: Pace::Slow, ..QUICK };

const PRINTS: &str = "what it prints is each program's own choice";
const OPTIONS: &str = "it asks for options and answers that only this project's servers have";
const KERNEL: &str = "it puts a library between a server and the kernel, and knows its own servers";
const DIVIDES: &str = "how a program divides its work is its own choice";

/// All checks, from a first conversation to the ways to end.
pub const CHECKS: &[Check] = &[
    Check {
        name: "conversation",
        requirement: "it says what its listing says, byte for byte, and nothing after that",
        run: conversation::conversation,
        readiness: true,
        ..QUICK
    },
    Check {
        name: "operator",
        requirement: "the operator is asked for each reply; without an operator, a client that speaks is closed",
        run: operator::operator,
        readiness: true,
        own: Some(PRINTS),
        ..QUICK
    },
    Check {
        name: "note-client",
        requirement: "the note's own client works with it, and ends cleanly also without its server",
        run: note_client::note_client,
        own: Some("the note has a client for its own server alone"),
        ..SLOW
    },
    Check {
        name: "sizes",
        requirement: "messages of any bytes, from 1 byte to 1 MiB, are answered byte for byte",
        run: conversation::sizes,
        readiness: true,
        needs: Some("conversation"),
        ..QUICK
    },
    Check {
        name: "one-byte-at-a-time",
        requirement: "a message that arrives one byte at a time is answered",
        run: conversation::one_byte_at_a_time,
        readiness: true,
        needs: Some("conversation"),
        ..QUICK
    },
    Check {
        name: "pipelined",
        requirement: "200 messages that are sent at once are answered in order",
        run: conversation::pipelined,
        readiness: true,
        needs: Some("conversation"),
        ..QUICK
    },
    Check {
        name: "short-writes",
        requirement: "1 MiB passes both ways while sends and receives are short and calls are interrupted",
        run: unhelpful::short_writes,
        readiness: true,
        own: Some(KERNEL),
        ..SLOW
    },
    Check {
        name: "refused-writes",
        requirement: "while the kernel refuses sends, every byte arrives once, and others are served",
        run: unhelpful::refused_writes,
        readiness: true,
        own: Some(KERNEL),
        ..SLOW
    },
    Check {
        name: "refused-registration",
        requirement: "a client that epoll cannot take is closed with a message, and the others are served",
        run: unhelpful::refused_registration,
        own: Some(KERNEL),
        ..QUICK
    },
    Check {
        name: "half-close",
        requirement: "a client that closes its sending side gets every reply, then the end of the stream",
        run: conversation::half_close,
        readiness: true,
        needs: Some("conversation"),
        ..QUICK
    },
    Check {
        name: "many-clients",
        requirement: "64 clients are served at once, and none of them gets another's data",
        run: concurrency::many_clients,
        readiness: true,
        needs: Some("conversation"),
        ..SLOW
    },
    Check {
        name: "second-client",
        requirement: "a further client is served while others are idle, or as soon as one of them leaves",
        run: concurrency::second_client,
        readiness: true,
        needs: Some("conversation"),
        ..QUICK
    },
    Check {
        name: "reset",
        requirement: "a client that resets the connection harms nobody else, and its descriptor is closed",
        run: faults::reset,
        readiness: true,
        needs: Some("conversation"),
        ..QUICK
    },
    Check {
        name: "reset-in-backlog",
        requirement: "a client that resets in the backlog does not stop the server, and nothing spins",
        run: faults::reset_in_backlog,
        readiness: true,
        needs: Some("reset"),
        ..QUICK
    },
    Check {
        name: "send-and-close",
        requirement: "a client that sends and closes at once is closed cleanly, and nothing spins",
        run: faults::send_and_close,
        readiness: true,
        needs: Some("conversation"),
        ..QUICK
    },
    Check {
        name: "unread-replies",
        requirement: "a client that sends 32 MiB before it reads has to wait, and gets every byte in the end",
        run: unread::unread_replies,
        readiness: true,
        needs: Some("half-close"),
        ..SLOW
    },
    Check {
        name: "unread-crowd",
        requirement: "with 100 clients that do not read, memory is bounded, others are served, no byte is lost",
        run: unread::unread_crowd,
        needs: Some("unread-replies"),
        ..SLOW
    },
    Check {
        name: "owed-and-gone",
        requirement: "a client that leaves with unsent replies is closed within a second, and nothing spins",
        run: ends::owed_and_gone,
        readiness: true,
        needs: Some("reset"),
        ..SLOW
    },
    Check {
        name: "urgent-data",
        requirement: "out-of-band data before and between messages ends its client where the listing says so, else nobody",
        run: ends::urgent_data,
        readiness: true,
        own: Some("what urgent data does to a client is each program's own choice"),
        ..QUICK
    },
    Check {
        name: "slow-loris",
        requirement: "50 clients that send one byte a second do not hold others up",
        run: faults::slow_loris,
        readiness: true,
        needs: Some("second-client"),
        ..SLOW
    },
    Check {
        name: "fairness",
        requirement: "beside a client that floods it, nine clients get 95 % of their answers within 100 ms",
        run: fairness::fairness,
        readiness: true,
        needs: Some("second-client"),
        ..SLOW
    },
    Check {
        name: "long-lines",
        requirement: "a line of about 1,024 bytes or of 16 MiB is answered or refused, in bounded memory",
        run: pool::long_lines,
        own: Some(OPTIONS),
        ..QUICK
    },
    Check {
        name: "waiting-room",
        requirement: "clients that find no worker wait, and are served in the order in which they came",
        run: pool::waiting_room,
        own: Some(DIVIDES),
        ..SLOW
    },
    Check {
        name: "pause",
        requirement: "`--pause` makes each answer wait, and the workers pause at the same time",
        run: pool::pause,
        own: Some(OPTIONS),
        ..SLOW
    },
    Check {
        name: "one-each",
        requirement: "each client has the thread or process of its own that its model names, within its bound",
        run: workers::one_each,
        own: Some(DIVIDES),
        ..QUICK
    },
    Check {
        name: "refused-start",
        requirement: "while the system refuses threads and processes the next client waits, which is said once; \
                      at its start one line names what did not start",
        run: workers::refused_start,
        own: Some(KERNEL),
        ..QUICK
    },
    Check {
        name: "panic",
        requirement: "a thread that panics ends its client only, and its place is free again",
        run: workers::panic,
        own: Some(OPTIONS),
        ..QUICK
    },
    Check {
        name: "finish",
        requirement: "`finish` runs whatever `handle` did: returned, failed or panicked",
        run: workers::finish,
        own: Some(OPTIONS),
        ..QUICK
    },
    Check {
        name: "children",
        requirement: "no child is left after 1,000 clients, and none outlives its server, whatever ends that",
        run: children::children,
        needs: Some("many-clients"),
        ..SLOW
    },
    Check {
        name: "killed-child",
        requirement: "a child that is killed ends its client only; a worker is replaced, once a second at most",
        run: children::killed_child,
        own: Some(DIVIDES),
        ..SLOW
    },
    Check {
        name: "churn",
        requirement: "5,000 connections in a row, a third of them reset, leave no descriptor and no memory behind",
        run: load::churn,
        readiness: true,
        needs: Some("reset"),
        ..SLOW
    },
    Check {
        name: "descriptors-exhausted",
        requirement: "without a free descriptor it says so, waits, and serves everyone in the end",
        run: descriptors::descriptors_exhausted,
        readiness: true,
        needs: Some("many-clients"),
        ..SLOW
    },
    Check {
        name: "beyond-1024",
        requirement: "of 2,000 clients, select refuses those that an fd_set cannot hold; others serve all",
        run: load::beyond_1024,
        readiness: true,
        needs: Some("many-clients"),
        ..SLOW
    },
    Check {
        name: "connect-storm",
        requirement: "500 clients that connect at once are all served in the end",
        run: load::connect_storm,
        readiness: true,
        needs: Some("many-clients"),
        ..SLOW
    },
    Check {
        name: "burst",
        requirement: "clients that come together are accepted in a row, with TCP_NODELAY and SO_KEEPALIVE",
        run: burst::burst,
        own: Some(KERNEL),
        ..QUICK
    },
    Check {
        name: "backlog",
        requirement: "as many clients as the listing says can wait to be accepted, and not many more",
        run: load::backlog,
        own: Some("how many may wait is the listing's own number"),
        ..QUICK
    },
    Check {
        name: "idle-cpu",
        requirement: "100 idle clients use less than 2 % of a core, except in the polling server",
        run: load::idle_cpu,
        readiness: true,
        needs: Some("conversation"),
        ..SLOW
    },
    Check {
        name: "completions",
        requirement: "the io_uring server makes no recv, send, read or write call, and shares its buffers",
        run: completion::completions,
        own: Some(KERNEL),
        ..QUICK
    },
    Check {
        name: "small-ring",
        requirement: "a ring of 8 completions and 4 buffers loses no byte and no client, however it is set up",
        run: completion::small_ring,
        own: Some(OPTIONS),
        ..SLOW
    },
    Check {
        name: "old-kernel",
        requirement: "a kernel that refuses a ring gets a plainer one, or it says which kernel it needs",
        run: completion::old_kernel,
        own: Some(KERNEL),
        ..QUICK
    },
    Check {
        name: "idle-calls",
        requirement: "a model makes no system call in a second while its clients are idle",
        run: idle_calls::idle_calls,
        own: Some("no call at all is what this project's models promise"),
        ..SLOW
    },
    Check {
        name: "idle-clients",
        requirement: "with --idle, a client that says nothing or never reads is closed, and others are served",
        run: manners::idle_clients,
        own: Some(OPTIONS),
        ..SLOW
    },
    Check {
        name: "drain",
        requirement: "without draining, edge-triggered leaves the rest of a message unread; others deliver it",
        run: drain::drain,
        own: Some(OPTIONS),
        ..QUICK
    },
    Check {
        name: "signal-overflow",
        requirement: "when the queue of signals is full, it looks at every socket, and no byte is lost",
        run: signal_overflow::signal_overflow,
        own: Some(PRINTS),
        ..QUICK
    },
    Check {
        name: "every-loop",
        requirement: "four loops share 128 clients, and say so at the end; one that panics ends the program",
        run: every_loop::every_loop,
        own: Some(OPTIONS),
        ..QUICK
    },
    Check {
        name: "interrupted",
        requirement: "SIGSTOP, SIGCONT, SIGCHLD and SIGWINCH lose no message",
        run: signals::interrupted,
        readiness: true,
        needs: Some("conversation"),
        ..QUICK
    },
    Check {
        name: "prints",
        requirement: "each line of the listing appears where it shows it, control characters as escapes, and \
                      standard error stays empty",
        run: prints::prints,
        own: Some(PRINTS),
        ..QUICK
    },
    Check {
        name: "reset-is-said",
        requirement: "it prints which client has reset its connection",
        run: prints::reset_is_said,
        own: Some(PRINTS),
        ..QUICK
    },
    Check {
        name: "idle-line",
        requirement: "while no client comes, it prints its line after each time-out",
        run: prints::idle_line,
        own: Some(PRINTS),
        ..SLOW
    },
    Check {
        name: "quiet",
        requirement: "with --quiet it prints only where it listens, and its log stays empty",
        run: prints::quiet,
        own: Some(OPTIONS),
        ..QUICK
    },
    Check {
        name: "closed-output",
        requirement: "it goes on when the reader of its output has gone",
        run: output::closed_output,
        own: Some(PRINTS),
        ..QUICK
    },
    Check {
        name: "stuck-output",
        requirement: "while its output is full it blocks, then goes on or ends by SIGTERM; not with --quiet",
        run: output::stuck_output,
        own: Some(PRINTS),
        ..SLOW
    },
    Check {
        name: "termination",
        requirement: "SIGTERM and SIGINT end it within a second, and the port is free",
        run: signals::termination,
        needs: Some("conversation"),
        ..QUICK
    },
    Check {
        name: "first-process",
        requirement: "as process 1 of a container, SIGINT and SIGTERM end it, with exit status 130 and 143",
        run: inherited::first_process,
        own: Some("a container is no part of what a client sees"),
        ..QUICK
    },
    Check {
        name: "inherited-signals",
        requirement: "it ends as usual also when its parent ignored or blocked signals",
        run: inherited::inherited_signals,
        own: Some("how it is started is no part of what a client sees"),
        ..SLOW
    },
    Check {
        name: "owed-at-the-end",
        requirement: "after SIGTERM it sends all unsent replies within a second, and resets no connection",
        run: manners::owed_at_the_end,
        own: Some(OPTIONS),
        ..SLOW
    },
    Check {
        name: "garbage",
        requirement: "10,000 random messages are answered by the rule of the listing, or refused clearly",
        run: garbage::garbage,
        readiness: true,
        needs: Some("half-close"),
        ..SLOW
    },
    Check {
        name: "restart",
        requirement: "the port can be bound at once after the server was killed with clients connected",
        run: lifecycle::restart,
        needs: Some("second-client"),
        ..QUICK
    },
    Check {
        name: "address-in-use",
        requirement: "an address in use ends in one clear line on standard error and a non-zero exit",
        run: lifecycle::address_in_use,
        own: Some(PRINTS),
        ..QUICK
    },
    Check {
        name: "broken-listener",
        requirement: "a broken listener ends it within a second, with one clear line and a non-zero exit",
        run: ends::broken_listener,
        own: Some(PRINTS),
        ..QUICK
    },
    Check {
        name: "defaults",
        requirement: "--help shows the address, the listing and the model; it and --version exit with 0",
        run: lifecycle::defaults,
        own: Some(OPTIONS),
        ..QUICK
    },
    Check {
        name: "bad-address",
        requirement: "a malformed address ends in one clear line on standard error and a non-zero exit",
        run: lifecycle::bad_address,
        own: Some(OPTIONS),
        ..QUICK
    },
    Check {
        name: "unknown-option",
        requirement: "an unknown option ends in one clear line on standard error and a non-zero exit",
        run: lifecycle::unknown_option,
        own: Some(OPTIONS),
        ..QUICK
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_check_needs_comes_before_it() {
        for (place, check) in CHECKS.iter().enumerate() {
            assert!(check.needs.is_none() || check.own.is_none(), "{}", check.name);
            if let Some(needs) = check.needs {
                let before = CHECKS[..place].iter().find(|before| before.name == needs);
                let before = before.unwrap_or_else(|| panic!("{} needs {needs}", check.name));
                assert!(before.own.is_none(), "{} needs {needs}", check.name);
            }
        }
    }
}
