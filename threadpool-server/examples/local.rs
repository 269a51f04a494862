//! Thread-local data: two threads use one variable, and each has its own value.
//!
//! Mirrors note 004, lines 7-25.
//!
//! Try: `cargo run -p threadpool-server --example local`; within two seconds it prints `明哥 19`
//! and `小弟 17`. They come in either order, and never mixed.
//!
//! Differs from the listing: nowhere.
//!
//! Experiment: `cargo run -p threadpool-server --example local -- --shared` keeps one value for all
//! threads, as a global variable does. It prints two equal lines, from the thread that set the
//! value last (note 004:32). Then write `func1(args);` into the line below the one that ends
//! with `// 25`, and run it without `--shared`. It prints an empty name and 0, because nobody set
//! the main thread's own value. Python raises AttributeError there.
#![forbid(unsafe_code)]

use common::sleep; // 7

use common::uniform; // 8

use std::thread::{self, Builder}; // 9
use threadpool::{Local, Options, with};

use std::cell::RefCell;

use common::{options, say, started};

#[rustfmt::skip]
thread_local! {
    static LOC: RefCell<Local> = RefCell::default();                                      // 11
}

#[rustfmt::skip]
fn func1(options: Options) {                                                              // 13, 14
    with(&LOC, options.shared, |loc| say!("{} {}", loc.name, loc.age));                   // 15
}

#[rustfmt::skip]
fn func2(name: &str, age: u32, options: Options) {                                        // 17, 18
    with(&LOC, options.shared, |loc| {
        loc.name = name.to_owned();                                                       // 19
        loc.age = age;                                                                    // 20
    });
    sleep(uniform(0.0, options.pause.seconds().unwrap_or(2.0)));                          // 21
    func1(options);                                                                       // 22
}

#[rustfmt::skip]
fn main() -> common::Result {
    let about = "Two threads print what each put into thread-local data (note 004:7-25)";
    let args = options!(about, Options);

    // The scope waits for both threads, as Python does before it ends.
    thread::scope(|s| {
        started("thread 1", Builder::new().spawn_scoped(s, || func2("明哥", 19, args)))?; // 24
        started("thread 2", Builder::new().spawn_scoped(s, || func2("小弟", 17, args)))?; // 25
        Ok(())
    })
}
