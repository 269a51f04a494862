//! System calls, as strace(1) writes them with `-f -ttt -T -yy`.

use std::collections::HashMap;
use std::time::Duration;

#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The number of the thread that made it.
    pub thread: u32,
    /// When it began, since 1970.
    pub start: Duration,
    pub took: Duration,
    /// Its name, for example `recvfrom`.
    pub name: String,
    /// What is between its brackets.
    pub arguments: String,
    /// What is behind the `=`.
    pub result: String,
}

impl Call {
    pub fn end(&self) -> Duration {
        self.start + self.took
    }

    /// The number that it returned; `None` where strace shows none.
    pub fn number(&self) -> Option<i64> {
        let digits = |character: char| character != '-' && !character.is_ascii_digit();
        self.result.split(digits).next()?.parse().ok()
    }

    /// The name of the error that it ended with, for example `EAGAIN`.
    pub fn error(&self) -> Option<&str> {
        self.result.strip_prefix("-1 ")?.split(' ').next()
    }
}

/// Puts the two halves of a call together that another thread's call came between.
#[derive(Default)]
pub struct Parser {
    unfinished: HashMap<u32, (Duration, String)>,
}

impl Parser {
    /// The call that ends in this line; `None` for half a call, a signal or an end of a thread.
    pub fn call(&mut self, line: &str) -> Option<Call> {
        let (thread, rest) = line.split_once(' ')?;
        let thread = thread.parse().ok()?;
        let (start, text) = rest.trim_start().split_once(' ')?;
        let start = seconds(start)?;
        if let Some(first_half) = text.strip_suffix(" <unfinished ...>") {
            self.unfinished.insert(thread, (start, first_half.to_owned()));
            return None;
        }
        if let Some(resumed) = text.strip_prefix("<... ") {
            let (_name, second_half) = resumed.split_once(" resumed>")?;
            let (start, first_half) = self.unfinished.remove(&thread)?;
            return whole(thread, start, &format!("{first_half}{second_half}"));
        }
        whole(thread, start, text)
    }
}

/// A call from its name to the time that it took: `close(4) = 0 <0.000011>`.
fn whole(thread: u32, start: Duration, text: &str) -> Option<Call> {
    let (text, took) = text.strip_suffix('>')?.rsplit_once(" <")?;
    let (left, result) = text.rsplit_once(" = ")?;
    let (name, arguments) = left.trim_end().strip_suffix(')')?.split_once('(')?;
    Some(Call {
        thread,
        start,
        took: seconds(took)?,
        name: name.to_owned(),
        arguments: arguments.to_owned(),
        result: result.to_owned(),
    })
}

/// Seconds with six digits behind the point, without a float's rounding.
fn seconds(text: &str) -> Option<Duration> {
    let (seconds, micros) = text.split_once('.')?;
    let is_whole = micros.len() == 6;
    let micros = micros.parse().ok().filter(|_| is_whole)?;
    Some(Duration::from_secs(seconds.parse().ok()?) + Duration::from_micros(micros))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn calls(text: &str) -> Vec<Call> {
        let mut parser = Parser::default();
        text.lines().filter_map(|line| parser.call(line)).collect()
    }

    #[test]
    fn a_call_has_a_name_arguments_a_result_and_times() {
        let text = "7095  1795283582.896656 recvfrom(4<TCP:[127.0.0.1:41191->127.0.0.1:42708]>, \
                    \"a) = <b>\", 1024, 0, NULL, NULL) = 8 <0.300593>";
        let call = &calls(text)[0];
        assert_eq!(call.thread, 7095);
        assert_eq!(call.start, Duration::from_micros(1_795_283_582_896_656));
        assert_eq!(call.took, Duration::from_micros(300_593));
        assert_eq!(call.name, "recvfrom");
        assert!(call.arguments.ends_with("\"a) = <b>\", 1024, 0, NULL, NULL"));
        assert_eq!((call.number(), call.error()), (Some(8), None));
        assert_eq!(call.end(), Duration::from_micros(1_795_283_583_197_249));
    }

    #[test]
    fn two_halves_are_one_call_and_a_signal_is_none() {
        let text = "\
12 1.000001 accept4(3<TCP:[a]>,  <unfinished ...>
13 1.000002 close(4) = 0 <0.000001>
13 1.000003 --- SIGCHLD {si_signo=SIGCHLD} ---
13 1.000004 +++ exited with 0 +++
12 1.000005 <... accept4 resumed>NULL, NULL, 0) = 5<TCP:[a->b]> <0.000004>
12 1.000006 exit_group(0) = ?
";
        let calls = calls(text);
        assert_eq!(calls.iter().map(|call| call.thread).collect::<Vec<_>>(), [13, 12]);
        assert_eq!(calls[1].start, Duration::from_micros(1_000_001));
        assert_eq!(calls[1].arguments, "3<TCP:[a]>, NULL, NULL, 0");
        assert_eq!(calls[1].number(), Some(5));
    }

    proptest! {
        #[test]
        fn no_line_is_too_strange(text in "([0-9. ()<>=a-]|resumed>|<unfinished ...>|\\PC)*") {
            let _ = calls(&text);
        }
    }
}
