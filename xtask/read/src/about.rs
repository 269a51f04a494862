//! What is above a listing, and beside the prose of a model: the program in words.

use maud::{Markup, html};

use crate::page::words;
use crate::program::Program;
use xtask::catalog::Concurrency;
use xtask::test_all::checks::CHECKS;
use xtask::test_all::results::Matrix;

/// Where a reader finds the matrix, from the workspace's root.
pub const FILE: &str = "docs/matrix.md";

/// A program's first paragraph, command, things to do, row of the matrix, file.
pub fn about(program: &Program, matrix: &Matrix) -> Markup {
    html! {
        p { (program.what().html()) }
        dl.about {
            @if let Some(command) = &program.command { dt { (words("Run", "运行")) } dd { code { (command) } } }
            @for (word, chinese) in [("Try", "试一试"), ("Experiment", "实验"), ("Costs", "代价")] {
                @if let Some(paragraph) = program.paragraph(word) {
                    dt { (words(word, chinese)) }
                    dd { (paragraph.html()) }
                }
            }
            @if program.departures().is_empty() {
                @if let Some(nowhere) = program.paragraph("Differs from the listing") {
                    dt { (words("Differs", "不同之处")) }
                    dd { (nowhere.html()) }
                }
            }
            @if program.server.is_some() {
                dt { (words("Matrix", "结果")) }
                dd { (checks(program, matrix)) }
            }
            dt { (words("File", "文件")) }
            dd { a href=(program.page()) { (program.file) } }
        }
        @if let Some(trace) = &program.trace { (trace) }
    }
}

/// A model that the note describes in words: what it is, how to run it, where it is.
pub fn model(program: &Program) -> Markup {
    html! {
        aside.model {
            p { b { (words("This model runs: ", "可以运行：")) } a href=(program.page()) { (program.name) } }
            p { (program.what().html()) }
            @if let Some(command) = &program.command { p { (words("Run", "运行")) " " code { (command) } } }
            @if let Some(try_it) = program.paragraph("Try") {
                p { (words("Try: ", "试一试：")) (try_it.html()) }
            }
            @if let Some(trace) = &program.trace { (trace) }
        }
    }
}

/// The server's row of the matrix as words, and where it is from.
fn checks(program: &Program, matrix: &Matrix) -> Markup {
    let Some(of_server) = program.server.and_then(|server| matrix.of(server)) else {
        return html! { "not in " (FILE) " yet" };
    };
    let words = || {
        let words = CHECKS.iter().map(|check| (check, of_server.get(check.name)));
        words.filter_map(|(check, word)| Some((check, word?.as_str())))
    };
    let with = |word: &str| {
        let names = words().filter(|(_, said)| *said == word);
        names.map(|(check, _)| check.name).collect::<Vec<_>>()
    };
    let others = words().filter(|(_, word)| !["pass", "skip"].contains(word));
    let (passed, skipped) = (with("pass"), with("skip"));
    html! {
        @for (check, word) in others {
            p { b { (word) } " at " code { (check.name) } ": " (check.requirement) "." }
        }
        details {
            summary {
                b { "pass" } " at " (passed.len()) " checks"
                @if !skipped.is_empty() { ", " b { "skip" } " at " (skipped.len()) }
                " " span.source { "(from " (FILE) ")" }
            }
            p { b { "pass" } ": " (passed.join(", ")) "." }
            @if !skipped.is_empty() {
                p { b { "skip" } ", does not apply: " (skipped.join(", ")) "." }
            }
        }
    }
}

pub fn at_once(concurrency: Concurrency) -> Markup {
    let (english, chinese) = match concurrency {
        Concurrency::One => ("one", "一个"),
        Concurrency::Pool(_) => ("as many as there are workers", "有几个工作线程就几个"),
        Concurrency::Threads => ("as many as the system has threads for", "受系统线程数限制"),
        Concurrency::Processes => ("as many as the system has processes for", "受系统进程数限制"),
        Concurrency::FdSet => (
            "about 1,000: an fd_set has room for 1,024 descriptors",
            "约 1,000 个：fd_set 只容得下 1,024 个描述符",
        ),
        Concurrency::Many => ("as many as it has descriptors", "受描述符个数限制"),
    };
    words(english, chinese)
}

/// What becomes of a second client while the first one is idle, by the word of the check
/// `second-client`.
pub fn second_client(concurrency: Concurrency, word: Option<&str>) -> Markup {
    let (english, chinese) = match (word, concurrency) {
        (Some("pass"), _) => ("is served at once", "立即得到服务"),
        (Some("waits"), Concurrency::Pool(_)) => (
            "is served while a worker is free; else it waits until a client leaves",
            "有空闲的工作线程就得到服务，否则等一个客户端离开",
        ),
        (Some("waits"), _) => {
            ("connects, and waits until the first one leaves", "连上了，但要等第一个离开")
        }
        (Some("polls"), _) => {
            ("is served at once, at the price of a busy core", "立即得到服务，代价是占满一个核")
        }
        (Some("skip"), _) => ("the question does not arise", "不存在这个问题"),
        (Some(_), _) => ("fails: see docs/matrix.md", "失败：见 docs/matrix.md"),
        (None, _) => ("not in docs/matrix.md yet", "docs/matrix.md 里还没有"),
    };
    words(english, chinese)
}
