//! One page with everything: it needs no network.

use std::fmt::Write;

use anyhow::Result;

use crate::bench::plan::{Bench, Settings};
use crate::bench::table::Table;
use crate::bench::targets;
use crate::bench::write::{Done, drawn};
use crate::harness::machine;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;\
                     padding:0 1rem;color:#222}table{border-collapse:collapse;font-size:13px;\
                     margin:1rem 0;display:block;overflow-x:auto}td,th{padding:.15rem .6rem;\
                     text-align:left;border-bottom:1px solid #ddd;white-space:nowrap}\
                     .figure{text-align:right}caption{text-align:left;\
                     font-weight:bold;white-space:nowrap}svg{max-width:100%;height:auto}";

/// The page.
///
/// # Errors
/// When a chart cannot be drawn.
pub fn html(bench: &Bench, done: &[Done]) -> Result<String> {
    let mut body = format!("<h1>One service, every model</h1>\n<p>{}</p>\n", escape(&bench.run));
    body += &table(&targets::table(bench));
    for Done { scenario, plan, section } in done {
        let question = escape(scenario.question);
        let _ = write!(body, "<h2 id=\"{0}\">{0}</h2>\n<p>{question}</p>\n", scenario.name);
        for chart in drawn(section) {
            body += &chart.svg()?;
        }
        body.extend(section.tables.iter().map(table));
        body += &list(section.notes.iter().chain(&plan.cut));
    }
    body += "<h2>Not measured, and failed</h2>\n";
    body += &list(not_measured(bench).iter().chain(&errors(bench)));
    body += "<h2>How it was measured</h2>\n";
    body += &list(method(bench).iter());
    Ok(page("One service, every model", &body))
}

/// A whole page around its body.
fn page(title: &str, body: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n{body}</body>\n</html>\n"
    )
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

fn table(table: &Table) -> String {
    let row = |cells: &[String], tag: &str| {
        let cells = cells.iter().enumerate().map(|(place, cell)| {
            let class = if table.holds_figures(place) { " class=\"figure\"" } else { "" };
            format!("<{tag}{class}>{}</{tag}>", escape(cell))
        });
        format!("<tr>{}</tr>\n", cells.collect::<String>())
    };
    let rows: String = table.rows.iter().map(|cells| row(cells, "td")).collect();
    let title = escape(&table.title);
    let header = row(&table.header, "th");
    format!("<table>\n<caption>{title}</caption>\n{header}{rows}</table>\n")
}

fn list<'a>(items: impl Iterator<Item = &'a String>) -> String {
    let items = items.map(|item| format!("<li>{}</li>\n", escape(item))).collect::<String>();
    if items.is_empty() { String::new() } else { format!("<ul>\n{items}</ul>\n") }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_no_markup() {
        let mut one = Table::new("a < b", &["<x>"]);
        one.rows.push(vec!["\"&\"".to_owned()]);
        let html = table(&one);
        assert!(html.contains("a &lt; b") && html.contains("<th>&lt;x&gt;</th>"));
        assert!(html.contains("<td>&quot;&amp;&quot;</td>"));
        assert_eq!(list([].iter()), "");
    }
}
