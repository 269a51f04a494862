//! Charts, as SVG.

use anyhow::{Result, anyhow};
use plotters::prelude::*;

/// Width and height in pixels, as a projector has them.
const SIZE: (u32, u32) = (1280, 720);

/// Lines that can be told apart from the last row.
pub const MOST_LINES: usize = 6;

/// Where the bars and the lines begin, from the top.
const TOP: i32 = 60;

/// The height of a bar with its gap, at most.
const BAR: i32 = 40;

/// The space for the names of bars, as a share of the width, and of lines, in pixels.
const NAMES: f64 = 0.34;
const ENDS: i32 = 300;

/// The height of what is below the lines.
const AXIS: i32 = 70;

/// The height of a line's name.
const NAME: i32 = 26;

/// The least size that can be read from the last row is 1/45 of the height: 16 pixels, which are 20
/// of plotters.
const FONT: (&str, u32) = ("sans-serif", 25);
const SMALL: (&str, u32) = ("sans-serif", 20);
const TITLE: (&str, u32) = ("sans-serif", 32);

/// Colours that also differ for a colour-blind reader.
const COLOURS: [RGBColor; MOST_LINES] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(150, 100, 0),
    RGBColor(90, 90, 90),
];

/// A chart in data.
#[derive(Clone, Debug, PartialEq)]
pub enum Chart {
    /// A bar for each name, with its interval.
    Bars {
        title: String,
        /// The name, the value, and where its interval begins and ends.
        bars: Vec<(String, f64, f64, f64)>,
    },
    /// A line for each name, over sizes that grow by factors.
    Lines {
        title: String,
        /// What grows from left to right.
        across: String,
        /// The name and its points.
        lines: Vec<(String, Vec<(f64, f64)>)>,
    },
}

impl Chart {
    pub fn svg(&self) -> Result<String> {
        let mut svg = String::new();
        let drawn = match self {
            Chart::Bars { title, bars } => draw_bars(&mut svg, title, bars),
            Chart::Lines { title, across, lines } => draw_lines(&mut svg, title, across, lines),
        };
        drawn.map_err(|error| anyhow!("draw a chart: {error}"))?;
        Ok(svg)
    }

    pub fn is_empty(&self) -> bool {
        match self {
            Chart::Bars { bars, .. } => bars.is_empty(),
            Chart::Lines { lines, .. } => lines.iter().all(|(_, points)| points.is_empty()),
        }
    }
}

type Drawn = Result<(), Box<dyn std::error::Error>>;

fn draw_bars(svg: &mut String, title: &str, bars: &[(String, f64, f64, f64)]) -> Drawn {
    let root = SVGBackend::with_string(svg, SIZE).into_drawing_area();
    root.fill(&WHITE)?;
    root.draw(&Text::new(title, (10, 14), TITLE.into_font()))?;
    let longest = bars.iter().map(|bar| bar.3.max(bar.1)).fold(f64::MIN_POSITIVE, f64::max);
    let left = (f64::from(SIZE.0) * NAMES) as i32;
    let room = f64::from(SIZE.0) * (0.9 - NAMES);
    let x = |value: f64| left + (value / longest * room) as i32;
    let step = BAR.min((SIZE.1.cast_signed() - TOP) / bars.len().max(1) as i32);
    let font = if step < NAME { SMALL } else { FONT };
    for (place, (name, value, low, high)) in bars.iter().enumerate() {
        let top = TOP + step * place as i32;
        let (middle, bottom) = (top + step / 2 - 2, top + step - 4);
        let text = |words: &str, x: i32| {
            Text::new(
                words.to_owned(),
                (x, middle - font.1.cast_signed() / 2 + 3),
                font.into_font(),
            )
        };
        let colour = COLOURS[0].mix(0.75).filled();
        root.draw(&text(name, 10))?;
        root.draw(&Rectangle::new([(left, top), (x(*value), bottom)], colour))?;
        root.draw(&PathElement::new([(x(*low), middle), (x(*high), middle)], BLACK))?;
        root.draw(&text(&crate::units::figure(*value), x(*high) + 8))?;
    }
    root.present()?;
    Ok(())
}

fn draw_lines(
    svg: &mut String,
    title: &str,
    across: &str,
    lines: &[(String, Vec<(f64, f64)>)],
) -> Drawn {
    // Who was not measured at any size has no line.
    let lines = lines.iter().filter(|(_, points)| !points.is_empty());
    let lines: Vec<_> = lines.take(MOST_LINES).collect();
    let root = SVGBackend::with_string(svg, SIZE).into_drawing_area();
    root.fill(&WHITE)?;
    let points = || lines.iter().flat_map(|(_, points)| points);
    let range = |of: fn(&(f64, f64)) -> f64| {
        let low = points().map(of).fold(f64::INFINITY, f64::min);
        let high = points().map(of).fold(f64::MIN_POSITIVE, f64::max);
        (low.max(f64::MIN_POSITIVE) / 1.1, high * 1.1)
    };
    let ((left, right), (low, high)) = (range(|point| point.0), range(|point| point.1));
    let mut chart = ChartBuilder::on(&root)
        .caption(title, TITLE)
        .margin(10)
        .margin_right(ENDS)
        .x_label_area_size(AXIS - 10)
        .y_label_area_size(80)
        .build_cartesian_2d((left..right).log_scale(), (low..high).log_scale())?;
    let number = |value: &f64| crate::units::figure(*value);
    let whole = |value: &f64| xtask::terminal::grouped(*value);
    chart
        .configure_mesh()
        .light_line_style(WHITE)
        .label_style(FONT)
        .axis_desc_style(FONT)
        .x_desc(across)
        .x_label_formatter(&whole)
        .y_label_formatter(&number)
        .draw()?;
    let mut ends = Vec::new();
    for ((name, points), colour) in lines.iter().zip(COLOURS) {
        let style = colour.stroke_width(3);
        chart.draw_series(LineSeries::new(points.iter().copied(), style))?;
        chart.draw_series(points.iter().map(|point| Circle::new(*point, 5, style.filled())))?;
        ends.extend(points.last().map(|point| (chart.backend_coord(point), name, colour)));
    }
    ends.sort_by_key(|((_, y), _, _)| *y);
    let heights: Vec<i32> = ends.iter().map(|((_, y), _, _)| *y).collect();
    let edge = SIZE.0.cast_signed() - ENDS;
    for (((x, y), name, colour), height) in ends.into_iter().zip(apart(&heights)) {
        root.draw(&PathElement::new([(x + 6, y), (edge + 14, height)], colour.mix(0.6)))?;
        let font = FONT.into_font().color(&colour);
        root.draw(&Text::new(name.as_str(), (edge + 18, height - NAME / 2 + 5), font))?;
    }
    root.present()?;
    Ok(())
}

/// Where the names of lines are that end at these heights: from the top, none over another.
fn apart(heights: &[i32]) -> Vec<i32> {
    let mut apart = heights.to_vec();
    for place in 1..apart.len() {
        apart[place] = apart[place].max(apart[place - 1] + NAME);
    }
    let mut least = SIZE.1.cast_signed() - AXIS - NAME / 2;
    for height in apart.iter_mut().rev() {
        *height = (*height).min(least);
        least = *height - NAME;
    }
    apart
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(lines: Vec<(String, Vec<(f64, f64)>)>) -> Chart {
        Chart::Lines { title: "µs".to_owned(), across: "pipes".to_owned(), lines }
    }

    /// Every word of a chart can be read from the last row.
    fn drawn(chart: &Chart) -> String {
        let svg = chart.svg().unwrap();
        for size in svg.split("font-size=\"").skip(1) {
            let pixels: f64 = size.split_once('"').unwrap().0.parse().unwrap();
            assert!(pixels >= f64::from(SIZE.1) / 45.0, "{pixels}");
        }
        svg
    }

    #[test]
    fn bars_are_named_and_have_figures() {
        let bar = |number| (format!("server-{number:02}"), 20.0, 19.0, 22.0);
        let bars = Chart::Bars { title: "µs".to_owned(), bars: (0..40).map(bar).collect() };
        let svg = drawn(&bars);
        assert!(svg.starts_with("<svg width=\"1280\" height=\"720\""), "{svg}");
        assert!(svg.contains("server-39") && svg.contains("20.0"), "{svg}");
        assert!(Chart::Bars { title: String::new(), bars: Vec::new() }.is_empty());
    }

    #[test]
    fn six_lines_are_drawn_and_each_is_named_once() {
        let line =
            |number: usize| (format!("server-{number:02}"), vec![(1.0, 2.0), (1000.0, 90.0)]);
        let mut all = vec![("nobody".to_owned(), Vec::new())];
        all.extend((0..24).map(line));
        let svg = drawn(&lines(all));
        assert!(svg.contains("pipes") && svg.contains("1,000"), "{svg}");
        assert!(!svg.contains("nobody") && !svg.contains("server-06"), "{svg}");
        assert!((0..6).all(|number| svg.matches(&format!("server-{number:02}")).count() == 1));
        drawn(&lines(vec![("a single point".to_owned(), vec![(1.0, 2.0)])]));
    }

    #[test]
    fn names_are_apart_and_inside() {
        assert_eq!(apart(&[100, 100, 300]), [100, 126, 300]);
        assert_eq!(apart(&[640, 640]), [611, 637]);
    }
}
