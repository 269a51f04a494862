//! What the picture consists of: scales, bars, arrows, words.

use std::time::Duration;

use svg::node::element::{Circle, Group, Line, Rectangle, Text};

/// A bar that is narrower than a reader can see.
const NARROWEST: f64 = 2.0;
/// Pixels of a letter, about.
const LETTER: f64 = 7.6;

/// From a time to a place.
#[derive(Clone, Copy)]
pub struct Scale {
    /// When it begins, since 1970.
    pub begin: Duration,
    pub lasts: f64,
    pub left: f64,
    pub right: f64,
}

impl Scale {
    pub fn unit(&self) -> f64 {
        (self.right - self.left) / self.lasts
    }

    /// Milliseconds from its begin to `at`, below zero before it.
    pub fn millis(&self, at: Duration) -> f64 {
        (at.as_secs_f64() - self.begin.as_secs_f64()) * 1000.0
    }

    pub fn holds(&self, at: Duration) -> bool {
        (0.0..=self.lasts).contains(&self.millis(at))
    }

    /// The place of a time; what is before it or behind it is at its end.
    pub fn x(&self, at: Duration) -> f64 {
        self.left + self.millis(at).clamp(0.0, self.lasts) * self.unit()
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
