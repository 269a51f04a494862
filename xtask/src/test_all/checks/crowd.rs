//! Clients that send at the same time and do not read.

use std::time::Duration;

use crate::catalog::Talk;
use crate::harness::outcome::Outcome;
use crate::harness::speaker::Speaker;
use crate::harness::threads::at_once;

/// How long a server must stop reading to count as holding its client back.
pub const HELD_BACK: Duration = Duration::from_millis(300);

/// About `size` bytes to send.
pub fn flood(talk: Talk, size: usize) -> Vec<u8> {
    match talk {
        // Lines as long as the pool takes them: each costs it the same, however short.
        Talk::Lines => format!("{} 19\n", "x".repeat(1000)).repeat(size / 1004).into_bytes(),
        // 25 letters: whoever loses 1,024 bytes, or another power of two, shifts what follows.
        _ => b"abcdefghijklmnopqrstuvwxy".repeat(size / 25),
    }
}

/// Lets all clients send at once, each until it is held back; returns how many bytes each sent.
pub fn send_until_full(crowd: &[(Speaker, &[u8])]) -> Outcome<Vec<usize>> {
    let send = |(speaker, data): &(Speaker, &[u8])| speaker.client.send_until_full(data, HELD_BACK);
    at_once(crowd.iter().map(|client| move || send(client)))
}

/// Lets all clients close their sending side and receive the answers to what they sent.
pub fn receive_answers(crowd: &[(Speaker, &[u8])], sent: &[usize]) -> Outcome<()> {
    let receive = |speaker: &Speaker, data: &[u8]| {
        speaker.client.make_room_to_read()?;
        speaker.client.half_close()?;
        speaker.receive_answers(data)
    };
    let clients = crowd.iter().zip(sent);
    at_once(clients.map(|((speaker, data), sent)| move || receive(speaker, &data[..*sent])))
        .map(drop)
}
