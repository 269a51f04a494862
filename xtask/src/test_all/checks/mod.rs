//! The table of what is checked.

use std::time::Duration;

use crate::harness::launch::Running;
use crate::harness::outcome::{Outcome, Verdict, fail};
use crate::harness::process::{memory, share_of_a_core};
use crate::harness::trial::Trial;

mod burst;
mod children;
mod completion;
mod concurrency;
mod conversation;
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
mod output;
mod owed;
mod pool;
mod prints;
mod signal_overflow;
mod signals;
mod unhelpful;
mod unread;
mod workers;

pub use inherited::{NO_ENV, NO_NAMESPACE, unshare};

/// The share of a core below which a server counts as waiting, not spinning.
const REST: f64 = 0.2;
/// Long enough for many rounds of a loop that does not wait.
const REST_TIME: Duration = Duration::from_millis(200);

/// One requirement on a server.
pub struct Check {
    /// Its name in kebab-case.
    pub name: &'static str,
    /// What must hold, in one line.
    pub requirement: &'static str,
    /// How long it takes.
    pub pace: Pace,
    /// Whether its answer depends on how the server learns that a socket is ready: it then runs
    /// with each mechanism that the server has for that. One that is slow does so for the crate's
    /// own server alone.
    pub readiness: bool,
    /// Finds out whether it holds.
    pub run: fn(&Trial<'_>) -> Outcome,
}

/// How long a check takes.
#[derive(Clone, Copy, PartialEq)]
pub enum Pace {
    /// It ends within a second.
    Quick,
    /// It takes longer.
    Slow,
}

/// All checks, from a first conversation to the ways to end.
pub const CHECKS: &[Check] = &[
    Check {
        name: "conversation",
        requirement: "the listing's own conversation, byte by byte, and nothing after it",
        pace: Pace::Quick,
        readiness: true,
        run: conversation::conversation,
    },
    Check {
        name: "operator",
        requirement: "the operator is asked about who spoke, and then types; without one, who speaks is closed",
        pace: Pace::Quick,
        readiness: true,
        run: operator::operator,
    },
    Check {
        name: "note-client",
        requirement: "the note's own client talks with it, and ends cleanly before, with and without its server",
        pace: Pace::Slow,
        readiness: false,
        run: note_client::note_client,
    },
    Check {
        name: "sizes",
        requirement: "arbitrary bytes from 1 to 1 MiB are answered byte for byte",
        pace: Pace::Quick,
        readiness: true,
        run: conversation::sizes,
    },
    Check {
        name: "one-byte-at-a-time",
        requirement: "a message that arrives one byte at a time is answered",
        pace: Pace::Quick,
        readiness: true,
        run: conversation::one_byte_at_a_time,
    },
    Check {
        name: "pipelined",
        requirement: "200 messages sent in one go are answered in order",
        pace: Pace::Quick,
        readiness: true,
        run: conversation::pipelined,
    },
    Check {
        name: "short-writes",
        requirement: "1 MiB goes through both ways while sends and receives are cut and calls interrupted",
        pace: Pace::Slow,
        readiness: true,
        run: unhelpful::short_writes,
    },
    Check {
        name: "refused-writes",
        requirement: "every byte arrives once and in order while the kernel refuses sends, and others are served",
        pace: Pace::Slow,
        readiness: true,
        run: unhelpful::refused_writes,
    },
    Check {
        name: "refused-registration",
        requirement: "a client that epoll cannot take is closed with a message, and the others are served",
        pace: Pace::Quick,
        readiness: false,
        run: unhelpful::refused_registration,
    },
    Check {
        name: "half-close",
        requirement: "a client that closes its sending side gets every reply, then the end of the stream",
        pace: Pace::Quick,
        readiness: true,
        run: conversation::half_close,
    },
    Check {
        name: "many-clients",
        requirement: "64 clients at once, and none sees another's data",
        pace: Pace::Slow,
        readiness: true,
        run: concurrency::many_clients,
    },
    Check {
        name: "second-client",
        requirement: "a further client is served while others are idle, or as soon as one of them leaves",
        pace: Pace::Quick,
        readiness: true,
        run: concurrency::second_client,
    },
    Check {
        name: "reset",
        requirement: "a client that resets, at any stage, harms nobody else, and its descriptor is closed",
        pace: Pace::Quick,
        readiness: true,
        run: faults::reset,
    },
    Check {
        name: "reset-in-backlog",
        requirement: "a client that resets before it is accepted neither stops the server nor makes it spin",
        pace: Pace::Quick,
        readiness: true,
        run: faults::reset_in_backlog,
    },
    Check {
        name: "send-and-close",
        requirement: "a client that sends and closes at once is dropped cleanly, and nothing spins",
        pace: Pace::Quick,
        readiness: true,
        run: faults::send_and_close,
    },
    Check {
        name: "unread-replies",
        requirement: "a client that sends 32 MiB and does not read is held back, and gets every byte in the end",
        pace: Pace::Slow,
        readiness: true,
        run: unread::unread_replies,
    },
    Check {
        name: "unread-crowd",
        requirement: "100 clients that do not read: bounded memory, others served at once, no byte lost",
        pace: Pace::Slow,
        readiness: false,
        run: unread::unread_crowd,
    },
    Check {
        name: "owed-and-gone",
        requirement: "a client that leaves while replies are owed to it is closed within a second, and nothing spins",
        pace: Pace::Slow,
        readiness: true,
        run: ends::owed_and_gone,
    },
    Check {
        name: "urgent-data",
        requirement: "out-of-band data before and between messages ends its client where the listing says so, else nobody",
        pace: Pace::Quick,
        readiness: true,
        run: ends::urgent_data,
    },
    Check {
        name: "slow-loris",
        requirement: "50 clients that send one byte a second do not hold others up",
        pace: Pace::Slow,
        readiness: true,
        run: faults::slow_loris,
    },
    Check {
        name: "fairness",
        requirement: "beside a client that floods, nine get 95 % of their answers within 100 ms",
        pace: Pace::Slow,
        readiness: true,
        run: fairness::fairness,
    },
    Check {
        name: "long-lines",
        requirement: "lines of about 1,024 bytes and of 16 MiB: read as one or refused, in bounded memory",
        pace: Pace::Quick,
        readiness: false,
        run: pool::long_lines,
    },
    Check {
        name: "waiting-room",
        requirement: "clients beyond workers and queue are served in order of arrival, or end by SIGTERM",
        pace: Pace::Slow,
        readiness: false,
        run: pool::waiting_room,
    },
    Check {
        name: "pause",
        requirement: "`--pause` makes each answer wait, and the workers pause at the same time",
        pace: Pace::Slow,
        readiness: false,
        run: pool::pause,
    },
    Check {
        name: "one-each",
        requirement: "each client has the thread or process of its own that its model names, within its bound",
        pace: Pace::Quick,
        readiness: false,
        run: workers::one_each,
    },
    Check {
        name: "refused-start",
        requirement: "while the system refuses threads and processes the next client waits, which is said once; \
                      at its start one line names what did not start",
        pace: Pace::Quick,
        readiness: false,
        run: workers::refused_start,
    },
    Check {
        name: "panic",
        requirement: "a thread that panics ends its client only, and its place is free again",
        pace: Pace::Quick,
        readiness: false,
        run: workers::panic,
    },
    Check {
        name: "finish",
        requirement: "`finish` runs whatever `handle` did: returned, failed or panicked",
        pace: Pace::Quick,
        readiness: false,
        run: workers::finish,
    },
    Check {
        name: "children",
        requirement: "no child is left after 1,000 clients, and none outlives its server, whatever ends that",
        pace: Pace::Slow,
        readiness: false,
        run: children::children,
    },
    Check {
        name: "killed-child",
        requirement: "a child that is killed ends its client only; a worker is replaced, once a second at most",
        pace: Pace::Slow,
        readiness: false,
        run: children::killed_child,
    },
    Check {
        name: "churn",
        requirement: "5,000 connections in a row, a third of them reset, leave no descriptor and no memory behind",
        pace: Pace::Slow,
        readiness: true,
        run: load::churn,
    },
    Check {
        name: "descriptors-exhausted",
        requirement: "without a free descriptor it says so, waits, and serves everyone in the end",
        pace: Pace::Slow,
        readiness: true,
        run: descriptors::descriptors_exhausted,
    },
    Check {
        name: "beyond-1024",
        requirement: "2,000 clients at once: select refuses those that an fd_set cannot hold, the others serve all",
        pace: Pace::Slow,
        readiness: true,
        run: load::beyond_1024,
    },
    Check {
        name: "connect-storm",
        requirement: "500 clients that connect at once are all served in the end",
        pace: Pace::Slow,
        readiness: true,
        run: load::connect_storm,
    },
    Check {
        name: "burst",
        requirement: "clients that come together are accepted in a row, with TCP_NODELAY and SO_KEEPALIVE",
        pace: Pace::Quick,
        readiness: false,
        run: burst::burst,
    },
    Check {
        name: "backlog",
        requirement: "as many clients as the listing says can wait to be accepted, and not many more",
        pace: Pace::Quick,
        readiness: false,
        run: load::backlog,
    },
    Check {
        name: "idle-cpu",
        requirement: "100 idle clients cost under 2 % of a core, but where polling is the lesson; a time-out is told",
        pace: Pace::Slow,
        readiness: true,
        run: load::idle_cpu,
    },
    Check {
        name: "completions",
        requirement: "who asks io_uring makes no call that moves data, and needs no buffer for each client",
        pace: Pace::Quick,
        readiness: false,
        run: completion::completions,
    },
    Check {
        name: "small-ring",
        requirement: "a ring of 8 completions and 4 buffers loses no byte and no client, however it is set up",
        pace: Pace::Slow,
        readiness: false,
        run: completion::small_ring,
    },
    Check {
        name: "old-kernel",
        requirement: "a kernel that refuses a ring gets a plainer one, or it says which kernel it needs",
        pace: Pace::Quick,
        readiness: false,
        run: completion::old_kernel,
    },
    Check {
        name: "idle-calls",
        requirement: "a model makes no system call in a second while its clients are idle",
        pace: Pace::Slow,
        readiness: false,
        run: idle_calls::idle_calls,
    },
    Check {
        name: "idle-clients",
        requirement: "with --idle, a client that says nothing or never reads is closed, and others are served",
        pace: Pace::Slow,
        readiness: false,
        run: manners::idle_clients,
    },
    Check {
        name: "drain",
        requirement: "edge-triggered and not drained, the rest of a message stays unread; in no other way",
        pace: Pace::Quick,
        readiness: false,
        run: drain::drain,
    },
    Check {
        name: "signal-overflow",
        requirement: "when the queue of signals is full, every socket is looked at, and no byte is lost",
        pace: Pace::Quick,
        readiness: false,
        run: signal_overflow::signal_overflow,
    },
    Check {
        name: "every-loop",
        requirement: "four loops share 128 clients, and say so at the end; one that panics ends the program",
        pace: Pace::Quick,
        readiness: false,
        run: every_loop::every_loop,
    },
    Check {
        name: "interrupted",
        requirement: "SIGSTOP, SIGCONT, SIGCHLD and SIGWINCH lose no message",
        pace: Pace::Quick,
        readiness: true,
        run: signals::interrupted,
    },
    Check {
        name: "prints",
        requirement: "each line of the listing appears where it shows it, control characters as escapes, and \
                      standard error stays empty",
        pace: Pace::Quick,
        readiness: false,
        run: prints::prints,
    },
    Check {
        name: "reset-is-said",
        requirement: "the operator reads which client was lost by a reset, and why",
        pace: Pace::Quick,
        readiness: false,
        run: prints::reset_is_said,
    },
    Check {
        name: "idle-line",
        requirement: "while nobody comes, what the listing's time-out prints comes after each",
        pace: Pace::Slow,
        readiness: false,
        run: prints::idle_line,
    },
    Check {
        name: "quiet",
        requirement: "with --quiet it prints only where it listens, and its log stays empty",
        pace: Pace::Quick,
        readiness: false,
        run: prints::quiet,
    },
    Check {
        name: "closed-output",
        requirement: "it serves on when nobody reads its output any more",
        pace: Pace::Quick,
        readiness: false,
        run: output::closed_output,
    },
    Check {
        name: "stuck-output",
        requirement: "while its output is full and unread it waits, and goes on then or ends by SIGTERM; not with --quiet",
        pace: Pace::Slow,
        readiness: false,
        run: output::stuck_output,
    },
    Check {
        name: "termination",
        requirement: "SIGTERM and SIGINT end it within a second, by the signal, and leave the port free",
        pace: Pace::Quick,
        readiness: false,
        run: signals::termination,
    },
    Check {
        name: "first-process",
        requirement: "as process 1 of a container, SIGINT and SIGTERM end it, with exit status 130 and 143",
        pace: Pace::Quick,
        readiness: false,
        run: inherited::first_process,
    },
    Check {
        name: "inherited-signals",
        requirement: "signals that its parent ignored or blocked change nothing about its children and its end",
        pace: Pace::Slow,
        readiness: false,
        run: inherited::inherited_signals,
    },
    Check {
        name: "owed-at-the-end",
        requirement: "after SIGTERM clients get all that is owed to them, within a second, and no reset",
        pace: Pace::Slow,
        readiness: false,
        run: manners::owed_at_the_end,
    },
    Check {
        name: "garbage",
        requirement: "10,000 random byte strings are answered as the listing's rule says, or refused clearly",
        pace: Pace::Slow,
        readiness: true,
        run: garbage::garbage,
    },
    Check {
        name: "restart",
        requirement: "the port can be bound at once after the server was killed with clients connected",
        pace: Pace::Quick,
        readiness: false,
        run: lifecycle::restart,
    },
    Check {
        name: "address-in-use",
        requirement: "an address in use ends in one clear line on standard error and a non-zero exit",
        pace: Pace::Quick,
        readiness: false,
        run: lifecycle::address_in_use,
    },
    Check {
        name: "broken-listener",
        requirement: "a listener that breaks ends it within a second, in one clear line and with a non-zero exit",
        pace: Pace::Quick,
        readiness: false,
        run: ends::broken_listener,
    },
    Check {
        name: "defaults",
        requirement: "--help shows the address, the listing and the model; it and --version exit with 0",
        pace: Pace::Quick,
        readiness: false,
        run: lifecycle::defaults,
    },
    Check {
        name: "bad-address",
        requirement: "a malformed address ends in one clear line on standard error and a non-zero exit",
        pace: Pace::Quick,
        readiness: false,
        run: lifecycle::bad_address,
    },
    Check {
        name: "unknown-option",
        requirement: "an unknown option ends in one clear line on standard error and a non-zero exit",
        pace: Pace::Quick,
        readiness: false,
        run: lifecycle::unknown_option,
    },
];

/// Makes sure that a server has at most `bound` bytes more memory than at the `start`.
fn stay_in_bounds(running: &Running, start: u64, bound: u64) -> Outcome<()> {
    let grown = memory(running)?.saturating_sub(start);
    if grown > bound {
        return fail(
            format!("at most {} KiB more memory", bound / 1024),
            format!("{} KiB", grown / 1024),
        );
    }
    Ok(())
}

/// Makes sure that a server with nothing to do waits; one that polls by design has to do nothing.
fn make_sure_it_rests(trial: &Trial<'_>, running: &Running) -> Outcome {
    let share = share_of_a_core(running, REST_TIME)?;
    if share > REST && !trial.server.polls {
        return fail(
            format!("under {:.0} % of a core", REST * 100.0),
            format!("{:.0} %", share * 100.0),
        );
    }
    Ok(Verdict::Pass)
}
