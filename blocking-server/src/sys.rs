//! fork(2), wait(2) and their signal, as safe functions.
#![allow(unsafe_code)]

use std::fs;
use std::io;
use std::mem::zeroed;
use std::os::unix::fs::MetadataExt;
use std::ptr::null_mut;

/// fork(2): 0 in the new process, and the new process's number in the old one.
///
/// # Errors
/// That this process has several threads, of which only the one that calls would be copied.
pub fn fork() -> io::Result<u32> {
    let threads = threads()?;
    if threads > 1 {
        let message = format!("{threads} threads run here, and the child would have one of them");
        return Err(io::Error::other(message));
    }
    // SAFETY: fork takes no pointers; there is no other thread, which might hold a lock.
    let child = check(unsafe { libc::fork() })?;
    Ok(child.cast_unsigned())
}

/// How many threads this process has. The kernel counts each as a link to this folder
/// (proc_task_getattr in fs/proc/base.c), and to ask for that takes no descriptor.
fn threads() -> io::Result<u64> {
    const TASK: &str = "/proc/self/task";
    const OWN_LINKS: u64 = 2;
    let task = fs::metadata(TASK);
    let task = task.map_err(|error| io::Error::new(error.kind(), format!("{TASK}: {error}")))?;
    Ok(task.nlink().saturating_sub(OWN_LINKS))
}

/// prctl(2) with PR_SET_PDEATHSIG: this process is killed when its parent ends.
pub fn end_with_parent() -> io::Result<()> {
    // SAFETY: PR_SET_PDEATHSIG takes a signal's number and no pointers.
    check(unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) }).map(drop)
}

/// waitpid(2) for any child: its number, and its status as the kernel tells it.
///
/// # Errors
/// EINTR when a signal came first; ECHILD when there is no child.
pub fn wait() -> io::Result<(u32, i32)> {
    let mut status = 0;
    // SAFETY: status lives through the call.
    let child = check(unsafe { libc::waitpid(-1, &raw mut status, 0) })?;
    Ok((child.cast_unsigned(), status))
}

/// Keeps each child that ends until wait(2), which is the default of SIGCHLD. A process inherits
/// that its parent ignored that signal (execve(2)), and then there is no child to wait for
/// (waitpid(2)).
///
/// # Errors
/// Those of sigaction(2).
pub fn leave_children_to_wait() -> io::Result<()> {
    // SAFETY: sigaction is integers, a mask of integers and null pointers, for which zero is a
    // value: SIG_DFL, and no flag.
    let action: libc::sigaction = unsafe { zeroed() };
    // SAFETY: action lives through the call.
    check(unsafe { libc::sigaction(libc::SIGCHLD, &raw const action, null_mut()) }).map(drop)
}

/// Waits for each child as soon as it ends (SIGCHLD), also during accept(2), which continues
/// afterwards (SA_RESTART, signal(7)).
///
/// # Errors
/// Those of sigaction(2).
pub fn wait_on_sigchld() -> io::Result<()> {
    // SAFETY: sigaction is integers, a mask of integers and null pointers, for which zero is a
    // value.
    let mut action: libc::sigaction = unsafe { zeroed() };
    action.sa_sigaction = wait_for_all as extern "C" fn(libc::c_int) as libc::sighandler_t;
    action.sa_flags = libc::SA_RESTART;
    // SAFETY: action lives through the call; its handler calls only what a handler may call.
    check(unsafe { libc::sigaction(libc::SIGCHLD, &raw const action, null_mut()) }).map(drop)
}

/// Waits for every child that has ended. One signal may be for many of them (signal(7)), so it
/// loops until there is none.
extern "C" fn wait_for_all(_signal: libc::c_int) {
    // SAFETY: __errno_location takes nothing.
    let errno = unsafe { libc::__errno_location() };
    // SAFETY: the address is the calling thread's own.
    let interrupted = unsafe { *errno };
    // SAFETY: a null status is allowed, and a signal handler may call waitpid (signal-safety(7)).
    while unsafe { libc::waitpid(-1, null_mut(), libc::WNOHANG) } > 0 {}
    // The interrupted code finds its own error again.
    // SAFETY: as above.
    unsafe { *errno = interrupted };
}

fn check(result: libc::c_int) -> io::Result<libc::c_int> {
    if result == -1 {
        return Err(io::Error::last_os_error());
    }
    Ok(result)
}
