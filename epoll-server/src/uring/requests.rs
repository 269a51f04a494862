//! The requests that have not completed, each under a number of its own.

use std::mem::ManuallyDrop;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::ptr::null_mut;

use io_uring::types::{Fd, Timespec};
use io_uring::{opcode, squeue};

use crate::uring::sys::{BUFFER_SIZE, Buffer, GROUP};

/// How long a timer takes; the kernel reads it from here.
static TIMER: Timespec = Timespec::new().nsec(10_000_000);

/// The kernel waits for data before it tries to receive some (io_uring_prep_recv(3),
/// IORING_RECVSEND_POLL_FIRST), so a client that is silent needs no buffer.
const POLL_FIRST: u16 = 1;

/// A request, with everything that belongs to the kernel meanwhile.
pub enum Request {
    /// The clients of a listener, one after the other.
    Accept(RawFd),
    /// Data of a client. If there is none ready, the kernel waits for it.
    Receive { client: OwnedFd, is_ready: bool },
    /// To send a client what is in a buffer, or a part of that.
    Send(OwnedFd, Buffer),
    /// A completion after a while.
    Timer,
}

impl Request {
    /// The request as the kernel takes it.
    pub fn entry(&self) -> squeue::Entry {
        match self {
            Request::Accept(listener) => {
                opcode::AcceptMulti::new(Fd(*listener)).flags(libc::SOCK_CLOEXEC).build()
            }
            Request::Receive { client, is_ready } => {
                opcode::Recv::new(Fd(client.as_raw_fd()), null_mut(), BUFFER_SIZE as u32)
                    .ioprio(if *is_ready { 0 } else { POLL_FIRST })
                    .buf_group(GROUP)
                    .build()
                    .flags(squeue::Flags::BUFFER_SELECT)
            }
            Request::Send(client, data) => {
                opcode::Send::new(Fd(client.as_raw_fd()), data.as_ptr(), data.len() as u32)
                    .flags(libc::MSG_NOSIGNAL)
                    .build()
            }
            Request::Timer => opcode::Timeout::new(&raw const TIMER).build(),
        }
    }
}

/// The requests that the kernel has.
#[derive(Default)]
pub struct Requests {
    /// Never freed: the kernel may read what is in them.
    slots: ManuallyDrop<Vec<Slot>>,
    free: Vec<u32>,
}

/// A place in the table.
#[derive(Default)]
struct Slot {
    /// How many requests were here before.
    generation: u32,
    request: Option<Request>,
}

impl Requests {
    /// Keeps a request until it ends, and returns its number: the place, and how many requests were
    /// there before. So a late completion finds no newer request.
    pub fn begin(&mut self, request: Request) -> u64 {
        let index = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot::default());
            (self.slots.len() - 1) as u32
        });
        let slot = &mut self.slots[index as usize];
        slot.request = Some(request);
        u64::from(slot.generation) << 32 | u64::from(index)
    }

    /// Returns the request with this number, whose last completion has come.
    pub fn end(&mut self, number: u64) -> Option<Request> {
        let slot = self.slots.get_mut(index(number))?;
        if slot.generation != (number >> 32) as u32 {
            return None;
        }
        let request = slot.request.take()?;
        slot.generation = slot.generation.wrapping_add(1);
        self.free.push(index(number) as u32);
        Some(request)
    }
}

/// The place of the request with this number.
fn index(number: u64) -> usize {
    number as u32 as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_finds_no_later_request() {
        let mut requests = Requests::default();
        let first = requests.begin(Request::Accept(3));
        let second = requests.begin(Request::Timer);
        assert!(matches!(requests.end(first), Some(Request::Accept(3))));
        assert!(requests.end(first).is_none(), "it has ended");
        let third = requests.begin(Request::Accept(4));
        assert_eq!(index(third), index(first), "the place is used again");
        assert!(requests.end(first).is_none(), "a late completion finds no newer request");
        assert!(matches!(requests.end(third), Some(Request::Accept(4))));
        assert!(matches!(requests.end(second), Some(Request::Timer)));
        assert!(requests.end(99).is_none(), "no request had that number");
    }
}
