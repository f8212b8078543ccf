//! Ends the process between two statements, as `kill -9` does: nothing is unwound, flushed or answered.

use std::sync::atomic::{AtomicI64, Ordering};

/// Steps left; negative while nothing is armed.
static LEFT: AtomicI64 = AtomicI64::new(-1);

/// From now on the process ends after so many steps: statements, and BEGIN, COMMIT and savepoints before and after.
pub fn arm(steps: u32) {
    LEFT.store(i64::from(steps), Ordering::SeqCst);
}

/// How many steps were left when what was to be watched was over; stops the watch.
pub fn disarm() -> i64 {
    LEFT.swap(-1, Ordering::SeqCst)
}

pub(crate) fn step() {
    let left = LEFT.load(Ordering::SeqCst);
    if left < 0 {
        return;
    }
    if left == 0 {
        std::process::abort();
    }
    LEFT.store(left - 1, Ordering::SeqCst);
}
