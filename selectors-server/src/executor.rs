//! What stands behind `await`: tasks on one thread, over mio. A task runs until it has to wait;
//! what it waits for wakes it, and only then does it run again. [`run`], [`spawn`] and [`sleep`]
//! are Python's `asyncio.run`, `create_task` and `sleep`; sockets: [`stream`](crate::stream).

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};
use std::{io, mem};

use common::uninterrupted_within;
use mio::{Events, Registry, Token};

use crate::readiness::Readiness;

/// How many events one wait returns at most; the kernel keeps the others for the next one.
const MAX_EVENTS: usize = 1024;

/// How many calls a task may make without waiting before it lets the others run.
const BUDGET: u32 = 32;

/// The token of a wake-up by another thread; no descriptor has this number.
const INTERRUPT: Token = Token(usize::MAX);

/// The number of the task that [`run`] is given.
const MAIN: usize = 0;

type Work = Pin<Box<dyn Future<Output = ()>>>;

/// When a task wants to be woken, and a number that no other timer has.
type Timer = (Instant, u64);

thread_local! {
    static EXECUTOR: RefCell<Option<Rc<Executor>>> = const { RefCell::new(None) };
}

/// Runs `main` to its end, and meanwhile the tasks that it spawns; those that are left then are
/// dropped.
///
/// # Errors
/// What the system says, for example EMFILE; that `main` has panicked.
///
/// # Panics
/// If a task calls it.
pub fn run<T: 'static>(main: impl Future<Output = T> + 'static) -> io::Result<T> {
    let executor = Rc::new(Executor::new()?);
    let outer = EXECUTOR.replace(Some(executor.clone()));
    assert!(outer.is_none(), "a thread has one executor");
    let result = Rc::new(Cell::new(None));
    let end = result.clone();
    spawn(async move { end.set(Some(main.await)) });
    let ended = executor.run_until_main_ends();
    // The tasks that are left find no executor when they are dropped with it.
    EXECUTOR.take();
    ended?;
    result.take().ok_or_else(|| io::Error::other("the main task has panicked"))
}

/// Starts a task beside the one that calls; a panic ends that task only.
///
/// # Panics
/// If nobody [`run`]s tasks on this thread.
pub fn spawn(work: impl Future<Output = ()> + 'static) {
    let executor = current().expect(OUTSIDE);
    let mut works = executor.works.borrow_mut();
    let number = executor.vacant.borrow_mut().pop().unwrap_or_else(|| {
        works.push(None);
        works.len() - 1
    });
    works[number] = Some(Box::pin(work));
    let (is_woken, ready) = (AtomicBool::new(false), executor.ready.clone());
    Arc::new(Task { number, is_woken, ready }).wake();
}

/// Waits for `duration` while other tasks run.
///
/// # Panics
/// If nobody [`run`]s tasks on this thread.
pub async fn sleep(duration: Duration) {
    let number = current().expect(OUTSIDE).new_number();
    let alarm = Alarm((Instant::now() + duration, number));
    poll_fn(|context| {
        if Instant::now() >= alarm.0.0 {
            return Poll::Ready(());
        }
        let executor = current().expect(OUTSIDE);
        executor.timers.borrow_mut().insert(alarm.0, context.waker().clone());
        Poll::Pending
    })
    .await
}

/// A timer that is taken back when the sleep ends, or is given up.
struct Alarm(Timer);

impl Drop for Alarm {
    fn drop(&mut self) {
        if let Some(executor) = current() {
            executor.timers.borrow_mut().remove(&self.0);
        }
    }
}

pub(crate) const OUTSIDE: &str = "called by a task of `run`";

/// The executor of this thread, while it runs.
pub(crate) fn current() -> Option<Rc<Executor>> {
    EXECUTOR.with_borrow(Option::clone)
}

pub(crate) struct Executor {
    poll: RefCell<mio::Poll>,
    pub(crate) registry: Registry,
    /// What is known of the descriptors that are watched, by their numbers.
    pub(crate) watched: RefCell<Vec<Option<Rc<Readiness>>>>,
    timers: RefCell<BTreeMap<Timer, Waker>>,
    timers_so_far: Cell<u64>,
    /// The tasks by their numbers, and the numbers that are free again.
    works: RefCell<Vec<Option<Work>>>,
    vacant: RefCell<Vec<usize>>,
    ready: Arc<Ready>,
    /// How many calls the task whose turn it is may still make.
    pub(crate) budget: Cell<u32>,
}

impl Executor {
    fn new() -> io::Result<Executor> {
        let poll = mio::Poll::new()?;
        let interrupt = mio::Waker::new(poll.registry(), INTERRUPT)?;
        Ok(Executor {
            registry: poll.registry().try_clone()?,
            poll: RefCell::new(poll),
            watched: RefCell::default(),
            timers: RefCell::default(),
            timers_so_far: Cell::default(),
            works: RefCell::default(),
            vacant: RefCell::default(),
            ready: Arc::new(Ready { queue: Mutex::default(), interrupt }),
            budget: Cell::default(),
        })
    }

    fn run_until_main_ends(&self) -> io::Result<()> {
        let mut events = Events::with_capacity(MAX_EVENTS);
        let mut turn = Vec::new();
        loop {
            // Who is woken from now on has its turn after the next look at sockets and clock.
            mem::swap(&mut turn, &mut self.ready.queue().woken);
            for task in turn.drain(..) {
                self.turn_of(task);
            }
            if self.works.borrow()[MAIN].is_none() {
                return Ok(());
            }
            self.wait(&mut events)?;
        }
    }

    /// A number that no timer had before.
    fn new_number(&self) -> u64 {
        self.timers_so_far.replace(self.timers_so_far.get() + 1)
    }

    /// Lets a task run until it waits again, or ends.
    fn turn_of(&self, task: Arc<Task>) {
        let number = task.number;
        // It can be woken again from now on.
        task.is_woken.store(false, Ordering::Release);
        self.budget.set(BUDGET);
        // It is not in the list meanwhile, since it may spawn others; nor is one that has ended.
        let Some(mut work) = self.works.borrow_mut()[number].take() else { return };
        let waker = Waker::from(task);
        let mut context = Context::from_waker(&waker);
        match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(&mut context))) {
            Ok(Poll::Pending) => self.works.borrow_mut()[number] = Some(work),
            Ok(Poll::Ready(())) | Err(_) => self.vacant.borrow_mut().push(number),
        }
    }

    /// Waits until a socket is ready, a time has come, or another thread wakes a task; not at all
    /// where one is woken already.
    fn wait(&self, events: &mut Events) -> io::Result<()> {
        let left = |(time, _): &Timer| time.saturating_duration_since(Instant::now());
        let next = self.timers.borrow().keys().next().map(left);
        let timeout = if self.ready.falls_asleep() { next } else { Some(Duration::ZERO) };
        let mut poll = self.poll.borrow_mut();
        let waited = uninterrupted_within(timeout, |left| poll.poll(events, left));
        self.ready.queue().sleeps = false;
        waited?;
        let watched = self.watched.borrow();
        for event in &*events {
            // One that was closed since has nothing to report, nor has another thread's wake-up.
            if let Some(Some(readiness)) = watched.get(event.token().0) {
                readiness.is_reported(event);
            }
        }
        let mut timers = self.timers.borrow_mut();
        let now = Instant::now();
        while let Some(timer) = timers.first_entry().filter(|timer| timer.key().0 <= now) {
            timer.remove().wake();
        }
        Ok(())
    }
}

/// The tasks that were woken: other threads may wake some, too.
struct Ready {
    queue: Mutex<Queue>,
    interrupt: mio::Waker,
}

#[derive(Default)]
struct Queue {
    woken: Vec<Arc<Task>>,
    /// Whether the executor waits, or is about to.
    sleeps: bool,
}

impl Ready {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether nobody is woken; who is woken from now on has to interrupt the wait.
    fn falls_asleep(&self) -> bool {
        let mut queue = self.queue();
        queue.sleeps = queue.woken.is_empty();
        queue.sleeps
    }
}

/// What a waker knows of its task.
struct Task {
    number: usize,
    is_woken: AtomicBool,
    ready: Arc<Ready>,
}

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        if self.is_woken.swap(true, Ordering::AcqRel) {
            return;
        }
        let ready = self.ready.clone();
        let mut queue = ready.queue();
        queue.woken.push(self);
        if queue.sleeps {
            // Without it the task runs at the next event.
            let _ = ready.interrupt.wake();
        }
    }
}

#[cfg(test)]
mod tests;
