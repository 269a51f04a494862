//! Two threads with one variable, of which each has its own value: thread-local data.
//!
//! Mirrors note 004, lines 7-25.
//!
//! Try: `cargo run -p threadpool-server --example local`; within two seconds it prints `明哥 19` and
//! `小弟 17`, in either order, and never a mixture.
//!
//! Differs from the listing: nowhere.
//!
//! Experiment: write `func1();` below line 25. It prints an empty name and 0, whatever the two threads set: the
//! main thread has a value of its own.
#![forbid(unsafe_code)]

use std::time::Duration; // 7

use common::uniform; // 8

use std::thread; // 9

use std::cell::RefCell;

use common::clap::{Arg, Command, value_parser};
use common::{parse_command, say};

#[derive(Default)]
struct Local {
    name: String,
    age: u32,
}

thread_local! {
    static LOC: RefCell<Local> = RefCell::default(); // 11
}

fn func1() {
    // 13-14
    LOC.with_borrow(|loc| say!("{} {}", loc.name, loc.age)); // 15
}

fn func2(name: &str, age: u32, pause: f64) {
    // 17-18
    LOC.with_borrow_mut(|loc| {
        loc.name = name.to_owned(); // 19
        loc.age = age; // 20
    });
    thread::sleep(Duration::from_secs_f64(uniform(0.0, pause))); // 21
    func1(); // 22
}

fn main() -> common::Result {
    let pause = parse();

    // The scope waits for both threads, as Python does before it ends.
    thread::scope(|scope| {
        let thread = thread::Builder::new;
        thread().spawn_scoped(scope, || func2("明哥", 19, pause))?; // 24
        thread().spawn_scoped(scope, || func2("小弟", 17, pause))?; // 25
        Ok(())
    })
}

/// Reads the command line: the longest pause in seconds.
fn parse() -> f64 {
    let pause = Arg::new("pause")
        .long("pause")
        .value_name("MS")
        .default_value("2000")
        .value_parser(value_parser!(u32))
        .help("Longest pause of a thread before it prints, in milliseconds");
    let command = Command::new(env!("CARGO_BIN_NAME"))
        .about("Two threads print what each put into thread-local data (note 004:7-25)")
        .arg(pause);
    let pause: u32 = *parse_command(command)
        .get_one("pause")
        .expect("--pause has a default");
    f64::from(pause) / 1000.0
}
