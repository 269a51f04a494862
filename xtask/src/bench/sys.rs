//! A ring's queue, with a safe face.
#![allow(unsafe_code)]

use std::os::fd::RawFd;

use anyhow::{Context, Result};
use io_uring::{IoUring, opcode, types};

/// Asks a ring, with its next submission, to tell by `number` when `fd` has something to read.
///
/// # Errors
/// When its queue is full.
pub fn ask_for_input(ring: &mut IoUring, fd: RawFd, number: u64) -> Result<()> {
    const POLLIN: u32 = nix::poll::PollFlags::POLLIN.bits() as u32;
    let entry = opcode::PollAdd::new(types::Fd(fd), POLLIN).build().user_data(number);
    let mut queue = ring.submission();
    // SAFETY: the entry points to no memory.
    unsafe { queue.push(&entry) }.context("a full queue of io_uring")
}
