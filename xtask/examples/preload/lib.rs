//! What the tester preloads into a server (LD_PRELOAD, ld.so(8)): a kernel that is as unhelpful as
//! it may be.
//!
//! A real kernel cuts a short message almost never, and a signal comes seldom. Here each recv(2)
//! and send(2) moves a random part of what was asked for, calls that wait end with EINTR now and
//! then, and the send buffer shrinks for every fourth send, so that the kernel refuses what did not
//! fit; while the tester wants it, for each send, and a buffer that is full then stays small. It
//! never makes up an EAGAIN for a socket: an edge-triggered server would wait in vain for the
//! readiness that follows a real one; and it can be told to cut no receive, because epoll(7) lets a
//! server take a short one for the last. listen(2) takes its time, so that a server that says too
//! early where it listens is asked in vain. Now and then io_uring takes no requests. It can be told to
//! let epoll refuse a descriptor, to refuse threads and processes for a while, to know few ways to
//! set up a ring of io_uring, and to claim that a receive got more than there is room for, at which
//! a server panics.
//!
//! - `sys`: the functions that replace libc's
//! - `plan`: what happens to the next call
//! - `counts`: what happened, for the tester to read, and what the tester wants

mod counts;
mod plan;
mod sys;
