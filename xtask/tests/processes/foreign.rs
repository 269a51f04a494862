//! `cargo xtask test-all --program`: programs that nobody here wrote, and what a report says of one
//! that fails.

use std::process::{Command, Output};
use std::time::{Duration, Instant};

use xtask::checkout;
use xtask::harness::outcome::not_tested;

/// How soon the run of a program that answers nothing ends.
const SILENT: Duration = Duration::from_secs(30);

/// What `test-all` says of a program, without line ends within a sentence.
fn test(program: &str, like: &str, more: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(checkout::built("xtask"));
    command.args(["test-all", "--program", program, "--like", like]).args(more);
    let Output { status, stdout, stderr } = command.output().unwrap();
    let text = String::from_utf8([stdout, stderr].concat()).unwrap();
    (status.code(), text)
}

/// Whether a program is installed; says so where it is not.
fn is_installed(program: &str) -> bool {
    let is_there = Command::new(program).arg("-h").output().is_ok();
    if !is_there {
        not_tested(program, "it is not installed");
    }
    is_there
}

/// The checks that have this word in a report.
fn checks(text: &str, word: &str) -> Vec<String> {
    let rows = text.lines().take_while(|line| !line.is_empty());
    let of_word = rows.filter_map(|row| row.strip_prefix(word)?.strip_prefix("  "));
    of_word.map(|check| check.trim().to_owned()).collect()
}

#[test]
fn a_process_for_each_client_of_socat_passes_and_outlives_it() {
    if !is_installed("socat") {
        return;
    }
    let program = "socat TCP-LISTEN:{port},fork,reuseaddr EXEC:cat";
    let asked =
        ["conversation", "sizes", "half-close", "reset", "unread-replies", "churn", "garbage"];
    passes_and_outlives_it(program, &asked);
}

/// Such a program passes what it is asked. Only its end fails: its children serve their clients on.
fn passes_and_outlives_it(program: &str, asked: &[&str]) {
    let all = asked.iter().chain(&["termination"]).flat_map(|check| ["--check", check]);
    let (code, text) = test(program, "process-per-connection", &all.collect::<Vec<_>>());
    assert_eq!(code, Some(1), "{text}");
    assert_eq!(checks(&text, "FAIL"), ["termination"], "{text}");
    assert!(text.contains("of the server run on"), "{text}");
    assert_eq!(checks(&text, "pass"), asked, "{text}");
}

#[test]
fn ncat_holds_up_or_cuts_off_a_client_that_sends_more_than_it_reads() {
    if !is_installed("ncat") {
        return;
    }
    let program = "ncat -l -k 127.0.0.1 {port} -e /bin/cat";
    let asked = ["--check", "conversation", "--check", "unread-replies"];
    let (code, text) = test(program, "process-per-connection", &asked);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.starts_with("pass       conversation\nFAIL       unread-replies\n"), "{text}");
    // It waits until cat(1) reads, which waits until it reads; or it ends without the last answers.
    let ways = ["bytes as expected: silence for 10 s", "bytes as expected: the end of the stream"];
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(ways.iter().any(|way| text.contains(way)), "{text}");
}

/// A super-server of 1983: it accepts, and starts cat(1) with the connection as its input and output.
#[test]
fn an_inetd_serves_each_client_by_a_process_and_its_children_outlive_it() {
    if !is_installed("inetd") {
        return;
    }
    let program = "sh -c 'exec inetd -i /dev/fd/3 3<<END\n127.0.0.1:$0 stream tcp nowait \
                   $(id -un) /bin/cat cat\nEND\n' {port}";
    let asked = ["conversation", "sizes", "half-close", "many-clients", "reset", "unread-replies"];
    passes_and_outlives_it(program, &asked);
}

/// A shell that listens, and does `this` with each client.
fn python(this: &str) -> String {
    format!(
        "python3 -c 'import os, socket, sys, time\nlistener = socket.create_server((\"127.0.0.1\", \
         int(sys.argv[1])))\nwhile True:\n    conn, _ = listener.accept()\n    {this}' {{port}}"
    )
}

#[test]
fn a_program_that_answers_nothing_is_soon_told_of() {
    if !is_installed("python3") {
        return;
    }
    let start = Instant::now();
    let (code, text) = test(&python("time.sleep(1000)"), "select-server", &[]);
    assert!(start.elapsed() < SILENT, "{:?}", start.elapsed());
    assert_eq!(code, Some(1), "{text}");
    for words in [
        "FAIL       conversation\n",
        "sent:        \"This is the message.\" (20 bytes)\n",
        "expected:    \"THIS IS THE MESSAGE.\" (20 bytes)\n",
        "actual:      silence for 10 s\n",
        "20 bytes lie unread in its socket\n",
        "--like select-server --check conversation\n",
        "not tried  (needs conversation) sizes, ",
    ] {
        assert!(text.contains(words), "no {words} in {text}");
    }
}

#[test]
fn a_program_that_dies_is_told_with_its_end_and_its_last_words() {
    if !is_installed("python3") {
        return;
    }
    let dies = "print(\"last words\", flush=True); os.kill(os.getpid(), 11)";
    let (code, text) = test(&python(dies), "epoll-server", &["--first"]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("it died of signal 11 (SIGSEGV)"), "{text}");
    assert!(text.contains("stdout: last words\n"), "{text}");
}

#[test]
fn a_program_that_never_listens_is_told_why() {
    let (code, text) = test("sh -c 'echo sorry >&2; exit 3' {port}", "epoll-server", &[]);
    assert_eq!(code, Some(1), "{text}");
    assert!(
        text.contains("it ended with exit status 3") && text.contains("stderr: sorry"),
        "{text}"
    );
    let (code, text) = test("./no-such-program {port}", "epoll-server", &[]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("No such file or directory"), "{text}");
}

#[test]
fn a_program_is_asked_where_it_listens_and_for_whose_conversation_it_has() {
    for (program, more, says) in [
        ("./server", vec![], "--port N"),
        ("./server {port}", vec!["--check", "defaults"], "that only this project's servers have"),
        ("./server {port}", vec!["--check", "defalts"], "did you mean defaults"),
    ] {
        let (code, text) = test(program, "select-server", &more);
        assert_eq!(code, Some(2), "{text}");
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(says), "{text}");
    }
    let mut command = Command::new(checkout::built("xtask"));
    let output = command.args(["test-all", "--program", "./server {port}"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
}
