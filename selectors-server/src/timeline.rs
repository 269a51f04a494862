//! A picture of when each task ran, and when it waited.

use std::time::Duration;

/// Columns for the time; with a name before them and a time after them, a line has 80.
const COLUMNS: usize = 60;

const RUNNING: char = '█';
const WAITING: char = '░';

/// What a task does for a while.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Doing {
    /// It has a processor.
    Running,
    /// It cannot go on before an input or output is done.
    Waiting,
}

/// A stretch of a task's time, measured from the start of the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    /// The task's number.
    pub task: usize,
    /// What it does.
    pub doing: Doing,
    /// From when.
    pub start: Duration,
    /// Until when.
    pub end: Duration,
}

/// How long it takes from the start of the picture until the last span ends.
pub fn total(spans: &[Span]) -> Duration {
    spans.iter().map(|span| span.end).max().unwrap_or_default()
}

/// Draws a line for each task: blocks where it runs, shades where it waits, and then how long it
/// took. Nothing is drawn where it has not begun, has ended, or is ready while another task runs.
/// `whole` is the time that fills a line. With `colour` each task's blocks have their own colour.
pub fn draw(spans: &[Span], whole: Duration, colour: bool) -> String {
    let tasks = spans.iter().map(|span| span.task + 1).max().unwrap_or_default();
    (0..tasks).map(|task| draw_task(task, spans, whole, colour)).collect()
}

fn draw_task(task: usize, spans: &[Span], whole: Duration, colour: bool) -> String {
    let spans: Vec<&Span> = spans.iter().filter(|span| span.task == task).collect();
    let cells: String = (0..COLUMNS).map(|column| cell(column, &spans, whole)).collect();
    let cells = if colour { paint(&cells, task) } else { cells };
    let start = spans.iter().map(|span| span.start).min().unwrap_or_default();
    let end = spans.iter().map(|span| span.end).max().unwrap_or_default();
    format!("  task {}  {cells} {:>6} ms\n", task + 1, (end - start).as_millis())
}

/// What a column shows: a task that runs in any part of it is seen.
fn cell(column: usize, spans: &[&Span], whole: Duration) -> char {
    let (start, end) = (edge(column, whole), edge(column + 1, whole));
    let does = |doing| {
        spans.iter().any(|span| span.doing == doing && span.start < end && span.end > start)
    };
    if does(Doing::Running) {
        RUNNING
    } else if does(Doing::Waiting) {
        WAITING
    } else {
        ' '
    }
}

/// The time at the left edge of a column.
fn edge(column: usize, whole: Duration) -> Duration {
    whole * column as u32 / COLUMNS as u32
}

/// Each task has a colour, and waiting is grey (ECMA-48, SGR).
fn paint(cells: &str, task: usize) -> String {
    let cells: Vec<char> = cells.chars().collect();
    let pieces = cells.chunk_by(|one, next| one == next).map(|piece| {
        let text: String = piece.iter().collect();
        match piece[0] {
            RUNNING => format!("\x1b[{}m{text}\x1b[0m", 31 + task % 6),
            WAITING => format!("\x1b[90m{text}\x1b[0m"),
            _ => text,
        }
    });
    pieces.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: Duration = Duration::from_millis(600);

    fn span(task: usize, doing: Doing, start: u64, end: u64) -> Span {
        let (start, end) = (Duration::from_millis(start), Duration::from_millis(end));
        Span { task, doing, start, end }
    }

    /// The cells of a picture's lines.
    fn cells(spans: &[Span]) -> Vec<String> {
        let picture = draw(spans, WHOLE, false);
        picture.lines().map(|line| line.chars().skip(10).take(COLUMNS).collect()).collect()
    }

    #[test]
    fn running_waiting_and_neither_look_different() {
        let spans = [
            span(0, Doing::Running, 0, 20),
            span(0, Doing::Waiting, 20, 50),
            span(0, Doing::Running, 60, 70),
        ];
        assert_eq!(cells(&spans), [format!("██░░░ █{}", " ".repeat(53))]);
    }

    #[test]
    fn the_shortest_run_is_seen() {
        let spans = [span(0, Doing::Waiting, 0, 600), span(0, Doing::Running, 599, 600)];
        assert_eq!(cells(&spans), [format!("{}█", "░".repeat(59))]);
        let microsecond = Span { end: Duration::from_micros(1), ..span(0, Doing::Running, 0, 0) };
        assert_eq!(cells(&[microsecond]), [format!("█{}", " ".repeat(59))]);
    }

    #[test]
    fn each_task_has_a_line_with_its_own_time() {
        let spans = [span(1, Doing::Running, 100, 350), span(0, Doing::Waiting, 0, 600)];
        let picture = draw(&spans, WHOLE, false);
        let lines: Vec<&str> = picture.lines().collect();
        assert_eq!(lines[0], format!("  task 1  {}    600 ms", "░".repeat(60)));
        let blank = " ".repeat(10);
        assert_eq!(
            lines[1],
            format!("  task 2  {blank}{}{}    250 ms", "█".repeat(25), " ".repeat(25))
        );
        assert!(lines.iter().all(|line| line.chars().count() == 80));
        assert_eq!(total(&spans), WHOLE);
    }

    #[test]
    fn what_takes_longer_than_the_line_is_cut() {
        assert_eq!(cells(&[span(0, Doing::Running, 590, 900)]), [format!("{}█", " ".repeat(59))]);
    }

    #[test]
    fn colour_changes_nothing_but_the_colour() {
        let spans = [span(0, Doing::Running, 0, 20), span(0, Doing::Waiting, 20, 50)];
        let painted = draw(&spans, WHOLE, true);
        assert!(painted.contains("\x1b[31m██\x1b[0m\x1b[90m░░░\x1b[0m"), "{painted}");
        let mut plain = painted;
        for code in ["\x1b[31m", "\x1b[90m", "\x1b[0m"] {
            plain = plain.replace(code, "");
        }
        assert_eq!(plain, draw(&spans, WHOLE, false));
        assert_eq!(draw(&[], WHOLE, true), "");
    }
}
