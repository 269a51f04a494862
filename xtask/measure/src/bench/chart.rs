//! Charts, as SVG.

use anyhow::{Result, anyhow};
use plotters::prelude::*;

/// Width and least height in pixels.
const SIZE: (u32, u32) = (860, 460);

/// Where the legend begins, and the height of a line of it.
const LEGEND: i32 = 40;
const ENTRY: i32 = 20;

/// The height of a bar with its gap, and the space for the names.
const BAR: u32 = 22;
const NAMES: f64 = 0.34;

const FONT: (&str, u32) = ("sans-serif", 13);

/// Colours that also differ for a colour-blind reader.
const COLOURS: [RGBColor; 8] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
    RGBColor(90, 90, 90),
    RGBColor(120, 94, 240),
];

/// A chart in data.
#[derive(Clone, Debug, PartialEq)]
pub enum Chart {
    /// A bar for each name, with its interval.
    Bars {
        /// What the bars say, with the unit.
        title: String,
        /// The name, the value, and where its interval begins and ends.
        bars: Vec<(String, f64, f64, f64)>,
    },
    /// A line for each name, over sizes that grow by factors.
    Lines {
        /// What the lines say, with the unit.
        title: String,
        /// What grows from left to right.
        across: String,
        /// The name and its points.
        lines: Vec<(String, Vec<(f64, f64)>)>,
    },
}

impl Chart {
    /// Draws it.
    ///
    /// # Errors
    /// When the library refuses.
    pub fn svg(&self) -> Result<String> {
        let mut svg = String::new();
        let drawn = match self {
            Chart::Bars { title, bars } => draw_bars(&mut svg, title, bars),
            Chart::Lines { title, across, lines } => draw_lines(&mut svg, title, across, lines),
        };
        drawn.map_err(|error| anyhow!("draw a chart: {error}"))?;
        Ok(svg)
    }

    /// Whether there is nothing to draw.
    pub fn is_empty(&self) -> bool {
        match self {
            Chart::Bars { bars, .. } => bars.is_empty(),
            Chart::Lines { lines, .. } => lines.iter().all(|(_, points)| points.is_empty()),
        }
    }
}

type Drawn = Result<(), Box<dyn std::error::Error>>;

fn draw_bars(svg: &mut String, title: &str, bars: &[(String, f64, f64, f64)]) -> Drawn {
    let height = 60 + BAR * bars.len() as u32;
    let root = SVGBackend::with_string(svg, (SIZE.0, height)).into_drawing_area();
    root.fill(&WHITE)?;
    root.draw(&Text::new(title, (10, 8), ("sans-serif", 16).into_font()))?;
    let longest = bars.iter().map(|bar| bar.3.max(bar.1)).fold(f64::MIN_POSITIVE, f64::max);
    let left = (f64::from(SIZE.0) * NAMES) as i32;
    let room = f64::from(SIZE.0) * (0.9 - NAMES);
    let x = |value: f64| left + (value / longest * room) as i32;
    for (place, (name, value, low, high)) in bars.iter().enumerate() {
        let top = 40 + (BAR * place as u32) as i32;
        let (middle, bottom) = (top + BAR as i32 / 2 - 2, top + BAR as i32 - 5);
        let colour = COLOURS[0].mix(0.75).filled();
        root.draw(&Text::new(name.as_str(), (10, top + 1), FONT.into_font()))?;
        root.draw(&Rectangle::new([(left, top), (x(*value), bottom)], colour))?;
        root.draw(&PathElement::new([(x(*low), middle), (x(*high), middle)], BLACK))?;
        let words = crate::bench::table::figure(*value);
        root.draw(&Text::new(words, (x(*high) + 8, top + 1), FONT.into_font()))?;
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
    // Who was not measured at any size has no place in the legend.
    let lines: Vec<_> = lines.iter().filter(|(_, points)| !points.is_empty()).collect();
    let height = SIZE.1.max((LEGEND + ENTRY * lines.len() as i32).cast_unsigned());
    // A row of its own for each two names of the legend would hide the lines: they are beside the chart.
    let root = SVGBackend::with_string(svg, (SIZE.0, height)).into_drawing_area();
    root.fill(&WHITE)?;
    let (plot, legend) = root.split_horizontally(SIZE.0 as i32 - 190);
    let points = || lines.iter().flat_map(|(_, points)| points);
    let range = |of: fn(&(f64, f64)) -> f64| {
        let low = points().map(of).fold(f64::INFINITY, f64::min);
        let high = points().map(of).fold(f64::MIN_POSITIVE, f64::max);
        (low.max(f64::MIN_POSITIVE) / 1.1, high * 1.1)
    };
    let ((left, right), (low, high)) = (range(|point| point.0), range(|point| point.1));
    let mut chart = ChartBuilder::on(&plot)
        .caption(title, ("sans-serif", 16))
        .margin(10)
        .x_label_area_size(36)
        .y_label_area_size(56)
        .build_cartesian_2d((left..right).log_scale(), (low..high).log_scale())?;
    let number = |value: &f64| crate::bench::table::figure(*value);
    let whole = |value: &f64| xtask::terminal::grouped(*value);
    chart
        .configure_mesh()
        .light_line_style(WHITE)
        .x_desc(across)
        .x_label_formatter(&whole)
        .y_label_formatter(&number)
        .draw()?;
    for (place, (name, points)) in lines.iter().enumerate() {
        let style = COLOURS[place % COLOURS.len()].stroke_width(2);
        let y = LEGEND + ENTRY * place as i32;
        chart.draw_series(LineSeries::new(points.iter().copied(), style))?;
        legend.draw(&PathElement::new([(4, y), (26, y)], style))?;
        // Each time round the colours, lines have other marks.
        let points = points.iter();
        match place / COLOURS.len() {
            0 => {
                chart.draw_series(points.map(|point| Circle::new(*point, 3, style.filled())))?;
                legend.draw(&Circle::new((15, y), 3, style.filled()))?;
            }
            1 => {
                chart.draw_series(points.map(|point| Circle::new(*point, 3, style)))?;
                legend.draw(&Circle::new((15, y), 3, style))?;
            }
            _ => {
                chart.draw_series(points.map(|point| TriangleMarker::new(*point, 4, style)))?;
                legend.draw(&TriangleMarker::new((15, y), 4, style))?;
            }
        }
        legend.draw(&Text::new(name.as_str(), (32, y - 7), FONT.into_font()))?;
    }
    root.present()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn charts_name_what_they_show() {
        let bars =
            vec![("epoll".to_owned(), 10.0, 9.0, 11.0), ("select".to_owned(), 20.0, 19.0, 22.0)];
        let svg = Chart::Bars { title: "µs".to_owned(), bars }.svg().unwrap();
        assert!(svg.contains("<svg") && svg.contains("epoll") && svg.contains("20.0"));
        let lines = vec![("poll".to_owned(), vec![(1.0, 2.0), (1000.0, 90.0)])];
        let chart = Chart::Lines { title: "µs".to_owned(), across: "pipes".to_owned(), lines };
        let svg = chart.svg().unwrap();
        assert!(svg.contains("poll") && svg.contains("pipes") && svg.contains("1,000"));
    }

    #[test]
    fn the_legend_has_room_for_everybody_who_was_measured() {
        let line = |number: usize| (format!("server-{number:02}"), vec![(1.0, 2.0), (10.0, 3.0)]);
        let mut lines: Vec<_> = (0..24).map(line).collect();
        lines.push(("nobody".to_owned(), Vec::new()));
        let chart = Chart::Lines { title: String::new(), across: String::new(), lines };
        let svg = chart.svg().unwrap();
        assert!(svg.contains("server-23") && !svg.contains("nobody"), "{svg}");
        let height = (LEGEND + 24 * ENTRY).to_string();
        assert!(svg.starts_with(&format!("<svg width=\"860\" height=\"{height}\"")), "{svg}");
    }

    #[test]
    fn a_single_point_is_drawn() {
        let lines = vec![("poll".to_owned(), vec![(1.0, 2.0)])];
        let chart = Chart::Lines { title: String::new(), across: String::new(), lines };
        assert!(!chart.is_empty() && chart.svg().is_ok());
        assert!(Chart::Bars { title: String::new(), bars: Vec::new() }.is_empty());
    }
}
