//! What each server writes about a client that comes, says a message and leaves.
//!
//! Each row is a piece of one line. In it, `*` stands for anything, `{client}` for the client's
//! address and `{port}` for the end of that, `{text}` for the message as text, and `{bytes}` for it
//! as Python's `bytes`.

/// The lines of `blocking-server`.
pub const BLOCKING: &[&str] = &["waiting for a client", "from client {text}"];

/// The lines of `nonblocking-server`.
pub const NONBLOCKING: &[&str] = &["{bytes}", "raddr={client}>: closed by the client"];

/// The lines of `select-server`.
pub const SELECT: &[&str] = &[
    "starting up on 127.0.0.1 port ",
    "waiting for next event...",
    "new connection from {client}",
    "received from [127.0.0.1]: {bytes}",
    "sending msg to [127.0.0.1] {bytes}",
    "client [127.0.0.1] queue is empty..",
    "client disconnected <socket fd=*, raddr={client}>",
];

/// The lines of `epoll-server`.
pub const EPOLL: &[&str] = &[
    " - network-server - DEBUG - accept connection from 127.0.0.1, {port}, fd = ",
    " receive {bytes}",
    "127.0.0.1, {port} closed",
];

/// The lines of `selectors-server`.
pub const SELECTORS: &[&str] = &[
    "accepted: <socket fd=*, raddr={client}> from: {client}",
    "echoing {bytes} to <socket fd=*, raddr={client}>",
    "closing <socket fd=*, raddr={client}>",
];

/// The lines of `threadpool-server`.
pub const THREAD_POOL: &[&str] =
    &["worker-*: {client} is served", "worker-*: {text}", "worker-*: {client} is done"];

/// The lines of `interval`.
pub const INTERVAL: &[&str] = &["waiting client connection .......", "+++ {client}", "{text}"];

/// The lines of `greet-once`.
pub const GREET_ONCE: &[&str] = &["waiting for a client", "from client {text}"];

/// The lines of `operator`.
pub const OPERATOR: &[&str] = &[
    "<socket fd=*, raddr={client}>",
    "{text}",
    "[<socket fd=*, raddr={client}>]",
    "raddr={client}>: closed by the client",
];

/// The lines of `level-triggered`.
pub const LEVEL_TRIGGERED: &[&str] = &["[<socket fd=*>]", "raddr={client}>", "hellow", ">>>>>"];

/// The lines of `chat`.
pub const CHAT: &[&str] = &[
    "r: [<socket fd=*>]",
    "obj: <socket fd=*, raddr={client}>",
    ">>: {text}",
    "raddr={client}>: closed by the client",
];

/// The lines of `upper`.
pub const UPPER: &[&str] = &[
    "readable: [*raddr={client}>] writeable: [*] exceptional: []",
    "inputs: [*raddr={client}>*] outputs: [*]",
    "a new connection: {client}",
    "received data: {text}",
    "raddr={client}>: closed by the client",
];

/// The lines of `hello`.
pub const HELLO: &[&str] = &["{bytes}", "raddr={client}>: closed by the client"];

/// The lines of `operator-callbacks`.
pub const OPERATOR_CALLBACKS: &[&str] = &[
    "<function accept>",
    "accepted <socket fd=*, raddr={client}> from {client}",
    "<function read>",
    "{text}",
    "raddr={client}>: closed by the client",
];

/// The lines of `echo-callbacks`.
pub const ECHO_CALLBACKS: &[&str] = &[
    "sel: <*Selector",
    "client_sock:<socket fd=*, raddr={client}>",
    "client_addr:{client}",
    "events: [(SelectorKey(*raddr={client}>*)]",
    "key: <class 'selectors.SelectorKey'> SelectorKey(*raddr={client}>",
    "{text}",
    "close:<socket fd=*, raddr={client}>",
];

/// The lines of `accept-only`.
pub const ACCEPT_ONLY: &[&str] = &[
    " main * <socket fd=*, laddr=*>",
    " main * new client socket <socket fd=*, raddr={client}> in accept.",
    " main * SelectorKey(*<function accept>",
];

/// The lines of `your-msg`.
pub const YOUR_MSG: &[&str] = &[
    " main * <socket fd=*, laddr=*>",
    " main * new client socket <socket fd=*, raddr={client}> in accept.",
    " main * SelectorKey(*raddr={client}>*<function read>",
    " main * Your msg = {text} ~~~",
];
