//! The table of claims, in the order of the notes.

use crate::claims::claim::{Answer, Claim, Finding, Measured};
use crate::claims::measure::{
    accepted, addresses, asking, asynchronous, copies, descriptors, edge, epoll_memory, memory,
    one_client, poll_limit, polling, pool, second_phase, select_empty, select_limit, select_lists,
    selectors, signals, sleep, switching, triggers, watching,
};

/// All claims.
pub const CLAIMS: &[Claim] = &[
    Claim {
        name: "switching",
        at: &["000:2"],
        claim: "a switch between processes takes longest, one between threads less, and one between \
                coroutines least",
        measure: switching::switching,
        source: "Linux, kernel/sched/core.c, context_switch",
    },
    Claim {
        name: "descriptor-is-not-zero",
        at: &["000:2"],
        claim: "a descriptor is a number that is not zero",
        measure: descriptors::lowest_number,
        source: "open(2)",
    },
    Claim {
        name: "synchronous-asks-again",
        at: &["000:12", "000:19"],
        claim: "synchronous means that the process asks the kernel again and again whether the data is there",
        measure: asking::asking_of_a_synchronous_call,
        source: "recv(2)",
    },
    Claim {
        name: "sleep-uninterruptible",
        at: &["000:16", "000:21"],
        claim: "a process that is blocked sleeps uninterruptibly",
        measure: sleep::state,
        source: "Linux, mm/filemap.c, filemap_update_page, and fs/iomap/direct-io.c, __iomap_dio_rw",
    },
    Claim {
        name: "copying-blocks",
        at: &[
            "000:16", "000:17", "000:23", "000:25", "003:60", "003:64", "003:98", "003:110",
            "004:51", "004:75",
        ],
        claim: "blocking, non-blocking, multiplexing and signal-driven I/O all hold the process \
                while the kernel copies the data to it",
        measure: second_phase::copying_holds_the_process,
        source: "recv(2), io_uring(7)",
    },
    Claim {
        name: "second-list-comes-back-whole",
        at: &["000:66"],
        claim: "select gives its second list back whole",
        measure: select_lists::second_list_whole,
        source: "select(2)",
    },
    Claim {
        name: "third-list-has-errors",
        at: &["000:67", "002:100", "002:124"],
        claim: "select's third list gets the sockets with an error",
        measure: select_lists::errors_in_third_list,
        source: "select(2), poll(2), POLLPRI; Linux, fs/select.c, POLLEX_SET",
    },
    Claim {
        name: "select-two-calls",
        at: &["000:98", "004:127"],
        claim: "select needs two calls where blocking needs one: it pays for many clients, and not \
                for one",
        measure: one_client::calls_of_select,
        source: "select(2)",
    },
    Claim {
        name: "select-limit-by-ulimit",
        at: &["000:144", "002:90"],
        claim: "how many descriptors select watches is set by ulimit -n or file-max",
        measure: select_limit::select_limit_by_ulimit,
        source: "select(2), getrlimit(2)",
    },
    Claim {
        name: "cost-of-watching",
        at: &[
            "000:145", "000:147", "000:153", "003:88", "003:89", "003:130", "003:132", "003:133",
            "004:173", "004:177", "004:180",
        ],
        claim: "what select and poll cost grows with the number of sockets that they watch; what \
                epoll costs grows with those that are active",
        measure: watching::cost_of_watching,
        source: "Linux, fs/select.c, do_select and do_poll; epoll(7)",
    },
    Claim {
        name: "cost-of-copying",
        at: &["000:146", "000:148", "000:157", "000:159"],
        claim: "with many sockets, copying their list to the kernel and back makes select and poll \
                dear",
        measure: watching::cost_of_copying,
        source: "Linux, fs/select.c, core_sys_select and do_sys_poll",
    },
    Claim {
        name: "poll-has-no-limit",
        at: &["000:147", "000:159", "003:132"],
        claim: "poll watches any number of descriptors, because it keeps them in a linked list",
        measure: poll_limit::poll_has_no_limit,
        source: "poll(2), EINVAL; Linux, fs/select.c, do_sys_poll",
    },
    Claim {
        name: "level-again-edge-once",
        at: &["000:149", "000:150", "000:159", "000:161", "001:62", "001:63", "001:92"],
        claim: "level-triggered, a socket that nobody acts on is reported again with each call; \
                edge-triggered, only once",
        measure: triggers::reports,
        source: "epoll(7)",
    },
    Claim {
        name: "edge-is-better",
        at: &["000:150", "000:161"],
        claim: "edge-triggered is the faster of epoll's two ways",
        measure: edge::better_trigger,
        source: "epoll(7)",
    },
    Claim {
        name: "connections-in-memory",
        at: &["000:152", "000:155", "003:89"],
        claim: "epoll has no limit of connections: it watches about 100,000 for each GiB of memory",
        measure: memory::connections_in_memory,
        source: "epoll(7), /proc/sys/fs/epoll/max_user_watches; proc(5), /proc/sys/fs/file-max",
    },
    Claim {
        name: "epoll-shares-memory",
        at: &["000:154", "000:161", "003:134"],
        claim: "epoll shares memory with the process (mmap), so that nothing is copied",
        measure: epoll_memory::epoll_shares_memory,
        source: "Linux, fs/eventpoll.c, ep_send_events",
    },
    Claim {
        name: "select-ends-at-1024",
        at: &["000:157", "003:130", "003:158"],
        claim: "select watches at most 1,024 descriptors",
        measure: select_limit::select_ends_at_1024,
        source: "select(2)",
    },
    Claim {
        name: "data-does-not-come",
        at: &["001:57"],
        claim: "a server whose listener does not block no longer gets the data of its clients",
        measure: accepted::data_of_a_client,
        source: "accept(2)",
    },
    Claim {
        name: "selectors-block-nowhere",
        at: &["001:124"],
        claim: "a server by selectors is asynchronous I/O, which blocks nowhere",
        measure: selectors::selectors_block_nowhere,
        source: "epoll_wait(2)",
    },
    Claim {
        name: "three-and-one-gib",
        at: &["002:37", "002:41", "002:47"],
        claim: "a process has 4 GiB of addresses, 3 for itself and 1 for the kernel",
        measure: addresses::three_and_one_gib,
        source: "Linux, Documentation/arch/x86/x86_64/mm.rst",
    },
    Claim {
        name: "cached-io-copies",
        at: &["002:70", "002:73"],
        claim: "cached I/O copies data several times between kernel and process, which costs much \
                processor time and memory",
        measure: copies::cached_io,
        source: "sendfile(2), splice(2)",
    },
    Claim {
        name: "three-empty-lists",
        at: &["002:84"],
        claim: "on Unix select takes three empty lists",
        measure: select_empty::three_empty_lists,
        source: "select(2)",
    },
    Claim {
        name: "null-returns-at-once",
        at: &["002:87"],
        claim: "with null as its time-out, select returns at once",
        measure: select_lists::null_returns_at_once,
        source: "select(2)",
    },
    Claim {
        name: "signal-when-ready",
        at: &["003:97"],
        claim: "when data is there, the kernel sends a SIGIO",
        measure: signals::signal_driven,
        source: "signal(7), fcntl(2)",
    },
    Claim {
        name: "asynchronous-returns-at-once",
        at: &["003:102", "003:106", "003:112", "004:191"],
        claim: "an asynchronous call, for example of Linux's aio, returns at once, and a signal \
                comes when the data was copied",
        measure: asynchronous::asynchronous,
        source: "io_submit(2), io_uring(7), aio(7)",
    },
    Claim {
        name: "pool-up-to-its-size",
        at: &["004:65", "004:68"],
        claim: "a pool takes load off the server, but only as long as there are not many more \
                requests than its size",
        measure: pool::pool,
        source: "listen(2)",
    },
    Claim {
        name: "polling-wastes",
        at: &["004:117"],
        claim: "asking by non-blocking calls, again and again, wastes the processor",
        measure: polling::waste_of_asking,
        source: "recv(2), EAGAIN",
    },
    Claim {
        name: "poll-holds-more-than-select",
        at: &["004:176"],
        claim: "poll has a limit, too, above that of select",
        measure: poll_limit::poll_holds_more_than_select,
        source: "poll(2), EINVAL",
    },
    Claim {
        name: "epoll-on-a-mac",
        at: &["004:178"],
        claim: "epoll is there on macOS and on Linux",
        measure: || {
            Ok(told(
                Answer::False,
                "epoll is a part of Linux. macOS and BSD have kqueue, as note 003:77-78 says, and Python's `select` has no `epoll` there.",
            ))
        },
        source: "epoll(7), STANDARDS; Python's documentation of `select`, epoll and kqueue",
    },
];

/// An answer that nothing on this machine can show, so that only the source tells it.
const fn told(answer: Answer, why: &'static str) -> Measured {
    Measured::Found(Finding { answer, figures: String::new(), why })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::mirror::read_manifest;

    /// The notes' lines, by their numbers.
    const NOTES: [(&str, usize); 5] =
        [("000", 162), ("001", 153), ("002", 533), ("003", 307), ("004", 381)];

    #[test]
    fn every_claim_has_a_name_of_its_own_in_kebab_case() {
        let mut names = HashSet::new();
        for Claim { name, .. } in CLAIMS {
            assert!(names.insert(name), "{name} stands there twice");
            let is_kebab = |word: &str| {
                let is_plain = |one: char| one.is_ascii_lowercase() || one.is_ascii_digit();
                !word.is_empty() && word.chars().all(is_plain)
            };
            assert!(name.split('-').all(is_kebab), "{name}");
        }
    }

    #[test]
    fn every_place_is_a_line_of_a_note() {
        for claim in CLAIMS {
            assert!(!claim.at.is_empty(), "{} stands nowhere", claim.name);
            for at in claim.at {
                let place = at.split_once(':').and_then(|(note, line)| {
                    let (_, lines) = NOTES.iter().find(|(number, _)| *number == note)?;
                    // A place is written in one way only.
                    let line =
                        line.parse().ok().filter(|number: &usize| number.to_string() == line)?;
                    (1..=*lines).contains(&line).then_some(())
                });
                assert!(place.is_some(), "{}: {at}", claim.name);
            }
            let places: HashSet<_> = claim.at.iter().collect();
            assert_eq!(places.len(), claim.at.len(), "{}", claim.name);
        }
    }

    #[test]
    fn a_sentence_that_is_wrong_of_linux_has_an_answer_at_its_line() {
        let wrong = [
            "000:2", "000:12", "000:19", "000:66", "000:67", "001:57", "001:124", "002:37",
            "002:41", "002:47", "002:87", "004:178",
        ];
        for place in wrong {
            let answers = CLAIMS.iter().filter(|claim| claim.at.contains(&place));
            assert!(answers.count() > 0, "{place}");
        }
    }

    #[test]
    fn the_notes_are_those_of_the_manifest() {
        let manifest = read_manifest(crate::root()).unwrap();
        for listing in &manifest.listings {
            let lines = NOTES.iter().find(|(number, _)| *number == listing.note);
            let lines = lines.map(|(_, lines)| *lines);
            assert!(lines.is_some_and(|lines| *listing.lines.end() <= lines), "{}", listing.id());
        }
    }

    #[test]
    fn every_claim_is_one_sentence_without_a_full_stop_and_names_its_source() {
        for Claim { name, claim, source, .. } in CLAIMS {
            assert!(!source.is_empty() && !source.ends_with('.'), "{name}: {source}");
            let is_one = !claim.contains(". ") && !claim.contains('\n');
            assert!(is_one && !claim.is_empty() && !claim.ends_with('.'), "{name}: {claim}");
        }
    }
}
