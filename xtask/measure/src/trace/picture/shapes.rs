//! What the picture consists of: scales, bars, arrows, words.

use std::time::Duration;

use svg::node::element::{Circle, Group, Line, Rectangle, Text};

use crate::units::millis;

/// A bar that is narrower than a reader can see.
const NARROWEST: f64 = 2.0;
/// Pixels of a letter, about.
const LETTER: f64 = 7.6;

/// A stretch of time that is drawn, in milliseconds.
#[derive(Clone, Copy)]
pub struct Axis {
    /// Where it begins and ends, in pixels.
    pub left: f64,
    pub right: f64,
    /// What it shows before its zero, and how long it lasts.
    pub before: f64,
    pub lasts: f64,
    /// From one mark to the next.
    pub mark: f64,
}

impl Axis {
    /// Pixels of a millisecond.
    pub fn unit(&self) -> f64 {
        (self.right - self.left) / self.lasts
    }

    /// Its marks: the milliseconds since its zero, and where they are.
    pub fn marks(self) -> impl Iterator<Item = (f64, f64)> {
        let count = ((self.lasts - self.before) / self.mark) as usize;
        let millis = (0..=count).map(move |mark| mark as f64 * self.mark);
        millis.map(move |millis| (millis, self.left + (self.before + millis) * self.unit()))
    }
}

/// From a time to a place.
#[derive(Clone, Copy)]
pub struct Scale {
    pub axis: Axis,
    /// When its zero is, since 1970.
    pub zero: Duration,
}

impl Scale {
    /// Milliseconds from its begin to `at`, below zero before it.
    pub fn millis(&self, at: Duration) -> f64 {
        let (after, before) = (at.saturating_sub(self.zero), self.zero.saturating_sub(at));
        millis(after) - millis(before) + self.axis.before
    }

    pub fn holds(&self, at: Duration) -> bool {
        (0.0..=self.axis.lasts).contains(&self.millis(at))
    }

    /// Whether a part of a time is on it.
    pub fn meets(&self, start: Duration, end: Duration) -> bool {
        self.millis(end) >= 0.0 && self.millis(start) <= self.axis.lasts
    }

    /// The place of a time; what is before it or behind it is at its end.
    pub fn x(&self, at: Duration) -> f64 {
        self.axis.left + self.millis(at).clamp(0.0, self.axis.lasts) * self.axis.unit()
    }
}

/// A bar around the line at `y`; its class says how high it is, so that classes differ without
/// colours, too.
pub fn bar(class: &str, from: f64, to: f64, y: f64) -> Group {
    let height = match class {
        "copies" => 22.0,
        "arranges" | "data" => 8.0,
        _ => 14.0,
    };
    let width = (to - from).max(NARROWEST);
    let rectangle = Rectangle::new().set("class", class).set("x", tenth(from));
    let rectangle = rectangle.set("y", tenth(y - height / 2.0)).set("width", tenth(width));
    let group = Group::new().add(rectangle.set("height", height));
    match class {
        // Each question is a stroke; that they are many is what matters.
        "asks" => group.add(line("questions", (from, y), (from + width, y))),
        _ => group,
    }
}

pub fn line(class: &str, from: (f64, f64), to: (f64, f64)) -> Line {
    let line = Line::new().set("class", class).set("x1", tenth(from.0)).set("y1", tenth(from.1));
    line.set("x2", tenth(to.0)).set("y2", tenth(to.1))
}

/// From one lane to another, with its point there.
pub fn arrow(class: &str, x: f64, from: f64, to: f64) -> Group {
    let back = if to > from { -5.0 } else { 5.0 };
    let point = |side: f64| line(class, (x + side, to + back), (x, to));
    Group::new().add(line(class, (x, from), (x, to))).add(point(-3.0)).add(point(3.0))
}

/// A client's mark: a disc for what it does, a ring around it for what comes to it.
pub fn mark(class: &str, x: f64, y: f64) -> Circle {
    let radius = if class == "heard" { 6.5 } else { 3.5 };
    Circle::new().set("class", class).set("cx", tenth(x)).set("cy", tenth(y)).set("r", radius)
}

pub fn words(text: &str, x: f64, y: f64) -> Text {
    Text::new(text).set("x", tenth(x)).set("y", tenth(y))
}

/// Words in the middle between two places, if they fit there.
pub fn between(text: &str, from: f64, to: f64, y: f64) -> Option<Text> {
    let fits = to - from >= width(text);
    fits.then(|| words(text, f64::midpoint(from, to), y).set("text-anchor", "middle"))
}

/// How wide words are, about.
pub fn width(text: &str) -> f64 {
    text.chars().count() as f64 * LETTER
}

/// A tenth of a pixel is as fine as anybody sees.
fn tenth(pixels: f64) -> f64 {
    (pixels * 10.0).round() / 10.0
}
