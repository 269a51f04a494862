//! The picture: each server over the whole script, and beside it the moment in which client 1
//! speaks, a hundred times larger: phase 1 takes milliseconds, phase 2 microseconds.
//!
//! - [`lanes`]: a server over a stretch of time
//! - [`shapes`]: scales, bars, arrows, words

use std::time::Duration;

use svg::node::element::{Group, Rectangle, Style, Title};
use svg::{Document, Node};

use crate::trace::Trace;
use crate::trace::meaning::Phase;
use crate::trace::picture::lanes::{Lanes, Stretch};
use crate::trace::picture::shapes::{Axis, Scale, arrow, bar, line, mark, width, words};
use crate::trace::script::{Event, What};
use crate::units::millis;
use xtask::terminal::{grouped, thousands};

mod lanes;
mod shapes;

/// Pixels: the whole width, and where the names are.
const WIDTH: f64 = 960.0;
const NAMES: f64 = 28.0;
/// The script, of which the longest server says how long it lasts, and the moment in which client 1
/// speaks.
const SCRIPT: Axis = Axis { left: 102.0, right: 590.0, before: 0.0, lasts: 1.0, mark: 1.0 };
const MOMENT: Axis = Axis { left: 652.0, right: 944.0, before: 0.1, lasts: 1.2, mark: 0.25 };
/// From a server's name to the middle of its first lane, and what is below its lanes.
const TITLE: f64 = 48.0;
const GAP: f64 = 40.0;
/// What is above the servers, and below them.
const HEAD: f64 = 112.0;
const FOOT: f64 = 62.0;
/// From one mark of the script to the next, in milliseconds: the first that leaves as many pixels as
/// its words need.
const MARKS: [f64; 6] = [100.0, 200.0, 500.0, 1000.0, 2000.0, 5000.0];
const MARK_WIDTH: f64 = 60.0;

/// Every rule begins with the picture's class: inside a page, the page has rules of its own.
const STYLE: &str = include_str!("style.css");

/// Draws all servers, one below the other, each on the same scales. `measured` says when and where
/// that was.
pub fn svg(traces: &[Trace], measured: &str) -> String {
    let script = script(traces);
    let mut top = HEAD;
    let mut servers = Group::new();
    for trace in traces {
        let (group, height) = server(trace, script, top);
        servers.append(group);
        top += height;
    }
    let height = top + FOOT;
    let paper = Rectangle::new().set("class", "paper").set("width", WIDTH).set("height", height);
    let document = Document::new()
        .set("class", "models")
        .set("viewBox", (0, 0, WIDTH, height))
        .set("width", WIDTH)
        .set("height", height)
        .set("role", "img")
        .add(Title::new("What servers ask of the kernel while clients speak with them, measured"))
        .add(Style::new(STYLE))
        .add(paper)
        .add(legend())
        .add(columns(script))
        .add(servers)
        .add(axes(script, top))
        .add(words(measured, 12.0, height - 12.0).set("class", "small"));
    format!("{document}\n")
}

/// The script, as long as that of the longest trace.
fn script(traces: &[Trace]) -> Axis {
    let lasts = |trace: &Trace| {
        let (first, last) = (trace.events.first()?, trace.events.last()?);
        Some(millis(last.at.saturating_sub(first.at)))
    };
    let lasts = traces.iter().filter_map(lasts).fold(1.0, f64::max);
    let script = Axis { lasts, ..SCRIPT };
    let mark = MARKS.into_iter().find(|mark| mark * script.unit() >= MARK_WIDTH);
    Axis { mark: mark.unwrap_or(lasts), ..script }
}

/// The lanes of one server, and how high they are.
fn server(trace: &Trace, axis: Axis, top: f64) -> (Group, f64) {
    let lanes = Lanes::of(trace, top + TITLE);
    let zero = trace.events.first().map_or(Duration::ZERO, |event| event.at);
    let script = Scale { axis, zero };
    let bottom = lanes.bottom();
    let mut group = Group::new()
        .add(words(&trace.title, 12.0, top + 20.0).set("class", "title"))
        .add(lanes.names(NAMES));
    let first = |event: &&Event| event.client == 1 && matches!(event.what, What::Says(_));
    let speaks = trace.events.iter().find(first);
    let (above, below) = (lanes.top - 10.0, bottom - 10.0);
    for (_, x) in axis.marks() {
        group.append(line("grid", (x, above), (x, below)));
    }
    if let Some(speaks) = speaks {
        let x = script.x(speaks.at);
        group.append(line("speaks", (x, above), (x, below)));
    }
    group.append(Stretch { lanes: &lanes, trace, scale: script, tells: true }.draw());
    if let Some(speaks) = speaks {
        let moment = Scale { axis: MOMENT, zero: speaks.at };
        for (millis, x) in MOMENT.marks() {
            let class = if millis == 0.0 { "speaks" } else { "grid" };
            group.append(line(class, (x, above), (x, below)));
        }
        group.append(Stretch { lanes: &lanes, trace, scale: moment, tells: false }.draw());
        let text = from_word_to_answer(trace, speaks);
        group.append(words(&text, SCRIPT.left, bottom + 19.0).set("class", "small"));
    }
    (group, bottom - top + GAP)
}

/// The calls from client 1's word to its answer, by their names.
fn from_word_to_answer(trace: &Trace, speaks: &Event) -> String {
    let hears = |event: &&Event| {
        event.client == speaks.client && event.at > speaks.at && event.what != What::Leaves
    };
    let Some(hears) = trace.events.iter().find(hears) else {
        return "client 1 has no answer".to_owned();
    };
    let mut names: Vec<(&str, usize)> = Vec::new();
    let meanwhile = trace.rows.iter().filter(|row| row.end >= speaks.at && row.start <= hears.at);
    let mut waking = "";
    for row in meanwhile {
        if row.meaning.phase == Phase::WaitsAndCopies {
            // Nothing tells when it began to copy.
            waking = "; its copy includes its waking up";
        }
        // Of questions that began long before, only the last are meant.
        let count = if row.start < speaks.at { 1 } else { row.count };
        match names.last_mut() {
            Some((name, times)) if *name == row.name => *times += count,
            _ => names.push((&row.name, count)),
        }
    }
    let names = names.into_iter().map(|(name, count)| match count {
        1 => name.to_owned(),
        count => format!("{} × {name}", thousands(count)),
    });
    let took = millis(hears.at - speaks.at);
    let names: Vec<String> = names.collect();
    format!("client 1's word is answered in {took:.2} ms: {}{waking}", names.join(", "))
}

fn legend() -> Group {
    let mut group = Group::new();
    let rows: [&[(&str, &str)]; 2] = [
        &[
            ("waits", "phase 1: waits"),
            ("asks", "phase 1: asks, is told: not yet"),
            ("copies", "phase 2: copies"),
            ("arranges", "another call"),
        ],
        &[
            ("client", "a client acts"),
            ("heard", "it has its answer"),
            ("data", "its bytes wait in the kernel"),
            ("bytes", "bytes go"),
            ("arrow", "a call goes, and returns"),
        ],
    ];
    for (row, entries) in rows.into_iter().enumerate() {
        let y = 20.0 + 26.0 * row as f64;
        let mut x = 12.0;
        for (class, text) in entries {
            match *class {
                "client" | "heard" => group.append(mark(class, x + 8.0, y)),
                "bytes" | "arrow" => group.append(arrow(class, x + 8.0, y - 9.0, y + 9.0)),
                _ => group.append(bar(class, x, x + 20.0, y)),
            }
            group.append(words(text, x + 27.0, y + 5.0));
            x += 27.0 + width(text) + 22.0;
        }
    }
    group
}

fn columns(script: Axis) -> Group {
    let y = HEAD - 26.0;
    let moment = format!("client 1 speaks, {} × larger", grouped(MOMENT.unit() / script.unit()));
    Group::new()
        .add(words("the whole script", SCRIPT.left, y).set("class", "title"))
        .add(words(&moment, MOMENT.left - 8.0, y).set("class", "title"))
}

fn axes(script: Axis, y: f64) -> Group {
    let mut group = Group::new();
    let mut mark = |x: f64, text: &str| {
        group.append(line("line", (x, y), (x, y + 5.0)));
        group.append(words(text, x, y + 19.0).set("class", "small").set("text-anchor", "middle"));
    };
    for (millis, x) in script.marks() {
        mark(x, &format!("{millis:.0} ms"));
    }
    for (millis, x) in MOMENT.marks() {
        mark(x, &format!("{:.0} µs", millis * 1000.0));
    }
    group
}
