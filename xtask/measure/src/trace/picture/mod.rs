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
use crate::trace::picture::lanes::Lanes;
use crate::trace::picture::shapes::{Scale, arrow, bar, line, mark, width, words};
use crate::trace::script::{Event, What};
use xtask::terminal::{grouped, thousands};

mod lanes;
mod shapes;

/// Pixels: the whole width, where the names are, the script, and the moment.
const WIDTH: f64 = 960.0;
const NAMES: f64 = 28.0;
const SCRIPT: (f64, f64) = (102.0, 590.0);
const MOMENT: (f64, f64) = (652.0, 944.0);
/// From a server's name to the middle of its first lane, and what is below its lanes.
const TITLE: f64 = 48.0;
const GAP: f64 = 40.0;
/// What is above the servers, and below them.
const HEAD: f64 = 112.0;
const FOOT: f64 = 62.0;
/// The moment in milliseconds, before client 1 speaks and after it.
const BEFORE: f64 = 0.1;
const MOMENT_LASTS: f64 = 1.2;
/// From one mark of an axis to the next, in milliseconds; the script's is the first that leaves as
/// many pixels as its words need.
const SCRIPT_MARKS: [f64; 6] = [100.0, 200.0, 500.0, 1000.0, 2000.0, 5000.0];
const MARK_WIDTH: f64 = 60.0;
const MOMENT_MARK: f64 = 0.25;

/// Every rule begins with the picture's class: inside a page, the page has rules of its own.
const STYLE: &str = include_str!("style.css");

/// Draws all servers, one below the other, each on the same scales. `measured` says when and where
/// that was.
pub fn svg(traces: &[Trace], measured: &str) -> String {
    let longest = traces.iter().map(lasts).fold(1.0, f64::max);
    let mut top = HEAD;
    let mut servers = Group::new();
    for trace in traces {
        let (group, height) = server(trace, longest, top);
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
        .add(columns(longest))
        .add(servers)
        .add(axes(longest, top))
        .add(words(measured, 12.0, height - 12.0).set("class", "small"));
    format!("{document}\n")
}

/// How long a trace lasts, in milliseconds.
fn lasts(trace: &Trace) -> f64 {
    let script = script(trace, 1.0);
    trace.events.iter().map(|event| script.millis(event.at)).fold(1.0, f64::max)
}

/// From the first event on.
fn script(trace: &Trace, lasts: f64) -> Scale {
    let begin = trace.events.first().map_or(Duration::ZERO, |event| event.at);
    Scale { begin, lasts, left: SCRIPT.0, right: SCRIPT.1 }
}

/// Around the word of client 1.
fn moment(speaks: &Event) -> Scale {
    let begin = speaks.at.saturating_sub(Duration::from_secs_f64(BEFORE / 1000.0));
    Scale { begin, lasts: MOMENT_LASTS, left: MOMENT.0, right: MOMENT.1 }
}

/// The lanes of one server, and how high they are.
fn server(trace: &Trace, longest: f64, top: f64) -> (Group, f64) {
    let lanes = Lanes::of(trace, top + TITLE);
    let script = script(trace, longest);
    let bottom = lanes.bottom();
    let mut group = Group::new()
        .add(words(&trace.title, 12.0, top + 20.0).set("class", "title"))
        .add(lanes.names(NAMES));
    let first = |event: &&Event| event.client == 1 && matches!(event.what, What::Says(_));
    let speaks = trace.events.iter().find(first);
    let (above, below) = (lanes.top - 10.0, bottom - 10.0);
    for (_, x) in script_marks(longest) {
        group.append(line("grid", (x, above), (x, below)));
    }
    if let Some(speaks) = speaks {
        let x = script.x(speaks.at);
        group.append(line("speaks", (x, above), (x, below)));
    }
    group.append(lanes.draw(trace, &script, true));
    if let Some(speaks) = speaks {
        let moment = moment(speaks);
        for (millis, x) in moment_marks() {
            let class = if millis == 0.0 { "speaks" } else { "grid" };
            group.append(line(class, (x, above), (x, below)));
        }
        group.append(lanes.draw(trace, &moment, false));
        let text = from_word_to_answer(trace, speaks);
        group.append(words(&text, SCRIPT.0, bottom + 19.0).set("class", "small"));
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
    let took = (hears.at - speaks.at).as_secs_f64() * 1000.0;
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

fn columns(longest: f64) -> Group {
    let larger = (MOMENT.1 - MOMENT.0) / MOMENT_LASTS / ((SCRIPT.1 - SCRIPT.0) / longest);
    let y = HEAD - 26.0;
    let moment = format!("client 1 speaks, {} × larger", grouped(larger));
    Group::new()
        .add(words("the whole script", SCRIPT.0, y).set("class", "title"))
        .add(words(&moment, MOMENT.0 - 8.0, y).set("class", "title"))
}

fn axes(longest: f64, y: f64) -> Group {
    let mut group = Group::new();
    let mut mark = |x: f64, text: &str| {
        group.append(line("line", (x, y), (x, y + 5.0)));
        group.append(words(text, x, y + 19.0).set("class", "small").set("text-anchor", "middle"));
    };
    for (millis, x) in script_marks(longest) {
        mark(x, &format!("{millis:.0} ms"));
    }
    for (millis, x) in moment_marks() {
        mark(x, &format!("{:.0} µs", millis * 1000.0));
    }
    group
}

/// The marks of the script: the milliseconds, and where they are.
fn script_marks(longest: f64) -> impl Iterator<Item = (f64, f64)> {
    let unit = (SCRIPT.1 - SCRIPT.0) / longest;
    let has_room = |mark: &f64| mark * unit >= MARK_WIDTH;
    let distance = SCRIPT_MARKS.into_iter().find(has_room).unwrap_or(longest);
    let count = (longest / distance) as usize;
    (0..=count)
        .map(move |mark| mark as f64 * distance)
        .map(move |millis| (millis, SCRIPT.0 + millis * unit))
}

/// The marks of the moment: the milliseconds since the word, and where they are.
fn moment_marks() -> impl Iterator<Item = (f64, f64)> {
    let unit = (MOMENT.1 - MOMENT.0) / MOMENT_LASTS;
    let count = ((MOMENT_LASTS - BEFORE) / MOMENT_MARK) as usize;
    (0..=count)
        .map(|mark| mark as f64 * MOMENT_MARK)
        .map(move |millis| (millis, MOMENT.0 + (BEFORE + millis) * unit))
}
