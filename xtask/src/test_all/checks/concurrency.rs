//! Many clients at once.

use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use crate::harness::launch::Running;
use crate::harness::outcome::{Outcome, Verdict, so_far};
use crate::harness::speaker::Speaker;
use crate::harness::threads::spawn_in;
use crate::harness::trial::Trial;

const CLIENTS: usize = 64;
const EXCHANGES: usize = 5;

/// How long a client that has to wait its turn is watched: a server that serves it would answer
/// sooner.
const SILENCE: Duration = Duration::from_millis(300);

pub fn many_clients(trial: &Trial<'_>) -> Outcome {
    let talk = trial.server.talk;
    let work = |running: &Running| {
        let start = Barrier::new(CLIENTS);
        let talk_with_server = |client: usize| -> Outcome<()> {
            start.wait();
            let speaker = trial.connect_patiently(running, client * EXCHANGES)?;
            if talk.converses() {
                for exchange in 1..EXCHANGES {
                    speaker.exchange(client * EXCHANGES + exchange)?;
                }
            }
            speaker.leave()
        };
        thread::scope(|scope| {
            let clients =
                (0..CLIENTS).map(|client| spawn_in(scope, move || talk_with_server(client)));
            let clients: Vec<_> = clients.collect::<Outcome<_>>()?;
            for (number, client) in clients.into_iter().enumerate() {
                let served = client.join().expect("a client's thread does not panic");
                so_far(served, number, CLIENTS, "clients served")?;
            }
            Ok(Verdict::Pass)
        })
    };
    // With its usual pause between two looks, a server that asks now and then has its backlog
    // overrun.
    if talk.converses() { trial.launch().run(work) } else { trial.loaded().run(work) }
}

pub fn second_client(trial: &Trial<'_>) -> Outcome {
    trial.launch().run(|running| {
        let talk = trial.server.talk;
        let limit = trial.server.concurrency.limit();
        let served_at_once = limit.unwrap_or(CLIENTS);
        let mut idle: Vec<Speaker> = Vec::new();
        for number in 0..served_at_once {
            let speaker = trial.connect(running)?;
            speaker.be_greeted()?;
            if talk.converses() {
                speaker.exchange(number)?;
            }
            idle.push(speaker);
        }

        let further = trial.connect(running)?;
        let verdict = if limit.is_none() {
            Verdict::Pass
        } else {
            further.client.send(&talk.message(served_at_once))?;
            further.client.receive_nothing(SILENCE)?;
            idle.pop();
            Verdict::Waits
        };
        further.be_greeted()?;
        if limit.is_none() {
            further.exchange(served_at_once)?;
        } else {
            let reply = talk.reply(&talk.message(served_at_once), further.client.addr);
            further.client.receive(&reply)?;
        }
        for (number, speaker) in idle.iter().enumerate() {
            speaker.exchange(number)?;
        }
        Ok(verdict)
    })
}
