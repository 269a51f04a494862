//! Which names of Rust stand for a name of Python.

/// The names that may stand for a call.
pub fn of_call(name: &str) -> &[&str] {
    let table: &[(&str, &[&str])] = &[
        ("append", &["push", "push_back", "insert", "extend"]),
        // A socket that is closed leaves the lists by `retain(Socket::is_open)`.
        ("remove", &["remove", "retain", "close"]),
        ("put", &["push_back"]),
        ("get", &["pop_front"]),
        ("get_nowait", &["pop_front"]),
        ("Queue", &["VecDeque"]),
        ("print", &["say"]),
        ("encode", &["as_bytes", "into_bytes"]),
        ("decode", &["decode", "from_utf8_lossy"]),
        ("repr", &["Bytes"]),
        ("upper", &["upper", "to_ascii_uppercase", "to_uppercase"]),
        ("sendall", &["sendall", "write"]),
        ("send", &["send", "write"]),
        ("close", &["close", "close_on"]),
        ("register", &["register", "register_or_refuse"]),
        ("callback", &["callback", "function"]),
        ("data", &["data", "function"]),
        ("setsockopt", &["set_reuseaddr"]),
        ("getLogger", &["LOGGER"]),
        ("setLevel", &["level"]),
        ("setFormatter", &["format"]),
        ("addHandler", &["chain"]),
        ("Thread", &["spawn", "spawn_scoped"]),
        ("start", &["spawn", "spawn_scoped"]),
        ("local", &["RefCell"]),
    ];
    table.iter().find(|(python, _)| *python == name).map_or(&[], |(_, rust)| rust)
}

/// The names that may stand for a variable, an attribute or an exception, and the keywords for one
/// of a line that says nothing else.
pub fn of_name(name: &str) -> &[&str] {
    match name {
        "while" => &["loop", "rounds"],
        "try" => &["attempt", "match", "loop", "else"],
        "except" => &["attempt", "None"],
        "else" => &["Some", "Ok", "Err"],
        "import" => &["use"],
        "global" => &["fn"],
        "BlockingIOError" | "EAGAIN" => &["WouldBlock"],
        "ConnectionResetError" => &["ConnectionReset", "Err"],
        "SO_REUSEADDR" | "SOL_SOCKET" => &["set_reuseaddr"],
        "EVENT_READ" => &["register_or_refuse"],
        "errno" => &["kind"],
        "msg" | "e" => &["error"],
        // The value of the rule is what the listing binds to that name.
        "DefaultSelector" => &[
            "KqueueSelector",
            "EpollSelector",
            "DevpollSelector",
            "PollSelector",
            "SelectSelector",
        ],
        _ => &[],
    }
}

/// The names of which one brings in what a module of Python does.
pub fn of_module(name: &str) -> &[&str] {
    match name {
        "socket" => &["common", "Socket"],
        "select" => &["select", "epoll"],
        "selectors" => &["selectors"],
        "queue" => &["VecDeque"],
        "time" => &["Duration", "sleep", "thread"],
        "random" => &["uniform"],
        "threading" => &["thread"],
        "logging" => &["log", "logging", "fern"],
        "errno" => &["ErrorKind", "io"],
        _ => &[],
    }
}
