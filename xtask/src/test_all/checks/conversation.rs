//! One client, and what it is told.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::catalog::{EXPECTED_LINE, Talk};
use crate::harness::client::DEADLINE;
use crate::harness::inside;
use crate::harness::launch::Running;
use crate::harness::outcome::{Outcome, Verdict, if_possible, so_far, time_out};
use crate::harness::process::{signal_all, stop};
use crate::harness::speaker::Speaker;
use crate::harness::trial::Trial;
use crate::test_all::checks::steps::{arbitrary_bytes, meet};

/// The sizes around the listings' own buffers, of 10 and of 1,024 bytes, and beyond any socket's.
const SIZES: [usize; 9] = [1, 9, 10, 11, 1023, 1024, 1025, 64 * 1024, 1024 * 1024];

const MESSAGES: usize = 200;

/// What the listings with a greeting read at once (001:18, 004:97), and how often here.
const BUFFER: usize = 1024;
const READS: usize = 4;

/// How long a server must stop reading to count as owing all that it keeps.
const HELD_BACK: Duration = Duration::from_millis(100);

/// How long a client that is kept is watched: a server that drops it would do so at once.
const KEPT: Duration = Duration::from_millis(300);

const NO_STREAM: &str = "does not answer byte for byte";
const BY_READS: &str = "answers reads, and one read may hold many messages";
const ONE_MESSAGE: &str = "does not converse: a connection is good for one message, or for none";

pub fn conversation(trial: &Trial<'_>) -> Outcome {
    let messages: &[&str] = match trial.server.talk {
        Talk::Greeting(_) => &["hellow", "heiheihei", "hellow"],
        Talk::Lines => &["明哥 19\n", "小弟 17\n"],
        Talk::Once(_) | Talk::Accepts => return one_message(trial),
        _ => &["This is the message.", "It will be sent", "in parts"],
    };
    trial.launch().run(|running| {
        let speaker = trial.connect(running)?;
        speaker.be_greeted()?;
        for message in messages {
            speaker.exchange_message(message.as_bytes())?;
        }
        if let Talk::Greeting(_) = trial.server.talk {
            be_greeted_for_each_read(trial, running, &speaker)?;
        }
        if let Talk::Lines = trial.server.talk {
            let expected = EXPECTED_LINE.as_bytes();
            for malformed in [&b"no age here\n"[..], b"\xff\xfe 19\n", &[b'x'; 5000], b"\n"] {
                speaker.client.send(malformed)?;
                if malformed.ends_with(b"\n") {
                    speaker.client.receive(expected)?;
                }
            }
            speaker.exchange_message(b"again 1\n")?;
        }
        speaker.leave()?;
        Ok(Verdict::Pass)
    })
}

/// A message that fills the listing's buffer several times is greeted as often: all of it is there
/// before the server reads on.
fn be_greeted_for_each_read(
    trial: &Trial<'_>,
    running: &Running,
    speaker: &Speaker,
) -> Outcome<()> {
    // Where the system forbids a look inside, nobody knows how the bytes come.
    let Some(socket) = if_possible(inside::connection(running, speaker.client.addr))? else {
        return Ok(());
    };
    stop(running)?;
    speaker.client.send(&[b'a'; READS * BUFFER])?;
    inside::wait_until_unread(&socket, (READS * BUFFER) as u64)?;
    // With this copy open the client would not see the server close the connection.
    drop(socket);
    signal_all(running, Signal::CONT)?;
    let greeting = trial.server.talk.reply(b"", speaker.client.addr);
    speaker.client.receive(&greeting.repeat(READS))?;
    speaker.exchange_message(b"hellow")
}

/// The conversation of servers that take one message, or none: what they print of it.
fn one_message(trial: &Trial<'_>) -> Outcome {
    trial.launch().run(|running| {
        if let Talk::Accepts = trial.server.talk {
            is_kept_as_long_as(trial, running)?;
        }
        for number in 0..3 {
            let speaker = meet(trial, running, number)?;
            if let Talk::Once(_) = trial.server.talk {
                let message = trial.server.talk.message(number);
                speaker.be_printed(&String::from_utf8_lossy(&message))?;
            }
        }
        Ok(Verdict::Pass)
    })
}

/// A client that is only accepted stays connected until the next one comes, or is closed at once.
fn is_kept_as_long_as(trial: &Trial<'_>, running: &Running) -> Outcome<()> {
    let first = trial.connect(running)?;
    first.be_greeted()?;
    let _next = if trial.server.keeps_last {
        first.client.receive_nothing(KEPT)?;
        Some(trial.connect(running)?)
    } else {
        None
    };
    first.client.receive_end()
}

pub fn sizes(trial: &Trial<'_>) -> Outcome {
    let Talk::Stream(answer) = trial.server.talk else {
        return Ok(Verdict::Skip(NO_STREAM));
    };
    trial.launch().run(|running| {
        for size in SIZES {
            let mut data = arbitrary_bytes(size);
            // A server of text may wait for the rest of a character, so the last byte is a whole
            // one.
            data[size - 1] = b'.';
            let speaker = trial.connect(running)?;
            speaker.client.send_while_receiving(&data, &answer(&data))?;
            speaker.client.half_close()?;
            speaker.client.receive_end()?;
        }
        Ok(Verdict::Pass)
    })
}

pub fn one_byte_at_a_time(trial: &Trial<'_>) -> Outcome {
    if !trial.server.talk.converses() {
        return Ok(Verdict::Skip(ONE_MESSAGE));
    }
    trial.launch().run(|running| {
        let speaker = trial.connect(running)?;
        speaker.be_greeted()?;
        let message = trial.server.talk.message(1);
        match trial.server.talk {
            // A line is answered when it is complete.
            Talk::Lines => {
                for byte in message.chunks(1) {
                    speaker.client.send(byte)?;
                }
                speaker.client.receive(&message)?;
            }
            _ => {
                let start = Instant::now();
                for (number, byte) in message.chunks(1).enumerate() {
                    let answered = speaker.exchange_message(byte);
                    so_far(answered, number, message.len(), "bytes answered")?;
                    if start.elapsed() > DEADLINE {
                        return time_out(
                            format!(
                                "{} bytes answered within {} s",
                                message.len(),
                                DEADLINE.as_secs()
                            ),
                            format!("{}", number + 1),
                        );
                    }
                }
            }
        }
        Ok(Verdict::Pass)
    })
}

pub fn pipelined(trial: &Trial<'_>) -> Outcome {
    let talk = trial.server.talk;
    if !matches!(talk, Talk::Stream(_) | Talk::Lines) {
        return Ok(Verdict::Skip(BY_READS));
    }
    trial.launch().run(|running| {
        let speaker = trial.connect(running)?;
        let messages: Vec<u8> = (0..MESSAGES).flat_map(|number| talk.message(number)).collect();
        let replies = talk.reply(&messages, speaker.client.addr);
        speaker.client.send_while_receiving(&messages, &replies)?;
        Ok(Verdict::Pass)
    })
}

pub fn half_close(trial: &Trial<'_>) -> Outcome {
    let talk = trial.server.talk;
    if !talk.converses() {
        return Ok(Verdict::Skip(ONE_MESSAGE));
    }
    let (messages, times) = match talk {
        // Far more than is sent before the server stops reading.
        Talk::Stream(_) => (10_000, 100),
        Talk::Lines => (20, 1),
        _ => (1, 1),
    };
    trial.launch().run(|running| {
        let speaker = trial.connect(running)?;
        let messages: Vec<u8> = (0..messages).flat_map(|number| talk.message(number)).collect();
        let messages = messages.repeat(times);
        // The more the server owes at the end of the stream, the more it can forget there.
        let sent = speaker.client.send_until_full(&messages, HELD_BACK)?;
        speaker.client.half_close()?;
        speaker.be_greeted()?;
        speaker.client.receive(&talk.reply(&messages[..sent], speaker.client.addr))?;
        speaker.client.receive_end()?;
        Ok(Verdict::Pass)
    })
}
