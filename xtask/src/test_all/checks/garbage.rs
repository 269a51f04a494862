//! Random bytes.

use fastrand::Rng;

use crate::catalog::Talk;
use crate::harness::outcome::{Outcome, Verdict, so_far};
use crate::harness::speaker::Speaker;
use crate::harness::threads::spawn_in;
use crate::harness::trial::Trial;
use crate::test_all::checks::steps::{send, serve_one};

const STRINGS: usize = 10_000;
const STRINGS_PER_CONNECTION: usize = 100;
/// More than the listings' buffers of 10 and of 1,024 bytes together.
const LONGEST: usize = 1500;

pub fn garbage(trial: &Trial<'_>) -> Outcome {
    if let Talk::Accepts = trial.server.talk {
        return Ok(Verdict::Skip("reads nothing"));
    }
    let mut rng = Rng::with_seed(trial.seed);
    let outcome = trial.loaded().run(|running| {
        for first in (0..STRINGS).step_by(STRINGS_PER_CONNECTION) {
            let strings: Vec<Vec<u8>> =
                (0..STRINGS_PER_CONNECTION).map(|_| random_string(&mut rng)).collect();
            let chunks = cut(&strings.concat(), &mut rng);
            let speaker = trial.connect(running)?;
            so_far(say(trial, &speaker, &chunks), first, STRINGS, "strings answered")?;
        }
        serve_one(trial, running)?;
        Ok(Verdict::Pass)
    });
    outcome.map_err(|failure| failure.told(|actual| format!("{actual} (seed {})", trial.seed)))
}

/// Sends `chunks` and receives what the server's rule says.
fn say(trial: &Trial<'_>, speaker: &Speaker, chunks: &[Vec<u8>]) -> Outcome<()> {
    let send_all = || chunks.iter().try_for_each(|chunk| send(trial, speaker, chunk));
    if !trial.server.talk.converses() {
        return send_all();
    }
    std::thread::scope(|scope| {
        let sender = spawn_in(scope, || {
            send_all()?;
            speaker.client.half_close()
        })?;
        speaker.receive_answers(&chunks.concat())?;
        sender.join().expect("the sending thread does not panic")
    })
}

/// Bytes of any value, or of those that commands are made of, so that lines and words come up, too.
fn random_string(rng: &mut Rng) -> Vec<u8> {
    const WORDS: &[u8] = b"ab 19+-\n\r\t\0\xe6\x98\x8e";
    let length = rng.usize(1..=LONGEST);
    let any = rng.bool();
    let byte = |rng: &mut Rng| {
        if any { rng.u8(..) } else { WORDS[rng.usize(..WORDS.len())] }
    };
    (0..length).map(|_| byte(rng)).collect()
}

/// The same bytes in chunks of random length.
fn cut(mut bytes: &[u8], rng: &mut Rng) -> Vec<Vec<u8>> {
    let mut chunks = Vec::new();
    while !bytes.is_empty() {
        let (chunk, rest) = bytes.split_at(rng.usize(1..=bytes.len().min(2 * LONGEST)));
        chunks.push(chunk.to_vec());
        bytes = rest;
    }
    chunks
}
