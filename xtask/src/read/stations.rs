//! The way through the project in the order in which one learns: ten stations, twenty minutes.

/// A thing to do, and what to understand by it. Texts are Markdown.
pub struct Station {
    /// What it is about.
    pub title: &'static str,
    /// The listing to read beside it.
    pub listing: &'static str,
    /// The command of the first terminal.
    pub start: &'static str,
    /// What to type elsewhere, and what one then sees.
    pub then: &'static str,
    /// What to ask oneself.
    pub question: &'static str,
    /// The answer.
    pub answer: &'static str,
}

/// All stations.
pub const STATIONS: [Station; 10] = [
    Station {
        title: "One client at a time",
        listing: "001:9-19",
        start: "cargo run -p blocking-server",
        then: "`nc 127.0.0.1 6969` in two more terminals. The first one is greeted, and the second \
               one hears nothing until you end the first one.",
        question: "Nobody has accepted the second client, and yet it is connected. Who did that?",
        answer: "The kernel. A connection is complete before `accept`; until then it waits in the \
                 backlog. `listen` sets its length, and `/proc/sys/net/core/somaxconn` caps that. \
                 The server itself waits in `recv` for its first client and cannot come to \
                 `accept`.",
    },
    Station {
        title: "Asking instead of waiting",
        listing: "004:80-104",
        start: "cargo run -p nonblocking-server",
        then: "`nc 127.0.0.1 8080` in two more terminals: both are served. In a fourth one `top`.",
        question: "Nobody says a word, and one core is busy. With what?",
        answer: "With questions. `accept` and `recv` do not wait but answer `BlockingIOError` at \
                 once, and the loop asks again. Everything that follows is a way to be told \
                 instead of asking.",
    },
    Station {
        title: "Being told, again and again",
        listing: "001:65-82",
        start: "cargo run -p select-server --example level-triggered -- --no-accept",
        then: "`nc 127.0.0.1 6969` once. The server reports its listener over and over.",
        question: "You connected once. Why does `select` report it more than once?",
        answer: "It is level-triggered: it tells what is so, not what has changed. The connection \
                 stays in the backlog, so the listener stays readable until someone accepts.",
    },
    Station {
        title: "Many clients, one thread",
        listing: "002:146-224",
        start: "cargo run -p select-server",
        then: "`nc 127.0.0.1 10000` in two more terminals; type `hello` in each and read `HELLO`.",
        question: "The branch that receives does not send. Why does the reply wait in a queue?",
        answer: "A client that does not read would fill its socket's buffer, and a `send` that \
                 waits for it would stop everyone. So the reply waits until `select` says that \
                 this socket is writable.",
    },
    Station {
        title: "What still stops everyone",
        listing: "000:71-98",
        start: "cargo run -p select-server --example operator",
        then: "`nc 127.0.0.1 8801` in two more terminals, a line in each. Only one of them appears \
               at the server, which asks you for the reply.",
        question: "`select` waits for many sockets. What does this server wait for?",
        answer: "For one keyboard. `input` blocks the only thread there is, and while it does, \
                 nobody calls `select`. One blocking call is enough to lose what multiplexing won.",
    },
    Station {
        title: "The kernel keeps the list",
        listing: "002:226-355",
        start: "cargo run -p epoll-server --example edge-triggered -- --no-drain --quiet",
        then: "Ctrl-Z stops it. `(seq 10000; cat) | nc 127.0.0.1 2004` in another terminal, then \
               `fg` here: numbers come back, but only the first 16 KiB. Press Enter there: 16 KiB \
               more.",
        question: "The rest of the numbers is in the socket, and the server sleeps. Why does epoll \
                   not report it?",
        answer: "Edge-triggered epoll reports a change once. Bytes that are left in the socket are \
                 no change; new bytes are one. So a server must read until `EAGAIN` says that \
                 nothing is left: without `--no-drain` this one does, and so does the listing's \
                 server. The listing's server would not hang without it: `EPOLL_CTL_MOD` makes \
                 epoll look at the socket again, and it calls that for each message.",
    },
    Station {
        title: "A callback for each socket",
        listing: "002:367-528",
        start: "cargo run -p selectors-server -- --selector poll",
        then: "`nc 127.0.0.1 9999`; every line comes back. Start it again with `--selector \
               select`, then without: nothing changes for the client.",
        question: "The loop has no `if` that tells the listener from a client. How does it know \
                   what to do?",
        answer: "It does not have to. `register` stores a function beside the socket, and the loop \
                 calls what it finds in `key.data`: `accept` for the listener, `read` for a \
                 client.",
    },
    Station {
        title: "Threads, but not too many",
        listing: "004:7-25",
        start: "cargo run -p threadpool-server -- --workers 1",
        then: "`nc 127.0.0.1 7000` in two more terminals; type `明哥 19` in each. The second one \
               is answered when the first one ends. Then start it with `--workers 2`.",
        question: "The blocking server makes its second client wait, too. What is different here?",
        answer: "How many may be served at once is a number that one chooses. Up to it, blocking \
                 calls harm nobody, because each client has a thread; beyond it, clients wait. A \
                 pool limits what threads cost, and its limit is its price.",
    },
    Station {
        title: "One variable, two values",
        listing: "004:7-25",
        start: "cargo run -p threadpool-server --example local",
        then: "nothing; within two seconds it prints two lines. Add `-- --shared` to the command, \
               and it prints one line twice.",
        question: "Both threads set `loc` before either of them prints it. Why does neither print \
                   what the other one set?",
        answer: "`loc` is thread-local: under one name each thread has a value of its own. The \
                 second thread overwrites nothing, because it never sees what the first one set. \
                 `--shared` takes one value for both, and the last one that is set stays.",
    },
    Station {
        title: "All of them side by side",
        listing: "",
        start: "cargo xtask test-all --check second-client --check idle-cpu --check beyond-1024",
        then: "nothing; read the words in the columns.",
        question: "Which models wait, which one polls, and what stops select at 1,024?",
        answer: "Blocking waits, and so does a full pool; non-blocking polls. An `fd_set` has room \
                 for descriptors up to 1,023: the select servers refuse what lies beyond, and \
                 serve everyone else. poll and epoll end at `ulimit -n`. epoll also ends at \
                 `max_user_watches`, which counts all programs of a user (epoll(7)).",
    },
];
