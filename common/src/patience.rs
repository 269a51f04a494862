//! Starting threads and processes, which the system may refuse.
//!
//! Models in two crates start a thread or a process for each client, so this is in `common`.

use std::fmt::Display;
use std::io;
use std::thread;

use crate::accept::PAUSE;
use crate::warn;

/// Repeats a call that starts `what`, a thread or a process, while the system has no room for it
/// (EAGAIN or ENOMEM, fork(2), pthread_create(3)). That it waits is printed once.
///
/// # Errors
/// Other errors of the call, with the name of what it starts.
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

/// Adds a name to the error of a thread without which a program cannot begin:
/// `start worker 3 of 10: Resource temporarily unavailable (os error 11)`.
///
/// # Errors
/// The error with that name.
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
