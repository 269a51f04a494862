//! What the system may answer instead of a new thread or process.

use std::fmt::Display;
use std::io;
use std::thread;

use crate::accept::PAUSE;
use crate::warn;

/// Makes a call that starts `what`, a thread or a process, again until the system has room for it
/// (EAGAIN or ENOMEM, fork(2), pthread_create(3)). That it has to wait is said once.
///
/// # Errors
/// Those of the call, except for want of room, with the name of what it starts.
pub fn start_patiently<T>(what: &str, mut start: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    let mut said = false;
    loop {
        let error = match start() {
            Err(error) => error,
            started => return started,
        };
        if !matches!(error.raw_os_error(), Some(libc::EAGAIN | libc::ENOMEM)) {
            return Err(named(what, error));
        }
        if !said {
            warn!("{what}: {error}; the next client waits until there is room for it");
            said = true;
        }
        thread::sleep(PAUSE);
    }
}

/// Returns what a program has just started, `what` of which it needs before it can serve anybody.
///
/// # Errors
/// That it did not start, with its name, as
/// `start worker 3 of 10: Resource temporarily unavailable (os error 11)`.
pub fn started<T>(what: impl Display, started: io::Result<T>) -> io::Result<T> {
    started.map_err(|error| named(format_args!("start {what}"), error))
}

fn named(what: impl Display, error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{what}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    fn os<T>(code: i32) -> io::Result<T> {
        Err(io::Error::from_raw_os_error(code))
    }

    #[test]
    fn what_the_system_has_no_room_for_is_tried_again_after_a_pause() {
        let mut answers = vec![Ok(7), os(libc::ENOMEM), os(libc::EAGAIN)];
        let start = Instant::now();
        assert_eq!(start_patiently("a thread", || answers.pop().unwrap()).unwrap(), 7);
        assert!(answers.is_empty() && start.elapsed() >= 2 * PAUSE);
    }

    #[test]
    fn what_it_will_never_start_is_an_error() {
        let error = start_patiently("fork", || os::<()>(libc::ENOSYS)).unwrap_err();
        assert_eq!(error.to_string(), "fork: Function not implemented (os error 38)");
    }

    #[test]
    fn what_did_not_start_has_a_name() {
        assert_eq!(started("worker 1 of 2", Ok(7)).unwrap(), 7);
        let error = started("worker 2 of 2", os::<()>(libc::EAGAIN)).unwrap_err();
        let text = "start worker 2 of 2: Resource temporarily unavailable (os error 11)";
        assert_eq!(error.to_string(), text);
    }
}
