//! A tester that is stopped, by Ctrl-Z or SIGSTOP. Its servers have process groups of their own, so
//! they run on, and its deadlines pass: what it saw meanwhile says nothing about them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::SIGCONT;
use signal_hook::{flag, low_level};

/// Does `work`, again and again until this process was not stopped meanwhile.
pub fn undisturbed<T>(mut work: impl FnMut() -> T) -> T {
    loop {
        let continued = Arc::new(AtomicBool::new(false));
        let watch = flag::register(SIGCONT, continued.clone()).expect("SIGCONT can be caught");
        let done = work();
        low_level::unregister(watch);
        if !continued.load(Ordering::Relaxed) {
            return done;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_done_across_a_stop_is_done_again() {
        let mut times = 0;
        let done = undisturbed(|| {
            times += 1;
            if times < 3 {
                // It goes to this thread, so it is handled before this returns (raise(3)).
                low_level::raise(SIGCONT).unwrap();
            }
            times
        });
        assert_eq!(done, 3);
    }
}
