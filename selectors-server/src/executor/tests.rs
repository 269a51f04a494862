use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddrV4, TcpStream};
use std::sync::mpsc::channel;
use std::thread;

use common::{DEFAULT_BACKLOG, Socket};

use super::*;
use crate::stream::{Connection, Listener};

/// A test whose tasks are never woken also ends.
const DEADLINE: Duration = Duration::from_secs(60);

/// Runs `main` on a thread of its own, because a thread has one executor.
fn within_deadline<T: Send + 'static, F: Future<Output = T> + 'static>(
    main: impl FnOnce() -> F + Send + 'static,
) -> T {
    let (sender, result) = channel();
    thread::spawn(move || sender.send(run(main()).unwrap()));
    result.recv_timeout(DEADLINE).expect("a task that is woken")
}

/// A listener, and its address.
fn listener() -> (common::Listener, SocketAddrV4) {
    let socket = Socket::new().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = common::Listener::new(socket).unwrap();
    listener.listen_silently(DEFAULT_BACKLOG).unwrap();
    let addr = listener.getsockname();
    (listener, addr)
}

async fn pair() -> (Connection, TcpStream) {
    let (socket, addr) = listener();
    let listener = Listener::new(socket).unwrap();
    let client = TcpStream::connect(addr).unwrap();
    let conn = listener.accept().await.unwrap();
    (Connection::new(conn).unwrap(), client)
}

/// Counts how often `work` is polled.
async fn counted<T>(count: &Cell<u32>, work: impl Future<Output = T>) -> T {
    let mut work = Box::pin(work);
    poll_fn(|context| {
        count.set(count.get() + 1);
        work.as_mut().poll(context)
    })
    .await
}

/// Lets other tasks run until `holds`.
async fn wait_until(holds: impl Fn() -> bool) {
    while !holds() {
        sleep(Duration::from_millis(1)).await;
    }
}

/// Lets all others run once.
async fn yield_now() {
    let mut ended = false;
    poll_fn(|context| {
        if ended {
            return Poll::Ready(());
        }
        ended = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await
}

#[test]
fn a_task_is_woken_once_for_each_time_that_its_socket_is_ready() {
    within_deadline(|| async {
        let (conn, mut client) = pair().await;
        let polls = Rc::new(Cell::new(0));
        let count = polls.clone();
        spawn(async move {
            let mut buffer = [0; 8];
            for number in 1..=3 {
                assert_eq!(counted(&count, conn.recv(&mut buffer)).await.unwrap(), [number]);
            }
            count.set(100);
        });
        for number in 1..=3u8 {
            sleep(Duration::from_millis(20)).await;
            // It has been polled once for this number, and twice for each one before.
            assert_eq!(polls.get(), u32::from(number) * 2 - 1);
            client.write_all(&[number]).unwrap();
        }
        wait_until(|| polls.get() == 100).await;
    });
}

#[test]
fn a_task_that_only_waits_takes_no_processor() {
    within_deadline(|| async {
        let (conn, _client) = pair().await;
        spawn(async move { drop(conn.recv(&mut [0]).await) });
        let ran = || -> u64 {
            let stat = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
            stat.split(' ').next().unwrap().parse().unwrap()
        };
        sleep(Duration::from_millis(10)).await;
        let before = ran();
        sleep(Duration::from_millis(300)).await;
        let ran = Duration::from_nanos(ran() - before);
        // A loop that spins would have run for all that the others leave it.
        assert!(ran < Duration::from_millis(5), "{ran:?}");
    });
}

#[test]
fn a_panic_ends_its_own_task() {
    within_deadline(|| async {
        let (conn, mut client) = pair().await;
        let (other, mut its_client) = pair().await;
        spawn(async move {
            let _conn = conn;
            sleep(Duration::from_millis(1)).await;
            panic!("as the test wants it");
        });
        spawn(async move {
            let mut buffer = [0; 8];
            let data = other.recv(&mut buffer).await.unwrap();
            other.sendall(data).await.unwrap();
        });
        // Its connection is closed. This end waits in another thread, because it would stop the
        // tasks.
        let ended = Arc::new(AtomicBool::new(false));
        let end = ended.clone();
        thread::spawn(move || {
            assert_eq!(client.read(&mut [0]).unwrap(), 0);
            its_client.write_all(b"x").unwrap();
            its_client.read_exact(&mut [0]).unwrap();
            end.store(true, Ordering::Relaxed);
        });
        wait_until(|| ended.load(Ordering::Relaxed)).await;
    });
}

#[test]
fn a_panic_of_main_is_an_error() {
    let error = run(async { panic!("as the test wants it") }).unwrap_err();
    assert_eq!(error.to_string(), "the main task has panicked");
    assert_eq!(run(async { 7 }).unwrap(), 7);
}

#[test]
fn sleepers_wake_in_the_order_of_their_times() {
    within_deadline(|| async {
        let woken = Rc::new(RefCell::new(Vec::new()));
        for millis in [30, 10, 20, 10, 0] {
            let woken = woken.clone();
            spawn(async move {
                sleep(Duration::from_millis(millis)).await;
                woken.borrow_mut().push(millis);
            });
        }
        wait_until(|| woken.borrow().len() == 5).await;
        assert_eq!(*woken.borrow(), [0, 10, 10, 20, 30]);
    });
}

#[test]
fn another_thread_may_wake_a_task() {
    within_deadline(|| async {
        let wakes = Arc::new(AtomicBool::new(false));
        let mut started = false;
        poll_fn(|context| {
            if wakes.load(Ordering::Acquire) {
                return Poll::Ready(());
            }
            assert!(!started, "woken for nothing");
            started = true;
            let (waker, wakes) = (context.waker().clone(), wakes.clone());
            thread::spawn(move || {
                thread::sleep(Duration::from_millis(20));
                wakes.store(true, Ordering::Release);
                waker.wake();
            });
            Poll::Pending
        })
        .await;
    });
}

#[test]
fn a_task_that_always_finds_something_lets_others_run() {
    within_deadline(|| async {
        let (conn, mut client) = pair().await;
        client.write_all(&[b'x'; 1000]).unwrap();
        let (rounds, all) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(false)));
        let (its_rounds, is_all) = (rounds.clone(), all.clone());
        spawn(async move {
            while !is_all.get() {
                its_rounds.set(its_rounds.get() + 1);
                yield_now().await;
            }
        });
        let mut received = 0;
        while received < 1000 {
            received += conn.recv(&mut [0]).await.unwrap().len();
        }
        all.set(true);
        // One for each hundred calls, at least.
        assert!(rounds.get() >= 10, "{}", rounds.get());
    });
}

#[test]
fn the_end_of_the_stream_is_seen_however_it_comes() {
    within_deadline(|| async {
        for pause in [0, 5] {
            let (conn, mut client) = pair().await;
            client.write_all(b"last").unwrap();
            sleep(Duration::from_millis(pause)).await;
            client.shutdown(Shutdown::Write).unwrap();
            let mut buffer = [0; 1024];
            assert_eq!(conn.recv(&mut buffer).await.unwrap(), b"last");
            assert_eq!(conn.recv(&mut buffer).await.unwrap(), b"");
        }
    });
}

/// Polls `work` once, which has to wait.
async fn begin<F: Future + Unpin>(work: &mut F) {
    poll_fn(|context| {
        assert!(Pin::new(&mut *work).poll(context).is_pending());
        Poll::Ready(())
    })
    .await
}

fn is_taken<T>(second: io::Result<T>) -> bool {
    second.is_err_and(|error| error.to_string() == "another task waits for this socket already")
}

#[test]
fn waiting_at_the_same_time_as_another_task_for_bytes_is_an_error() {
    within_deadline(|| async {
        let (conn, mut client) = pair().await;
        let conn = Rc::new(conn);
        let first = Rc::new(Cell::new(0));
        let (its_conn, its_first) = (conn.clone(), first.clone());
        spawn(async move {
            its_first.set(its_conn.recv(&mut [0; 8]).await.unwrap().len());
        });
        yield_now().await;
        assert!(is_taken(conn.recv(&mut [0; 8]).await));
        client.write_all(b"first").unwrap();
        wait_until(|| first.get() == 5).await;
        client.write_all(b"then").unwrap();
        assert_eq!(conn.recv(&mut [0; 8]).await.unwrap(), b"then");
    });
}

#[test]
fn waiting_at_the_same_time_as_another_task_for_room_is_an_error() {
    within_deadline(|| async {
        let (conn, mut client) = pair().await;
        let conn = Rc::new(conn);
        let (much, is_sent) = (vec![b'x'; 1 << 24], Rc::new(Cell::new(false)));
        let length = much.len();
        let (its_conn, its_sent) = (conn.clone(), is_sent.clone());
        spawn(async move {
            its_conn.sendall(&much).await.unwrap();
            its_sent.set(true);
        });
        yield_now().await;
        assert!(is_taken(conn.send(b"second").await));
        let reader = thread::spawn(move || client.read_exact(&mut vec![0; length]).unwrap());
        wait_until(|| is_sent.get()).await;
        reader.join().unwrap();
        assert_eq!(conn.send(b"second").await.unwrap(), 6);
    });
}

#[test]
fn waiting_at_the_same_time_as_another_task_for_a_client_is_an_error() {
    within_deadline(|| async {
        let (socket, addr) = listener();
        let listener = Rc::new(Listener::new(socket).unwrap());
        let first = Rc::new(Cell::new(false));
        let (its_listener, its_first) = (listener.clone(), first.clone());
        spawn(async move { its_first.set(its_listener.accept().await.is_ok()) });
        yield_now().await;
        assert!(is_taken(listener.accept().await));
        let _client = TcpStream::connect(addr).unwrap();
        wait_until(|| first.get()).await;
        let _next = TcpStream::connect(addr).unwrap();
        assert!(listener.accept().await.is_ok());
    });
}

#[test]
fn after_a_recv_that_was_dropped_another_task_may_wait() {
    within_deadline(|| async {
        let (conn, mut client) = pair().await;
        let mut buffer = [0; 8];
        let mut dropped = Box::pin(conn.recv(&mut buffer));
        begin(&mut dropped).await;
        drop(dropped);
        let received = Rc::new(Cell::new(0));
        let its_received = received.clone();
        spawn(async move { its_received.set(conn.recv(&mut [0; 8]).await.unwrap().len()) });
        yield_now().await;
        client.write_all(b"again").unwrap();
        wait_until(|| received.get() == 5).await;
    });
}

#[test]
fn a_sleep_that_was_dropped_is_forgotten() {
    within_deadline(|| async {
        let timers = || current().unwrap().timers.borrow().len();
        let mut sleeps: Vec<_> = (0..1000).map(|_| Box::pin(sleep(DEADLINE))).collect();
        for sleep in &mut sleeps {
            begin(sleep).await;
        }
        assert_eq!(timers(), 1000);
        let kept = sleeps.split_off(998);
        drop(sleeps);
        assert_eq!(timers(), 2);
        drop(kept);
        // One that was never begun, and one that ends by itself.
        drop(sleep(DEADLINE));
        sleep(Duration::from_millis(1)).await;
        assert_eq!(timers(), 0);
    });
}

#[test]
fn a_number_of_a_task_that_has_ended_is_used_again() {
    within_deadline(|| async {
        let count = Rc::new(Cell::new(0));
        for round in 1..=100 {
            let its_count = count.clone();
            spawn(async move { its_count.set(round) });
            wait_until(|| count.get() == round).await;
        }
        assert!(current().unwrap().works.borrow().len() <= 3);
    });
}

#[test]
fn tasks_that_are_left_are_dropped_at_the_end() {
    struct Noted(Rc<Cell<bool>>);
    impl Drop for Noted {
        fn drop(&mut self) {
            self.0.set(true);
        }
    }
    let dropped = Rc::new(Cell::new(false));
    let noted = Noted(dropped.clone());
    let left = async move {
        let _noted = noted;
        sleep(DEADLINE).await;
    };
    // It has begun to wait when it is left.
    run(async {
        spawn(left);
        yield_now().await;
    })
    .unwrap();
    assert!(dropped.get());
}
