//! Two threads with one variable, of which each has its own value: thread-local data.
//!
//! Mirrors note 004, lines 7-25.
//!
//! Try: `cargo run -p threadpool-server --example local`; within two seconds it prints `明哥 19`
//! and `小弟 17`, in either order, and never a mixture.
//!
//! Differs from the listing: nowhere.
//!
//! Experiment: write `func1();` into the line below the one that ends with `// 25`, and run it
//! again. It prints an empty name and 0, whatever the two threads set: the main thread has a value
//! of its own.
#![forbid(unsafe_code)]

use threadpool::{pause_option, sleep}; // 7

use threadpool::uniform; // 8

use std::thread::{self, Builder}; // 9

use std::cell::RefCell;

use common::clap::Command;
use common::{parse_command, say, started};

#[derive(Default)]
struct Local {
    name: String,
    age: u32,
}

thread_local! {
    static LOC: RefCell<Local> = RefCell::default(); // 11
}

fn func1() {
    // 13, 14
    LOC.with_borrow(|loc| say!("{} {}", loc.name, loc.age)); // 15
}

fn func2(name: &str, age: u32) {
    // 17, 18
    LOC.with_borrow_mut(|loc| {
        loc.name = name.to_owned(); // 19
        loc.age = age; // 20
    });
    sleep(uniform(0.0, 2.0)); // 21
    func1(); // 22
}

fn main() -> common::Result {
    let about = "Two threads print what each put into thread-local data (note 004:7-25)";
    let command = Command::new(env!("CARGO_BIN_NAME")).version(env!("CARGO_PKG_VERSION"));
    parse_command(command.about(about).arg(pause_option()));

    // The scope waits for both threads, as Python does before it ends.
    thread::scope(|scope| {
        started("thread 1", Builder::new().spawn_scoped(scope, || func2("明哥", 19)))?; // 24
        started("thread 2", Builder::new().spawn_scoped(scope, || func2("小弟", 17)))?; // 25
        Ok(())
    })
}
