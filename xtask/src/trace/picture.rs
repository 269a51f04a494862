//! The picture: for each server a lane for each client, for the kernel's sockets, and for each
//! thread, from left to right in time.

use std::collections::BTreeSet;
use std::time::Duration;

use svg::Document;
use svg::node::element::{Circle, Group, Line, Rectangle, Style, Text, Title};

use crate::terminal::thousands;
use crate::trace::Trace;
use crate::trace::fold::Row;
use crate::trace::meaning::Phase;
use crate::trace::script::{Event, What};

/// Pixels: the whole width, where time begins and ends, a lane, a bar in it.
const WIDTH: f64 = 1120.0;
const LEFT: f64 = 150.0;
const RIGHT: f64 = 1050.0;
const LANE: f64 = 30.0;
const BAR: f64 = 14.0;
/// What stands above the lanes of a server: its name.
const TITLE: f64 = 42.0;
/// What stands below them.
const GAP: f64 = 16.0;
const LEGEND: f64 = 40.0;
const AXIS: f64 = 30.0;
/// A bar that is narrower than a reader can see.
const NARROWEST: f64 = 2.0;
/// A bar that has room for its length in words.
const ROOM_FOR_WORDS: f64 = 74.0;
/// From one mark of the axis to the next.
const MARK: u64 = 50;

const STYLE: &str = "\
text { font: 13px system-ui, sans-serif; fill: #1a1a1a; }
.title { font-weight: 600; font-size: 15px; }
.small { font-size: 11px; }
.paper { fill: #ffffff; }
.line { stroke: #9a9a9a; stroke-width: 1; }
.arrow { stroke: #555555; stroke-width: 1; }
.waits { fill: #f2b134; }
.asks { fill: #d9662b; }
.copies { fill: #1f7a5c; }
.arranges { fill: #9a9a9a; }
.data { fill: #4a7fc1; }
.client { fill: #4a4a4a; }
.heard { fill: #ffffff; stroke: #4a4a4a; stroke-width: 1.5; }
.on { fill: #1a1a1a; }
@media (prefers-color-scheme: dark) {
text { fill: #ececec; }
.paper { fill: #17181a; }
.line { stroke: #6b6b6b; }
.arrow { stroke: #b0b0b0; }
.copies { fill: #3fbf92; }
.client { fill: #d0d0d0; }
.heard { fill: #17181a; stroke: #d0d0d0; }
}
";

/// Draws all servers, one below the other, with one scale of time.
pub fn svg(traces: &[Trace]) -> String {
    let scale = Scale::of(traces);
    let mut top = LEGEND;
    let mut groups = Vec::new();
    for trace in traces {
        let (group, height) = server(trace, &scale, top);
        groups.push(group);
        top += height;
    }
    let height = top + AXIS;
    let paper = Rectangle::new().set("class", "paper").set("width", WIDTH).set("height", height);
    let document = Document::new()
        .set("viewBox", (0, 0, WIDTH, height))
        .set("role", "img")
        .add(Title::new("What servers ask of the kernel, measured by strace"))
        .add(Style::new(STYLE))
        .add(paper)
        .add(legend())
        .add(axis(&scale, top));
    let document = groups.into_iter().fold(document, Document::add);
    format!("{document}\n")
}

/// From a time to a place, the same for all servers.
struct Scale {
    /// How long the longest trace takes, in milliseconds.
    longest: f64,
}

impl Scale {
    fn of(traces: &[Trace]) -> Scale {
        let longest = traces.iter().map(|trace| {
            let begin = begin(trace);
            let events = trace.events.iter().map(|event| millis(begin, event.at));
            events.fold(1.0, f64::max)
        });
        Scale { longest: longest.fold(1.0, f64::max) }
    }

    fn x(&self, millis: f64) -> f64 {
        LEFT + (RIGHT - LEFT) * millis.clamp(0.0, self.longest) / self.longest
    }
}

fn begin(trace: &Trace) -> Duration {
    trace.events.first().map_or(Duration::ZERO, |event| event.at)
}

/// Milliseconds from `begin` to `at`, below zero before it.
fn millis(begin: Duration, at: Duration) -> f64 {
    (at.as_secs_f64() - begin.as_secs_f64()) * 1000.0
}

/// The lanes of one server, and how high they are.
fn server(trace: &Trace, scale: &Scale, top: f64) -> (Group, f64) {
    let begin = begin(trace);
    let clients: BTreeSet<usize> = trace.events.iter().map(|event| event.client).collect();
    let threads: BTreeSet<u32> = trace.rows.iter().map(|row| row.thread).collect();
    let title = Text::new(&trace.title).set("class", "title").set("x", 12).set("y", top + 20.0);
    let mut group = Group::new().add(title);
    let mut y = top + TITLE;
    for client in clients {
        group = group.add(label(&format!("client {client}"), y));
        group = client_lane(group, trace, client, scale, y);
        y += LANE;
    }
    let kernel = y;
    group = kernel_lane(group.add(label("kernel: its socket", y)), trace, scale, y);
    y += LANE;
    for (position, thread) in threads.iter().enumerate() {
        let name = match threads.len() {
            1 => "process".to_owned(),
            _ => format!("thread {}", position + 1),
        };
        group = group.add(label(&name, y)).add(line(scale.x(0.0), y, scale.x(scale.longest), y));
        let rows: Vec<&Row> = trace.rows.iter().filter(|row| row.thread == *thread).collect();
        for rows in rows.chunk_by(|a, b| is_question(a) && is_question(b)) {
            group = if is_question(rows[0]) {
                questions(group, rows, scale, (begin, kernel, y))
            } else {
                call(group, trace, rows[0], scale, (begin, kernel, y))
            };
        }
        y += LANE;
    }
    (group, y - top + GAP)
}

/// When a client is there, when it speaks and when it has its answer.
fn client_lane(mut group: Group, trace: &Trace, client: usize, scale: &Scale, y: f64) -> Group {
    let begin = begin(trace);
    let events: Vec<_> = trace.events.iter().filter(|event| event.client == client).collect();
    if let (Some(first), Some(last)) = (events.first(), events.last()) {
        let (from, to) = (millis(begin, first.at), millis(begin, last.at));
        group = group.add(line(scale.x(from), y, scale.x(to), y));
    }
    for event in events {
        let x = scale.x(millis(begin, event.at));
        let word = match event.what {
            What::Connects(_) => "connects",
            What::Says(_) => "speaks",
            What::Hears(_) => "",
            What::Leaves => "leaves",
            What::IsClosed => "is closed",
        };
        // What comes to it is hollow, what it does is full.
        let is_heard = matches!(event.what, What::Hears(_));
        let class = if is_heard { "heard" } else { "client" };
        let mark = Circle::new().set("class", class).set("cx", x).set("cy", y).set("r", 3.5);
        group = group.add(mark).add(words(word, x + 4.0, y - 5.0));
    }
    group
}

/// How long what a client said waits in the kernel.
fn kernel_lane(mut group: Group, trace: &Trace, scale: &Scale, y: f64) -> Group {
    let begin = begin(trace);
    group = group.add(line(scale.x(0.0), y, scale.x(scale.longest), y));
    for event in &trace.events {
        let What::Says(_) = event.what else { continue };
        let name = format!("client {}", event.client);
        let copied = trace
            .rows
            .iter()
            .find(|row| row.meaning.brings.as_ref() == Some(&name) && row.end >= event.at);
        // Where no call of the process copies, the kernel has done it before the answer.
        let answered = trace.events.iter().find(|other| {
            other.client == event.client && other.at > event.at && other.what != What::Leaves
        });
        let until = copied.map(|row| row.end).or(answered.map(|answer| answer.at));
        let (from, until) = (millis(begin, event.at), until.map(|at| millis(begin, at)));
        let until = until.unwrap_or(scale.longest);
        group = group.add(bar("data", scale.x(from), scale.x(until), y));
        if scale.x(until) - scale.x(from) > ROOM_FOR_WORDS {
            let text = format!("{name}'s data: {:.1} ms", until - from);
            group = length(group, &text, scale.x(from), scale.x(until), y);
        }
    }
    group
}

fn is_question(row: &Row) -> bool {
    row.meaning.phase == Phase::Asks
}

/// Questions that were told "not yet", one after the other, as one bar.
fn questions(
    group: Group,
    rows: &[&Row],
    scale: &Scale,
    (begin, kernel, y): (Duration, f64, f64),
) -> Group {
    let start = rows.iter().map(|row| row.start).min().unwrap_or_default();
    let end = rows.iter().map(|row| row.end).max().unwrap_or_default();
    let count: usize = rows.iter().map(|row| row.count).sum();
    let (x, to) = (scale.x(millis(begin, start)), scale.x(millis(begin, end)));
    let group = group.add(bar("asks", x, to, y));
    let group = there_and_back(group, x, to, (kernel, y));
    length(group, &format!("{} × not yet", thousands(count)), x, to, y)
}

/// A call as a bar, with arrows to the kernel and back.
fn call(
    group: Group,
    trace: &Trace,
    row: &Row,
    scale: &Scale,
    (begin, kernel, y): (Duration, f64, f64),
) -> Group {
    let (from, to) = (millis(begin, row.start), millis(begin, row.end));
    let (x, end) = (scale.x(from), scale.x(to));
    let phase = row.meaning.phase;
    if phase == Phase::Arranges {
        return group.add(bar(class(phase), x, end, y));
    }
    let group = match arrival(trace, row) {
        Some(at) if phase == Phase::WaitsAndCopies => {
            let between = scale.x(millis(begin, at));
            group.add(bar("waits", x, between, y)).add(bar("copies", between, end, y))
        }
        _ => group.add(bar(class(phase), x, end, y)),
    };
    let group = there_and_back(group, x, end, (kernel, y));
    length(group, &format!("waits {:.1} ms", to - from), x, end, y)
}

/// When the bytes that a call brought were sent, if it had begun before.
fn arrival(trace: &Trace, row: &Row) -> Option<Duration> {
    let says = |event: &&Event| {
        let client = format!("client {}", event.client);
        matches!(event.what, What::Says(_)) && row.meaning.brings.as_ref() == Some(&client)
    };
    let mut said = trace.events.iter().filter(says).map(|event| event.at);
    said.find(|at| (row.start..row.end).contains(at))
}

/// An arrow to the kernel where a call begins, and one back where it ends.
fn there_and_back(group: Group, x: f64, end: f64, (kernel, y): (f64, f64)) -> Group {
    let (process, kernel) = (y - BAR / 2.0, kernel + BAR / 2.0);
    group.add(arrow(x, process, kernel)).add(arrow(end, kernel, process))
}

/// What a bar says of itself, where it has room.
fn length(group: Group, text: &str, x: f64, end: f64, y: f64) -> Group {
    if end - x <= ROOM_FOR_WORDS {
        return group;
    }
    group.add(words(text, x + 4.0, y + 4.0).set("class", "small on"))
}

fn class(phase: Phase) -> &'static str {
    match phase {
        Phase::Waits | Phase::WaitsAndCopies => "waits",
        Phase::Asks => "asks",
        Phase::Copies => "copies",
        Phase::Arranges => "arranges",
    }
}

fn legend() -> Group {
    let entries = [
        ("waits", "phase 1: waits"),
        ("asks", "phase 1: asks, is told: not yet"),
        ("copies", "phase 2: copies"),
        ("arranges", "another call"),
        ("data", "data waits in the kernel"),
    ];
    let places = [0.0, 130.0, 370.0, 510.0, 630.0];
    entries.iter().zip(places).fold(Group::new(), |group, ((class, text), place)| {
        let x = 12.0 + place;
        let box_ = bar(class, x, x + 14.0, 20.0);
        group.add(box_).add(Text::new(*text).set("x", x + 20.0).set("y", 25))
    })
}

fn axis(scale: &Scale, y: f64) -> Group {
    let marks = (0..=scale.longest as u64).step_by(MARK as usize);
    marks.fold(Group::new(), |group, mark| {
        let x = scale.x(mark as f64);
        group.add(line(x, y, x, y + 5.0)).add(words(&format!("{mark} ms"), x + 3.0, y + 14.0))
    })
}

fn bar(class: &str, from: f64, to: f64, y: f64) -> Rectangle {
    let rectangle = Rectangle::new().set("class", class).set("x", from).set("y", y - BAR / 2.0);
    rectangle.set("width", (to - from).max(NARROWEST)).set("height", BAR)
}

fn line(x: f64, y: f64, to_x: f64, to_y: f64) -> Line {
    let line = Line::new().set("class", "line").set("x1", x).set("y1", y);
    line.set("x2", to_x).set("y2", to_y)
}

/// From one lane to another, with its point there.
fn arrow(x: f64, from: f64, to: f64) -> Group {
    let back = if to > from { -4.0 } else { 4.0 };
    let stroke = |x1: f64, y1: f64, x2: f64, y2: f64| line(x1, y1, x2, y2).set("class", "arrow");
    let point = to + back;
    let shaft = stroke(x, from, x, to);
    Group::new().add(shaft).add(stroke(x - 2.5, point, x, to)).add(stroke(x + 2.5, point, x, to))
}

fn label(text: &str, y: f64) -> Text {
    Text::new(text).set("x", 24).set("y", y + 4.0)
}

fn words(text: &str, x: f64, y: f64) -> Text {
    Text::new(text).set("class", "small").set("x", x).set("y", y)
}
