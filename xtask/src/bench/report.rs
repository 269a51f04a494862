//! One page with everything: it needs no network.

use anyhow::Result;
use maud::{Markup, PreEscaped, html};

use crate::bench::chart::Chart;
use crate::bench::plan::{Bench, Settings};
use crate::bench::table::Table;
use crate::bench::targets;
use crate::bench::write::{Done, drawn};
use crate::harness::machine;
use crate::page::{Size, page};

const TITLE: &str = "One service, every model";

/// The page.
///
/// # Errors
/// When a chart cannot be drawn.
pub fn html(bench: &Bench, done: &[Done]) -> Result<String> {
    let sections = done.iter().map(section).collect::<Result<Vec<_>>>()?;
    let missing: Vec<String> = not_measured(bench).into_iter().chain(errors(bench)).collect();
    let body = html! {
        main {
            h1 { (TITLE) }
            p { (bench.run) }
            (table(&targets::table(bench)))
            p { (targets::NOTE) }
            @for section in sections { (section) }
            h2 { "Not measured, and failed" }
            (list(missing.iter()))
            h2 { "How it was measured" }
            (list(method(bench).iter()))
        }
    };
    Ok(page(TITLE, Size::Usual, &body))
}

fn section(Done { scenario, plan, section }: &Done) -> Result<Markup> {
    let charts = drawn(section).map(Chart::svg).collect::<Result<Vec<_>>>()?;
    Ok(html! {
        h2 id=(scenario.name) { (scenario.name) }
        p { (scenario.question) }
        @for chart in charts { div.wide { (PreEscaped(chart)) } }
        @for one in &section.tables { (table(one)) }
        (list(section.notes.iter().chain(&plan.cut)))
    })
}

/// When and where it is run, and how long. To be asked before this thread is pinned: it has one
/// processor then.
pub fn run(settings: Settings) -> String {
    let Settings { rounds, time, quick } = settings;
    let words = if quick { "; --quick: to see that it works, and for no conclusion" } else { "" };
    format!(
        "{}, {}; {rounds} rounds of {} s{words}",
        machine::date(),
        machine::machine(),
        time.as_secs_f64()
    )
}

/// The method, in sentences.
pub fn method(bench: &Bench) -> Vec<String> {
    let calls = bench.means.map_or_else(
        || "System calls are missing: neither the kernel nor strace counts them here.".to_owned(),
        |means| format!("System calls are {means}, not in the rounds that are timed."),
    );
    let place = if bench.processors.count() > 1 {
        "Servers and load are pinned to different processors."
    } else {
        "There is one processor: servers and load share it, and each figure suffers from that."
    };
    [
        "Servers are built for release and run with --quiet; each round launches its server anew.",
        place,
        "Servers take turns in rounds, in an order that is shuffled for each round.",
        "Closed loop: each client has one request unanswered, and asks again when every byte of \
         the answer has come and was compared. A round that fails is shown as an error.",
        "Processor time is that of the server's process and all its descendants, from the clock of \
         each process; the kernel's share of it is what the ticks of the kernel's clock found.",
        "Figures are medians over the rounds; intervals are those of the median, 95 % by bootstrap. \
         Ratios are paired by round.",
        "\"The same again\" is the same program a second time: what its ratio does is noise, and a \
         ratio inside of that shows no difference.",
        "Times of answers are from an open loop, each from the moment when its request was planned, \
         so that no stall hides.",
    ]
    .into_iter()
    .map(str::to_owned)
    .chain([calls])
    .collect()
}

/// Who is not there, and why.
pub fn not_measured(bench: &Bench) -> Vec<String> {
    let skipped = bench.field.skipped.iter();
    skipped.map(|skipped| format!("skipped: {}: {}", skipped.name, skipped.reason)).collect()
}

/// What failed.
pub fn errors(bench: &Bench) -> Vec<String> {
    let errors = bench.results.errors.iter();
    let told = errors.map(|(key, words)| {
        let size = key.size;
        format!(
            "error: {} in {}, {} active and {} idle clients, {} bytes: {words}",
            key.name, key.scenario, size.active, size.idle, size.bytes
        )
    });
    told.collect()
}

fn table(table: &Table) -> Markup {
    let class = |place| table.holds_figures(place).then_some("figure");
    html! {
        h3 { (table.title) }
        div.wide {
            table.facts {
                thead {
                    tr { @for (place, name) in table.header.iter().enumerate() {
                        th class=[class(place)] { (name) }
                    } }
                }
                tbody {
                    @for row in &table.rows {
                        tr { @for (place, cell) in row.iter().enumerate() {
                            td class=[class(place)] { (cell) }
                        } }
                    }
                }
            }
        }
    }
}

fn list<'a>(items: impl Iterator<Item = &'a String>) -> Markup {
    html! { ul { @for item in items { li { (item) } } } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_no_markup() {
        let mut one = Table::new("a < b", &["<x>", "µs"]);
        one.rows.push(vec!["&".to_owned(), "1.5".to_owned()]);
        let html = table(&one).into_string();
        assert!(html.contains("a &lt; b") && html.contains("<th>&lt;x&gt;</th>"));
        assert!(html.contains("<td>&amp;</td>") && html.contains("<td class=\"figure\">1.5</td>"));
    }
}
