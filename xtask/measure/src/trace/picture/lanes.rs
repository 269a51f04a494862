//! The lanes of one server over one stretch of time: its clients, the kernel, its threads.

use std::collections::BTreeSet;
use std::time::Duration;

use svg::Node;
use svg::node::element::Group;

use crate::trace::Trace;
use crate::trace::fold::Row;
use crate::trace::meaning::Phase;
use crate::trace::names::client_name;
use crate::trace::picture::shapes::{Scale, arrow, bar, between, line, mark, width, words};
use crate::trace::script::{Event, What};
use crate::units::millis;
use xtask::terminal::thousands;

/// Pixels from one lane to the next, and from a lane of calls to what is below it.
const LANE: f64 = 28.0;
const BELOW: f64 = 22.0;
/// From the bytes of one client in the kernel to those of the next.
const DATA: f64 = 9.0;
/// A call that is narrower has one arrow, not one there and one back.
const ROOM_FOR_ARROWS: f64 = 9.0;

pub struct Lanes {
    pub clients: Vec<usize>,
    pub threads: Vec<usize>,
    pub top: f64,
}

impl Lanes {
    pub fn of(trace: &Trace, top: f64) -> Lanes {
        let clients: BTreeSet<usize> = trace.events.iter().map(|event| event.client).collect();
        let threads: BTreeSet<usize> = trace.rows.iter().map(|row| row.thread).collect();
        let (clients, threads) = (clients.into_iter().collect(), threads.into_iter().collect());
        Lanes { clients, threads, top }
    }

    fn client(&self, number: usize) -> f64 {
        let position = self.clients.iter().position(|client| *client == number);
        self.top + position.unwrap_or_default() as f64 * LANE
    }

    fn kernel(&self) -> f64 {
        self.top + self.clients.len() as f64 * LANE
    }

    fn thread(&self, position: usize) -> f64 {
        self.kernel() + LANE + position as f64 * (LANE + BELOW)
    }

    pub fn bottom(&self) -> f64 {
        self.thread(self.threads.len()) - LANE
    }

    pub fn names(&self, x: f64) -> Group {
        let mut group = Group::new();
        for client in &self.clients {
            group.append(words(&client_name(*client), x, self.client(*client) + 5.0));
        }
        group.append(words("kernel", x, self.kernel() + 5.0));
        for (position, number) in self.threads.iter().enumerate() {
            let name = match self.threads.len() {
                1 => "process".to_owned(),
                _ => format!("thread {number}"),
            };
            group.append(words(&name, x, self.thread(position) + 5.0));
        }
        group
    }
}

/// The lanes over a stretch of time.
pub struct Stretch<'a> {
    pub lanes: &'a Lanes,
    pub trace: &'a Trace,
    pub scale: Scale,
    /// Whether words say what happened; without, arrows show how each call and the bytes go.
    pub tells: bool,
}

impl Stretch<'_> {
    pub fn draw(&self) -> Group {
        let Stretch { lanes, trace, scale, .. } = self;
        let mut group = Group::new();
        let ys = (0..lanes.threads.len()).map(|position| lanes.thread(position));
        for y in ys.chain([lanes.kernel()]) {
            group.append(line("line", (scale.axis.left, y), (scale.axis.right, y)));
        }
        self.draw_kernel(&mut group);
        for (position, thread) in lanes.threads.iter().enumerate() {
            let y = lanes.thread(position);
            let is_seen = |row: &&Row| row.thread == *thread && scale.meets(row.start, row.end);
            let rows: Vec<&Row> = trace.rows.iter().filter(is_seen).collect();
            for rows in rows.chunk_by(|a, b| is_question(a) && is_question(b)) {
                match is_question(rows[0]) {
                    true => self.draw_questions(&mut group, rows, y),
                    false => self.draw_call(&mut group, rows[0], y),
                }
            }
        }
        for client in &lanes.clients {
            self.draw_client(&mut group, *client);
        }
        group
    }

    /// When a client is there, when it speaks and when it has its answer.
    fn draw_client(&self, group: &mut Group, client: usize) {
        let Stretch { lanes, trace, scale, tells } = self;
        let y = lanes.client(client);
        let of_client = |event: &&Event| event.client == client;
        let events: Vec<&Event> = trace.events.iter().filter(of_client).collect();
        if let (Some(first), Some(last)) = (events.first(), events.last()) {
            group.append(line("line", (scale.x(first.at), y), (scale.x(last.at), y)));
        }
        // A word that has no room beside the one before it is left out.
        let mut free = 0.0;
        for event in events.into_iter().filter(|event| scale.holds(event.at)) {
            let x = scale.x(event.at);
            let (word, class) = match event.what {
                What::Connects(_) => ("connects", "client"),
                What::Says(_) => ("speaks", "client"),
                What::Hears(_) => ("", "heard"),
                What::Leaves => ("leaves", "client"),
                What::IsClosed => ("is closed", "heard"),
            };
            let (near, kernel) = (y + 7.0, lanes.kernel() - 9.0);
            match event.what {
                What::Says(_) if !*tells => group.append(arrow("bytes", x, near, kernel)),
                What::Hears(_) if !*tells => group.append(arrow("bytes", x, kernel, near)),
                _ => {}
            }
            group.append(mark(class, x, y));
            // At the right end there is no room behind the mark.
            let x = (x + 5.0).min(scale.axis.right + 40.0 - width(word));
            if *tells && !word.is_empty() && x >= free {
                group.append(words(word, x, y - 8.0).set("class", "small"));
                free = x + width(word);
            }
        }
    }

    /// How long what a client said waits in the kernel.
    fn draw_kernel(&self, group: &mut Group) {
        let Stretch { lanes, trace, scale, tells } = self;
        let y = lanes.kernel();
        for event in &trace.events {
            let What::Says(_) = event.what else { continue };
            let until = taken(trace, event).unwrap_or(Duration::MAX);
            if !scale.meets(event.at, until) {
                continue;
            }
            let (from, to) = (scale.x(event.at), scale.x(until));
            // Each client has its own part of the lane: bytes of two may wait together.
            let position = lanes.clients.iter().position(|client| *client == event.client);
            let middle = (lanes.clients.len() - 1) as f64 / 2.0;
            let below = (position.unwrap_or_default() as f64 - middle) * DATA;
            group.append(bar("data", from, to, y + below));
            let text = format!("{:.0} ms", millis(until.saturating_sub(event.at)));
            if *tells && scale.holds(until) && to - from > width(&text) {
                let text = words(&text, from - 6.0, y + below + 4.5).set("text-anchor", "end");
                group.append(text.set("class", "small"));
            }
        }
    }

    /// Questions that were told "not yet", one after the other, as one bar.
    fn draw_questions(&self, group: &mut Group, rows: &[&Row], y: f64) {
        let start = rows.iter().map(|row| row.start).min().unwrap_or_default();
        let end = rows.iter().map(|row| row.end).max().unwrap_or_default();
        let count: usize = rows.iter().map(|row| row.count).sum();
        let (x, to) = (self.scale.x(start), self.scale.x(end));
        group.append(bar("asks", x, to, y));
        let text = format!("{} ×", thousands(count));
        if let Some(text) = between(&text, x, to, y + BELOW).filter(|_| self.tells) {
            group.append(text.set("class", "small"));
        }
    }

    /// A call as a bar, with arrows to the kernel and back.
    fn draw_call(&self, group: &mut Group, row: &Row, y: f64) {
        let Stretch { lanes, trace, scale, tells } = self;
        let (x, end) = (scale.x(row.start), scale.x(row.end));
        let phase = row.meaning.phase;
        let copies_from = match phase {
            Phase::WaitsAndCopies => arrival(trace, row).map(|at| scale.x(at)),
            _ => None,
        };
        if let Some(between) = copies_from {
            group.append(bar("waits", x, between, y));
            group.append(bar("copies", between, end, y));
        } else {
            group.append(bar(class(phase), x, end, y));
        }
        let (process, kernel) = (y - 12.0, lanes.kernel() + 8.0);
        let waits = matches!(phase, Phase::Waits | Phase::WaitsAndCopies);
        if *tells {
            let text = format!("{:.0} ms", millis(row.took));
            if let Some(text) = between(&text, x, end, y + BELOW).filter(|_| waits) {
                group.append(text.set("class", "small"));
            }
            return;
        }
        match phase {
            Phase::Copies | Phase::WaitsAndCopies if row.meaning.brings.is_some() => {
                group.append(arrow("bytes", end, kernel, process));
            }
            Phase::Copies => group.append(arrow("bytes", x, process, kernel)),
            _ if waits && end - x > ROOM_FOR_ARROWS && scale.holds(row.end) => {
                group.append(arrow("arrow", end, kernel, process));
            }
            _ => {}
        }
        if waits && end - x > ROOM_FOR_ARROWS && scale.holds(row.start) {
            group.append(arrow("arrow", x, process, kernel));
        }
    }
}

fn is_question(row: &Row) -> bool {
    row.meaning.phase == Phase::Asks
}

fn class(phase: Phase) -> &'static str {
    match phase {
        Phase::Waits | Phase::WaitsAndCopies => "waits",
        Phase::Asks => "asks",
        Phase::Copies => "copies",
        Phase::Arranges | Phase::Aside => "arranges",
    }
}

/// When a call had copied what a client said; where no call of the process copies, the kernel has
/// done it before the answer.
fn taken(trace: &Trace, said: &Event) -> Option<Duration> {
    let name = client_name(said.client);
    let brings = |row: &&Row| row.meaning.brings.as_ref() == Some(&name) && row.end >= said.at;
    let copied = trace.rows.iter().find(brings).map(|row| row.end);
    let answers = |other: &&Event| {
        other.client == said.client && other.at > said.at && other.what != What::Leaves
    };
    let answered = trace.events.iter().find(answers).map(|answer| answer.at);
    copied.or(answered)
}

/// When the bytes that a call brought were sent, if it had begun before.
fn arrival(trace: &Trace, row: &Row) -> Option<Duration> {
    let says = |event: &&Event| {
        matches!(event.what, What::Says(_))
            && row.meaning.brings.as_ref() == Some(&client_name(event.client))
    };
    let mut said = trace.events.iter().filter(says).map(|event| event.at);
    said.find(|at| (row.start..row.end).contains(at))
}
