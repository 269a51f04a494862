//! What `await` needs: tasks on one thread, over mio. A task runs until it has to wait. What it
//! waits for wakes it, and only then it runs again. [`run`], [`spawn`] and [`sleep`] are Python's
//! `asyncio.run`, `create_task` and `sleep`. Sockets are in [`stream`](crate::stream).

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::os::fd::RawFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};
use std::{io, mem};

use common::uninterrupted_within;
use mio::unix::SourceFd;
use mio::{Events, Interest, Registry, Token};

use crate::readiness::Readiness;

/// How many events one wait returns at most; the kernel keeps the others for the next one.
const MAX_EVENTS: usize = 1024;

/// How many calls a task may make in a row. Then the other tasks run.
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

/// Runs `main` to its end, and meanwhile the tasks that it spawns. Tasks that are left then are
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

/// Starts another task. A panic ends only the task that panics.
///
/// # Panics
/// If no task of [`run`] calls it.
pub fn spawn(work: impl Future<Output = ()> + 'static) {
    let executor = current().expect(OUTSIDE);
    let mut works = executor.works.borrow_mut();
    let number = executor.vacant.borrow_mut().pop().unwrap_or_else(|| {
        works.push(None);
        works.len() - 1
    });
    works[number] = Some(Box::pin(work));
    let (is_woken, run_queue) = (AtomicBool::new(false), executor.run_queue.clone());
    Arc::new(Task { number, is_woken, run_queue }).wake();
}

/// Waits for `duration` while other tasks run.
///
/// # Panics
/// If no task of [`run`] calls it.
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

/// A timer that is removed when the sleep ends or is dropped.
struct Alarm(Timer);

impl Drop for Alarm {
    fn drop(&mut self) {
        if let Some(executor) = current() {
            executor.timers.borrow_mut().remove(&self.0);
        }
    }
}

/// Watches a descriptor: reports of it go to `readiness`.
///
/// # Errors
/// Those of epoll_ctl(2), for example ENOSPC.
///
/// # Panics
/// If no task of [`run`] calls it.
pub(crate) fn watch(fd: RawFd, interest: Interest, readiness: Rc<Readiness>) -> io::Result<()> {
    let executor = current().expect(OUTSIDE);
    executor.registry.register(&mut SourceFd(&fd), Token(fd as usize), interest)?;
    let mut watched = executor.watched.borrow_mut();
    let length = watched.len().max(fd as usize + 1);
    watched.resize_with(length, || None);
    watched[fd as usize] = Some(readiness);
    Ok(())
}

/// Watches a descriptor no more. The kernel forgets it when it is closed, which comes next.
pub(crate) fn forget(fd: RawFd) {
    if let Some(executor) = current() {
        executor.watched.borrow_mut()[fd as usize] = None;
    }
}

/// Takes one call from the budget of the task that runs. Returns whether there was one left.
pub(crate) fn spend_call() -> bool {
    let executor = current().expect(OUTSIDE);
    let left = executor.budget.get().checked_sub(1);
    executor.budget.set(left.unwrap_or(0));
    left.is_some()
}

const OUTSIDE: &str = "called by a task of `run`";

/// The executor of this thread, while it runs.
fn current() -> Option<Rc<Executor>> {
    EXECUTOR.with_borrow(Option::clone)
}

struct Executor {
    poll: RefCell<mio::Poll>,
    registry: Registry,
    /// The descriptors that are watched, by their numbers.
    watched: RefCell<Vec<Option<Rc<Readiness>>>>,
    timers: RefCell<BTreeMap<Timer, Waker>>,
    timers_so_far: Cell<u64>,
    /// The tasks by their numbers, and the numbers that are free again.
    works: RefCell<Vec<Option<Work>>>,
    vacant: RefCell<Vec<usize>>,
    run_queue: Arc<RunQueue>,
    /// How many calls the task that runs may still make.
    budget: Cell<u32>,
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
            run_queue: Arc::new(RunQueue { state: Mutex::default(), interrupt }),
            budget: Cell::default(),
        })
    }

    fn run_until_main_ends(&self) -> io::Result<()> {
        let mut events = Events::with_capacity(MAX_EVENTS);
        let mut round = Vec::new();
        loop {
            // A task that is woken meanwhile runs in the next round, after events and timers.
            mem::swap(&mut round, &mut self.run_queue.state().woken);
            for task in round.drain(..) {
                self.run_task(task);
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

    /// Runs a task until it waits again, or ends.
    fn run_task(&self, task: Arc<Task>) {
        let number = task.number;
        // It can be woken again from here on.
        task.is_woken.store(false, Ordering::Release);
        self.budget.set(BUDGET);
        // It is not in the list meanwhile, because it may spawn others. One that has ended is not
        // there.
        let Some(mut work) = self.works.borrow_mut()[number].take() else { return };
        let waker = Waker::from(task);
        let mut context = Context::from_waker(&waker);
        match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(&mut context))) {
            Ok(Poll::Pending) => self.works.borrow_mut()[number] = Some(work),
            Ok(Poll::Ready(())) | Err(_) => self.vacant.borrow_mut().push(number),
        }
    }

    /// Waits until a socket is ready, a timer ends, or another thread wakes a task. It does not
    /// wait if a task is woken already.
    fn wait(&self, events: &mut Events) -> io::Result<()> {
        let left = |(time, _): &Timer| time.saturating_duration_since(Instant::now());
        let next = self.timers.borrow().keys().next().map(left);
        let timeout = if self.run_queue.begin_wait() { next } else { Some(Duration::ZERO) };
        let mut poll = self.poll.borrow_mut();
        let waited = uninterrupted_within(timeout, |left| poll.poll(events, left));
        self.run_queue.state().waits = false;
        waited?;
        let watched = self.watched.borrow();
        for event in &*events {
            // A descriptor that is closed is not in the list, and another thread's wake-up is not.
            if let Some(Some(readiness)) = watched.get(event.token().0) {
                readiness.report(event);
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

/// The tasks that were woken. Other threads may also wake some.
struct RunQueue {
    state: Mutex<State>,
    interrupt: mio::Waker,
}

#[derive(Default)]
struct State {
    woken: Vec<Arc<Task>>,
    /// Whether the executor waits, or is about to. Then a wake-up interrupts the wait.
    waits: bool,
}

impl RunQueue {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that the executor waits, unless a task is woken. Returns whether it waits.
    fn begin_wait(&self) -> bool {
        let mut state = self.state();
        state.waits = state.woken.is_empty();
        state.waits
    }
}

/// What a waker knows of its task.
struct Task {
    number: usize,
    is_woken: AtomicBool,
    run_queue: Arc<RunQueue>,
}

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        if self.is_woken.swap(true, Ordering::AcqRel) {
            return;
        }
        let run_queue = self.run_queue.clone();
        let mut state = run_queue.state();
        state.woken.push(self);
        if state.waits {
            // If it fails, the task runs after the next event.
            let _ = run_queue.interrupt.wake();
        }
    }
}

#[cfg(test)]
mod tests;
