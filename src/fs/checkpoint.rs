//! The moments before the disk changes, one by one, for a test that ends the process there.

use std::sync::OnceLock;

static OBSERVER: OnceLock<fn(&'static str)> = OnceLock::new();

/// Has a function called before every change of the disk, with what is about to be done, in the thread that does it. The
/// first observer stays. gv itself has none.
pub fn observe(observer: fn(&'static str)) {
    OBSERVER.get_or_init(|| observer);
}

/// Says that the disk is about to change.
pub fn checkpoint(change: &'static str) {
    if let Some(observer) = OBSERVER.get() {
        observer(change);
    }
}
