//! System calls that the measurements make and no library gives a safe face.
#![allow(unsafe_code)]

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::ptr::null_mut;

use rustix::event::{FdSetElement, FdSetIter, Timespec, fd_set_insert, fd_set_num_elements};
use rustix::io;
use rustix::mm::{MapFlags, ProtFlags, mmap, munmap};

/// select(2) as the kernel has it, with sets as long as the highest descriptor asks for, however
/// high that is: returns those of `readers` that are readable when it returns. The sets of writers
/// and of exceptions are empty.
///
/// # Errors
/// Those of select(2); EINTR when a signal came first.
pub fn select(readers: &[BorrowedFd<'_>], timeout: &Timespec) -> io::Result<Vec<RawFd>> {
    let numbers = readers.iter().map(AsRawFd::as_raw_fd);
    let nfds = numbers.clone().max().map_or(0, |highest| highest + 1);
    let empty = vec![FdSetElement::default(); fd_set_num_elements(readers.len(), nfds)];
    let (mut read, mut write, mut except) = (empty.clone(), empty.clone(), empty);
    numbers.for_each(|number| fd_set_insert(&mut read, number));
    let sets = (Some(&mut read[..]), Some(&mut write[..]), Some(&mut except[..]));
    // SAFETY: each set has room for `nfds` bits, and holds only descriptors that are open.
    unsafe { rustix::event::select(nfds, sets.0, sets.1, sets.2, Some(timeout)) }?;
    Ok(FdSetIter::new(&read).collect())
}

/// Whether mmap(2) gives the memory of a descriptor; it is given back at once.
///
/// # Errors
/// Those of mmap(2): ENODEV where there is no memory to share.
pub fn share_memory(descriptor: impl AsFd, length: usize) -> io::Result<()> {
    let (prot, flags) = (ProtFlags::READ, MapFlags::SHARED);
    // SAFETY: the kernel chooses a place where nothing is.
    let memory = unsafe { mmap(null_mut(), length, prot, flags, descriptor, 0) }?;
    // SAFETY: the memory was mapped just now, with this length, and nothing refers to it.
    unsafe { munmap(memory, length) }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::os::unix::net::UnixStream;

    use super::*;

    const AT_ONCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 0 };

    #[test]
    fn select_returns_those_that_are_readable() {
        let (silent, _peer) = UnixStream::pair().unwrap();
        let (closed, peer) = UnixStream::pair().unwrap();
        drop(peer);
        let readers = [silent.as_fd(), closed.as_fd()];
        assert_eq!(select(&readers, &AT_ONCE), Ok(vec![closed.as_raw_fd()]));
        assert_eq!(select(&readers[..1], &AT_ONCE), Ok(Vec::new()));
    }

    #[test]
    fn a_file_shares_its_memory_and_a_socket_does_not() {
        let file = File::open(std::env::current_exe().unwrap()).unwrap();
        assert_eq!(share_memory(&file, 4096), Ok(()));
        let (socket, _peer) = UnixStream::pair().unwrap();
        assert_eq!(share_memory(&socket, 4096), Err(io::Errno::NODEV));
    }
}
