//! `cargo xtask trace`: the report of a recorded server, and of live ones in [`servers`].
mod servers;

use std::fs;
use std::time::Duration;

use crate::trace::fold::Row;
use crate::trace::meaning::Phase;
use crate::trace::rows::Rows;
use crate::trace::script::{Event, What};
use crate::trace::{self, MODELS, Trace, picture, text};
use xtask::terminal::WIDTH;

/// What strace wrote of the epoll server, with other addresses and shorter times.
const RECORDED: &str = include_str!("epoll-server.strace");
/// What the terminal shows of it.
const REPORT: &str = include_str!("epoll-server.txt");

/// What the clients did while it was recorded.
fn events() -> Vec<Event> {
    let addr = |port: u16| What::Connects(([127, 0, 0, 1], port).into());
    let events = [
        (333_700, 1, addr(40_001)),
        (433_900, 2, addr(40_002)),
        (536_200, 2, What::Says(18)),
        (536_700, 2, What::Hears(18)),
        (637_800, 1, What::Says(18)),
        (638_400, 1, What::Hears(18)),
        (699_300, 1, What::Leaves),
        (749_500, 2, What::Leaves),
    ];
    let event = |(micros, client, what)| Event {
        at: Duration::from_secs(100) + Duration::from_micros(micros),
        client,
        what,
    };
    events.into_iter().map(event).collect()
}

fn recorded() -> Trace {
    let lines: Vec<String> = RECORDED.lines().map(str::to_owned).collect();
    let events = events();
    let rows = trace::rows(&lines, events[0].at..Duration::from_micros(100_770_000));
    Trace { title: "epoll-server".to_owned(), rows, events }
}

#[test]
fn a_recorded_server_is_told_line_for_line() {
    let report = text::report(&recorded());
    assert_eq!(console::strip_ansi_codes(&report), REPORT);
    let widest = REPORT.lines().map(console::measure_text_width).max();
    assert!(widest <= Some(WIDTH), "{widest:?} columns");
}

#[test]
fn the_picture_has_a_lane_for_each_client_the_kernel_and_the_process() {
    let svg = picture::svg(&[recorded()], "measured here");
    for label in ["epoll-server", "client 1", "client 2", "kernel", "process", "measured here"] {
        assert!(svg.contains(&format!("{label}\n</text>")), "{label}: {svg}");
    }
    let bars = |class: &str| {
        let rectangles = svg.split("<rect ").skip(1);
        let of_class = rectangles.filter(|rest| rest.split('>').next().unwrap().contains(class));
        of_class.count()
    };
    let moment = |row: &&Row| {
        let speaks = Duration::from_micros(100_637_800);
        row.end + Duration::from_micros(100) >= speaks
            && row.start <= speaks + Duration::from_micros(1100)
    };
    let count = |phase| {
        let rows: Vec<Row> = recorded().rows;
        let rows: Vec<&Row> = rows.iter().filter(|row| row.meaning.phase == phase).collect();
        rows.len() + rows.into_iter().filter(moment).count()
    };
    // One of each kind is in the legend, the others in the script and once more in the moment.
    assert_eq!(bars("class=\"data\""), 1 + 2 + 1);
    assert_eq!(bars("class=\"waits\""), 1 + count(Phase::Waits));
    assert_eq!(bars("class=\"copies\""), 1 + count(Phase::Copies));
    assert_eq!(bars("class=\"asks\""), 1 + count(Phase::Asks));
    assert!(svg.contains("\n101 ms\n"), "{svg}");
    let word = "client 1's word is answered in 0.60 ms: epoll_wait, 3 × recvfrom, epoll_ctl, \
                epoll_wait, sendto, epoll_ctl";
    assert!(svg.contains(word), "{svg}");
}

#[test]
fn a_bar_is_as_long_as_its_call() {
    let mut trace = recorded();
    let width_of_waits = |trace: &Trace| -> Vec<f64> {
        let svg = picture::svg(std::slice::from_ref(trace), "");
        let bars = svg.split("<rect ").filter(|rest| rest.contains("class=\"waits\""));
        let width = |bar: &str| bar.split("width=\"").nth(1)?.split('"').next()?.parse().ok();
        bars.filter_map(width).collect()
    };
    let before = width_of_waits(&trace);
    let row = trace.rows.iter_mut().find(|row| row.meaning.phase == Phase::Waits).unwrap();
    row.end = row.start + row.took / 2;
    let after = width_of_waits(&trace);
    // The first bar is the legend's.
    assert_eq!(before[0].to_bits(), after[0].to_bits());
    assert!((before[1] / after[1] - 2.0).abs() < 0.01, "{before:?} {after:?}");
}

#[test]
fn a_long_script_has_no_words_upon_others() {
    let mut trace = recorded();
    trace.events.last_mut().unwrap().at += Duration::from_secs(5);
    let svg = picture::svg(&[trace], "");
    let place = |text: &str, axis: &str| -> f64 {
        text.split(&format!(" {axis}=\""))
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap()
            .parse()
            .unwrap()
    };
    let texts = svg.split("<text").skip(1).map(|text| (place(text, "y"), place(text, "x")));
    let mut places: Vec<(f64, f64)> = texts.collect();
    places.sort_by(|one, other| one.partial_cmp(other).unwrap());
    let marks = svg.matches(" ms\n</text>").count();
    assert!(marks > 5, "{marks} times");
    for places in places.windows(2) {
        let [(one_y, one_x), (other_y, other_x)] = places else { panic!() };
        assert!(other_y > one_y || other_x - one_x > 40.0, "{places:?}: {svg}");
    }
}

#[test]
fn live_rows_begin_when_the_server_listens() {
    let mut rows = Rows::live();
    let mut shown: Vec<Row> = Vec::new();
    let start_up = "7 100.300000 bind(4<TCP:[0.0.0.0:0]>, 0x7f, 16) = 0 <0.000017>";
    for line in [start_up].into_iter().chain(RECORDED.lines()) {
        shown.extend(rows.take(line));
    }
    shown.extend(rows.finish());
    assert_eq!(rows.begin(), Duration::from_micros(100_333_391), "when listen ends");
    assert_eq!((shown[0].name.as_str(), shown[1].name.as_str()), ("write", "ioctl"));
    let waits = shown.iter().filter(|row| row.meaning.phase == Phase::Waits).count();
    assert_eq!(waits, 6, "{shown:#?}");
    assert_eq!(shown.last().unwrap().meaning.words, "waits: which are ready? EINTR");
}

#[test]
fn the_picture_of_the_models_suits_a_page() {
    let svg = fs::read_to_string(xtask::root().join("docs/trace.svg")).unwrap();
    let rules = svg.split_once("<style>").unwrap().1.split_once("</style>").unwrap().0;
    for rule in rules.lines().map(str::trim).filter(|rule| rule.contains(": ")) {
        let is_own = rule.starts_with(".models ") || rule.starts_with("@media");
        assert!(is_own, "a rule for the whole page: {rule}");
    }
    for (name, model) in MODELS {
        let own = xtask::root().join(format!("docs/trace/{name}.svg"));
        let own = fs::read_to_string(own).unwrap_or_else(|error| panic!("{name}: {error}"));
        for svg in [&svg, &own] {
            assert!(svg.contains(&format!("\n{model}\n")), "{model}");
        }
    }
    let is_path = |word: &&str| word.starts_with('/') && word.len() > 1;
    assert_eq!(svg.split_whitespace().find(|word| is_path(word) && !word.starts_with("/>")), None);
}
