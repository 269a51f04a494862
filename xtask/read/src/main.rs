//! `cargo xtask read`: the notes and their mirrors side by side, in a browser or in the terminal.
//! `cargo xtask exercise`: servers to be completed, in [`exercise`].
//!
//! - [`place`], [`notes`]: what the reader names, and the reader's own copy of the notes
//! - [`rows`], [`beside`]: which lines of a listing and of its mirror are level
//! - [`program`]: what is known of a mirror; [`claims`]: of a claim
//! - [`highlight`], [`text`]: code and words as HTML
//! - [`prose`], [`markdown`]: a note as blocks
//! - [`about`], [`listing`], [`note`], [`start`], [`stations`]: what the pages say
//! - [`page`]: what a report is as a page for a browser
//! - [`phases`]: what waits and what copies, in each model
//! - [`picture`]: the pictures, and what they explain
//! - [`site`], [`folder`]: all pages, and where they are written
//! - [`columns`], [`show`], [`pager`]: the same in a terminal
#![forbid(unsafe_code)]

use std::env;
use std::process::ExitCode;

use clap::Subcommand;

mod about;
mod beside;
mod claims;
mod columns;
mod exercise;
mod folder;
mod highlight;
mod listing;
mod markdown;
mod note;
mod notes;
mod page;
mod pager;
mod phases;
mod picture;
mod place;
mod program;
mod prose;
mod read;
mod rows;
mod show;
mod site;
mod start;
mod stations;
#[cfg(test)]
mod tests;
mod text;

#[derive(Subcommand)]
enum Task {
    /// Shows the notes and their mirrors side by side: as pages for a browser, or one place here
    Read(read::Args),
    /// Gives a server with a piece missing, and checks what you make of it
    Exercise(exercise::Args),
}

fn main() -> ExitCode {
    xtask::run(env::args_os(), |task: Task| match task {
        Task::Read(args) => read::run(&args),
        Task::Exercise(args) => exercise::run(&args),
    })
}
