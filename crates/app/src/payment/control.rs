//! For control runs of the tests only: a defence that can be switched off, so that its absence is seen to do harm.

use std::sync::atomic::{AtomicBool, Ordering};

static BLIND: AtomicBool = AtomicBool::new(false);

/// From now on attempts are closed without asking the channel, in this whole process.
pub fn close_blindly() {
    BLIND.store(true, Ordering::SeqCst);
}

pub(super) fn closes_blindly() -> bool {
    BLIND.load(Ordering::SeqCst)
}
