//! Python's `select.select`.

use std::io;
use std::os::fd::AsRawFd;
use std::time::Duration;

use common::uninterrupted_within;

use crate::sys::{self, FdSet};

/// The three lists of [`select`]: readable, writable, exceptional.
pub type Ready<T> = (Vec<T>, Vec<T>, Vec<T>);

/// `select.select(rlist, wlist, xlist, timeout)`: waits until an object is readable, is writable,
/// or has an exceptional condition (for TCP, out-of-band data). It returns those objects, in the
/// order of their lists. After a time-out the lists are empty.
///
/// # Errors
/// `InvalidInput` for a descriptor that select(2) cannot hold ([`FD_SETSIZE`](crate::FD_SETSIZE));
/// others of select(2). A signal does not end the wait (PEP 475).
pub fn select<T: AsRawFd + Clone>(
    rlist: &[T],
    wlist: &[T],
    xlist: &[T],
    timeout: Option<Duration>,
) -> io::Result<Ready<T>> {
    let objects = rlist.iter().chain(wlist).chain(xlist);
    let nfds = objects.map(number).max().map_or(0, |highest| highest + 1);
    uninterrupted_within(timeout, |left| {
        // The kernel overwrites the sets with its answer, so they are filled for each call.
        let (mut read, mut write, mut except) = (fill(rlist)?, fill(wlist)?, fill(xlist)?);
        sys::select(nfds, &mut read, &mut write, &mut except, left)?;
        Ok((pick(rlist, &read), pick(wlist, &write), pick(xlist, &except)))
    })
}

fn number<T: AsRawFd>(object: &T) -> i32 {
    object.as_raw_fd()
}

fn fill<T: AsRawFd>(objects: &[T]) -> io::Result<FdSet> {
    let mut set = FdSet::new();
    for object in objects {
        set.insert(number(object))?;
    }
    Ok(set)
}

fn pick<T: AsRawFd + Clone>(objects: &[T], ready: &FdSet) -> Vec<T> {
    let ready = objects.iter().filter(|object| ready.contains(number(*object)));
    ready.cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::os::unix::net::UnixStream;
    use std::rc::Rc;
    use std::time::Instant;

    const AT_ONCE: Option<Duration> = Some(Duration::ZERO);

    #[test]
    fn what_is_ready_comes_back_in_order() {
        let (a, mut a_peer) = UnixStream::pair().unwrap();
        let (b, mut b_peer) = UnixStream::pair().unwrap();
        let list = [Rc::new(b), Rc::new(a)];
        let (r, w, x) = select(&list, &list, &list, AT_ONCE).unwrap();
        assert_eq!((r.len(), w.len(), x.len()), (0, 2, 0));
        a_peer.write_all(b"a").unwrap();
        b_peer.write_all(b"b").unwrap();
        let (r, _, _) = select(&list, &[], &[], None).unwrap();
        assert!(Rc::ptr_eq(&r[0], &list[0]) && Rc::ptr_eq(&r[1], &list[1]));
    }

    #[test]
    fn an_object_that_was_not_read_is_reported_again() {
        let (a, mut peer) = UnixStream::pair().unwrap();
        peer.write_all(b"x").unwrap();
        let list = [Rc::new(a)];
        for _ in 0..3 {
            assert_eq!(select(&list, &[], &[], None).unwrap().0.len(), 1);
        }
    }

    #[test]
    fn a_time_out_gives_empty_lists() {
        let (a, _peer) = UnixStream::pair().unwrap();
        let start = Instant::now();
        let timeout = Duration::from_millis(20);
        let (r, w, x) = select(&[Rc::new(a)], &[], &[], Some(timeout)).unwrap();
        assert!(r.is_empty() && w.is_empty() && x.is_empty());
        assert!(start.elapsed() >= timeout);
    }
}
