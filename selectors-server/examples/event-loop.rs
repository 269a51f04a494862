//! Three tasks with three waits each: one after another, in threads, and event-driven.
//! Event-driven, one thread takes each event from a queue and calls the function that was
//! registered for it. There are no clients: each wait plays a disk or a network, and ends when a
//! byte comes.
//!
//! Follows note 002, lines 3-33, in words.
//!
//! Try: `cargo run -p selectors-server --example event-loop`; within two seconds it draws three
//! pictures: `█` is a task that runs, `░` one that waits.
//!
//! Costs: an event-driven task has no stack while it waits. It is cut into functions, and none of
//! them may take long. In return there are no threads, no locks, and no switches between threads.
//!
//! Experiment: write `Duration::from_millis(200)` in place of `from_millis(15)` for `RUN`, and run
//! it again. The threads win, because with two processors two of them run at the same time. One
//! thread, event-driven, uses one processor.
#![forbid(unsafe_code)]

use std::env;
use std::io::{self, IsTerminal, Read, Write};
use std::os::unix::net::UnixStream;
use std::rc::Rc;
use std::sync::{Mutex, PoisonError};
use std::thread::{self, Builder};
use std::time::{Duration, Instant};

use common::{options, started};
use selectors::timeline::{Doing, Span, draw, total};
use selectors::{DefaultSelector, EVENT_READ};

/// How long each task waits, three times.
const WAITS: [[Duration; 3]; 3] = [
    [Duration::from_millis(90), Duration::from_millis(60), Duration::from_millis(120)],
    [Duration::from_millis(120), Duration::from_millis(90), Duration::from_millis(30)],
    [Duration::from_millis(60), Duration::from_millis(120), Duration::from_millis(60)],
];

/// How long a task runs before each wait, and after the last.
const RUN: Duration = Duration::from_millis(15);

fn main() -> common::Result {
    let about = "Three tasks, one after another, in threads and event-driven (note 002:3-33)";
    options!(about, ());
    let models = [
        ("one after another, in one thread", one_after_another(&World::slow())?),
        ("each in a thread of its own", in_threads(&World::slow())?),
        ("event-driven, in one thread", event_driven(&World::slow())?),
    ];
    let whole = models.iter().map(|(_, spans)| total(spans)).max().unwrap_or_default();
    let no_color = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let colour = io::stdout().is_terminal() && !no_color;
    let pictures = models.map(|(name, spans)| {
        format!("{name}: {} ms\n{}", total(&spans).as_millis(), draw(&spans, whole, colour))
    });
    // `say!` would show the colours as escapes.
    let _ = writeln!(io::stdout(), "{}", pictures.join("\n").trim_end());
    Ok(())
}

/// The first task from its beginning to its end, then the second, then the third.
fn one_after_another(world: &World) -> io::Result<Vec<Span>> {
    (0..WAITS.len()).try_for_each(|task| blocking_task(world, task))?;
    Ok(world.spans())
}

/// The same three tasks at once. The system decides which thread runs.
fn in_threads(world: &World) -> io::Result<Vec<Span>> {
    thread::scope(|scope| {
        let start = |task| {
            let thread = Builder::new().spawn_scoped(scope, move || blocking_task(world, task));
            started(format_args!("thread {} of {}", task + 1, WAITS.len()), thread)
        };
        let threads: Vec<_> = (0..WAITS.len()).map(start).collect::<io::Result<_>>()?;
        threads.into_iter().try_for_each(|thread| thread.join().expect("no task panics"))
    })?;
    Ok(world.spans())
}

/// A task as it is written for a thread: it blocks while it waits.
fn blocking_task(world: &World, task: usize) -> io::Result<()> {
    for wait in WAITS[task] {
        world.run(task);
        let start = world.now();
        world.ask(wait)?.read_exact(&mut [0])?;
        world.note_wait(task, start);
    }
    world.run(task);
    Ok(())
}

/// What is registered for an event: the function to call, and for which task.
#[derive(Clone, Copy)]
struct Event {
    handler: fn(&mut EventLoop<'_>, Event) -> io::Result<()>,
    task: usize,
    /// How many of the task's waits are over.
    step: usize,
    /// Since when the task waits.
    start: Duration,
}

struct EventLoop<'a> {
    world: &'a World,
    /// The queue of events: the kernel fills it, and `select` takes out what is there.
    selector: DefaultSelector<Rc<UnixStream>, Event>,
    /// How many events are still to come.
    registered: usize,
}

/// The same three tasks, cut at each wait into functions that one loop calls.
fn event_driven(world: &World) -> io::Result<Vec<Span>> {
    let mut events =
        EventLoop { world, selector: DefaultSelector::named("default")?, registered: 0 };
    (0..WAITS.len()).try_for_each(|task| events.go_on(task, 0))?;
    while events.registered > 0 {
        for (key, _mask) in events.selector.select(None)? {
            events.selector.unregister(&key.fileobj)?;
            events.registered -= 1;
            (key.data.handler)(&mut events, key.data)?;
        }
    }
    Ok(world.spans())
}

/// A wait is over: the handler of every event here.
fn on_answer(events: &mut EventLoop<'_>, event: Event) -> io::Result<()> {
    events.world.note_wait(event.task, event.start);
    events.go_on(event.task, event.step + 1)
}

impl EventLoop<'_> {
    /// Runs a task up to its next wait, and registers what is to be called when that is over.
    fn go_on(&mut self, task: usize, step: usize) -> io::Result<()> {
        self.world.run(task);
        if let Some(wait) = WAITS[task].get(step) {
            let start = self.world.now();
            let answer = Rc::new(self.world.ask(*wait)?);
            let event = Event { handler: on_answer, task, step, start };
            self.selector.register(answer, EVENT_READ, event)?;
            self.registered += 1;
        }
        Ok(())
    }
}

/// What the tasks use: a clock, a disk or a network that answers late, and a record of what they
/// do.
struct World {
    begin: Instant,
    spans: Mutex<Vec<Span>>,
    run: Duration,
    answer: fn(Duration),
}

impl World {
    fn slow() -> World {
        World { begin: Instant::now(), spans: Mutex::default(), run: RUN, answer: thread::sleep }
    }

    fn now(&self) -> Duration {
        self.begin.elapsed()
    }

    /// Keeps a processor busy for a task.
    fn run(&self, task: usize) {
        let start = self.now();
        while self.now() - start < self.run {}
        self.note(task, Doing::Running, start);
    }

    /// Asks for an answer that comes after `wait`. Then the socket has a byte to read.
    fn ask(&self, wait: Duration) -> io::Result<UnixStream> {
        let (ours, mut theirs) = UnixStream::pair()?;
        let answer = self.answer;
        let answers = Builder::new().spawn(move || {
            answer(wait);
            // The program may have ended meanwhile.
            let _ = theirs.write_all(b"x");
        });
        started("a thread that answers", answers)?;
        Ok(ours)
    }

    fn note_wait(&self, task: usize, start: Duration) {
        self.note(task, Doing::Waiting, start);
    }

    fn note(&self, task: usize, doing: Doing, start: Duration) {
        let span = Span { task, doing, start, end: self.now() };
        self.spans.lock().unwrap_or_else(PoisonError::into_inner).push(span);
    }

    fn spans(&self) -> Vec<Span> {
        self.spans.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Barrier;
    use std::sync::mpsc::channel;

    /// A model that waits for an answer that cannot come also ends.
    const DEADLINE: Duration = Duration::from_secs(60);

    /// The spans of a model in a world whose answers come when `answer` returns.
    fn spans(model: fn(&World) -> io::Result<Vec<Span>>, answer: fn(Duration)) -> Vec<Span> {
        let (sender, result) = channel();
        thread::spawn(move || {
            let world = World { run: Duration::ZERO, answer, ..World::slow() };
            sender.send(model(&world).unwrap())
        });
        result.recv_timeout(DEADLINE).expect("all tasks end")
    }

    fn of(doing: Doing, spans: &[Span]) -> Vec<Span> {
        let mut spans: Vec<Span> =
            spans.iter().copied().filter(|span| span.doing == doing).collect();
        spans.sort_by_key(|span| span.start);
        spans
    }

    fn overlap(spans: &[Span]) -> bool {
        spans.windows(2).any(|pair| pair[0].end > pair[1].start)
    }

    #[test]
    fn one_after_another_nothing_overlaps() {
        let spans = spans(one_after_another, |_| ());
        assert_eq!(spans.len(), 3 * 7);
        assert!(spans.is_sorted_by_key(|span| (span.task, span.start)) && !overlap(&spans));
    }

    #[test]
    fn threads_wait_at_the_same_time() {
        static ALL_WAIT: Barrier = Barrier::new(3);
        // Each answer comes only when all three tasks wait for one.
        let spans = spans(in_threads, |_| {
            ALL_WAIT.wait();
        });
        assert_eq!(spans.len(), 3 * 7);
        assert!(overlap(&of(Doing::Waiting, &spans)));
    }

    #[test]
    fn event_driven_waits_overlap_and_runs_do_not() {
        static ALL_WAIT: Barrier = Barrier::new(3);
        let spans = spans(event_driven, |_| {
            ALL_WAIT.wait();
        });
        assert_eq!(spans.len(), 3 * 7);
        assert!(overlap(&of(Doing::Waiting, &spans)));
        assert!(!overlap(&of(Doing::Running, &spans)));
    }

    #[test]
    fn every_model_does_the_same() {
        let tasks = |model| -> Vec<_> {
            let mut does: Vec<_> = spans(model, |_| ())
                .iter()
                .map(|span| (span.task, span.start, span.doing))
                .collect();
            does.sort_by_key(|(task, start, _)| (*task, *start));
            does.into_iter().map(|(task, _, doing)| (task, doing)).collect()
        };
        let expected = tasks(one_after_another);
        assert_eq!(tasks(in_threads), expected);
        assert_eq!(tasks(event_driven), expected);
    }

    #[test]
    fn one_after_another_takes_as_long_as_all_waits_together() {
        let spans = one_after_another(&World { run: Duration::ZERO, ..World::slow() }).unwrap();
        assert!(total(&spans) >= WAITS.iter().flatten().sum());
    }
}
