//! `cargo xtask test-all --program`: programs that nobody here wrote, and what a report says of one
//! that fails.

use std::time::{Duration, Instant};

use crate::run::{Ran, is_installed, run, xtask};

/// How soon the run of a program that answers nothing ends.
const SILENT: Duration = Duration::from_secs(30);

/// What `test-all` says of a program.
fn test(program: &str, like: &str, more: &[&str]) -> Ran {
    run(xtask(["test-all", "--program", program, "--like", like]).args(more))
}

/// The checks that have this word in a report.
fn checks<'a>(ran: &'a Ran, word: &str) -> Vec<&'a str> {
    let rows = ran.stdout.lines().take_while(|line| !line.is_empty());
    rows.filter_map(|row| Some(row.strip_prefix(word)?.strip_prefix("  ")?.trim())).collect()
}

#[test]
fn a_process_for_each_client_of_socat_passes_and_outlives_it() {
    if is_installed("socat") {
        let asked = "conversation sizes half-close reset unread-replies churn garbage";
        passes_and_outlives_it("socat TCP-LISTEN:{port},fork,reuseaddr EXEC:cat", asked);
    }
}

/// A super-server of 1983: it accepts, and starts cat(1) with the connection as its input and output.
#[test]
fn an_inetd_serves_each_client_by_a_process_and_its_children_outlive_it() {
    if is_installed("inetd") {
        let program = "sh -c 'exec inetd -i /dev/fd/3 3<<END\n127.0.0.1:$0 stream tcp nowait \
                       $(id -un) /bin/cat cat\nEND\n' {port}";
        let asked = "conversation sizes half-close many-clients reset unread-replies";
        passes_and_outlives_it(program, asked);
    }
}

/// Such a program passes what it is asked. Only its end fails: its children serve their clients on.
fn passes_and_outlives_it(program: &str, asked: &str) {
    let asked: Vec<&str> = asked.split(' ').collect();
    let all = asked.iter().chain(&["termination"]).flat_map(|check| ["--check", check]);
    let ran = test(program, "process-per-connection", &all.collect::<Vec<_>>());
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert_eq!(checks(&ran, "FAIL"), ["termination"], "{ran:?}");
    assert!(ran.stdout.contains("of the server run on"), "{ran:?}");
    assert_eq!(checks(&ran, "pass"), asked, "{ran:?}");
}

#[test]
fn ncat_holds_up_or_cuts_off_a_client_that_sends_more_than_it_reads() {
    if !is_installed("ncat") {
        return;
    }
    let program = "ncat -l -k 127.0.0.1 {port} -e /bin/cat";
    let asked = ["--check", "conversation", "--check", "unread-replies"];
    let ran = test(program, "process-per-connection", &asked);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let rows = (checks(&ran, "pass"), checks(&ran, "FAIL"));
    assert_eq!(rows, (vec!["conversation"], vec!["unread-replies"]), "{ran:?}");
    // It waits until cat(1) reads, which waits until it reads; or it ends without the last answers.
    let ways = ["bytes as expected: silence for 10 s", "bytes as expected: the end of the stream"];
    assert!(ways.iter().any(|way| ran.words().contains(way)), "{ran:?}");
}

/// A program that listens, and does `this` with each client.
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
    let ran = test(&python("time.sleep(1000)"), "select-server", &[]);
    assert!(start.elapsed() < SILENT, "{:?}", start.elapsed());
    assert_eq!(ran.code, Some(1), "{ran:?}");
    for words in [
        "FAIL       conversation\n",
        "sent:        \"This is the message.\" (20 bytes)\n",
        "expected:    \"THIS IS THE MESSAGE.\" (20 bytes)\n",
        "actual:      silence for 10 s\n",
        "20 bytes lie unread in its socket\n",
        "--like select-server --check conversation\n",
        "not tried  (needs conversation) sizes, ",
    ] {
        assert!(ran.stdout.contains(words), "no {words} in {}", ran.stdout);
    }
}

#[test]
fn a_program_that_dies_or_never_listens_is_told_with_its_end_and_its_last_words() {
    let dies = python("print(\"last words\", flush=True); os.kill(os.getpid(), 11)");
    for (program, end, last) in [
        (dies.as_str(), "it died of signal 11 (SIGSEGV)", "stdout: last words"),
        ("sh -c 'echo sorry >&2; exit 3' {port}", "it ended with exit status 3", "stderr: sorry"),
        ("./no-such-program {port}", "No such file or directory", ""),
    ] {
        if program == dies && !is_installed("python3") {
            continue;
        }
        let ran = test(program, "epoll-server", &["--first"]);
        assert_eq!(ran.code, Some(1), "{ran:?}");
        assert!(ran.words().contains(end) && ran.words().contains(last), "{ran:?}");
    }
}

#[test]
fn a_program_is_asked_where_it_listens_and_for_whose_conversation_it_has() {
    for (program, more, says) in [
        ("./server", "--like select-server", "--port N"),
        (
            "./server {port}",
            "--like select-server --check defaults",
            "that only this project's servers have",
        ),
        ("./server {port}", "--like select-server --check defalts", "did you mean defaults"),
        ("./server {port}", "--first", "--like"),
    ] {
        let ran = run(xtask(["test-all", "--program", program]).args(more.split(' ')));
        assert_eq!(ran.code, Some(2), "{ran:?}");
        assert!(ran.words().contains(says), "{ran:?}");
    }
}
