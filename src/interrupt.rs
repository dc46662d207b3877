//! Interrupts: the work unwinds and cleans up after itself, then the process dies by the signal that came.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::thread;
use std::time::Duration;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

use crate::error::{At, Result};

/// How long cleaning up may take before the process dies all the same.
const GRACE: Duration = Duration::from_secs(5);

/// Watches for SIGINT, SIGTERM and SIGHUP while work is under way that has to be cleaned up.
#[derive(Debug)]
pub struct Interrupts {
    flag: Arc<AtomicBool>,
    signal: Arc<AtomicI32>,
}

impl Interrupts {
    /// Begins to watch; SIGHUP stays ignored if it was so from the start. A second signal, or a clean-up that takes too long, ends the process at once; what that
    /// leaves in staging is harmless and swept later.
    pub fn watch() -> Result<Interrupts> {
        let interrupts = Interrupts { flag: Arc::default(), signal: Arc::default() };
        let hangup = if is_ignored(SIGHUP) { None } else { Some(SIGHUP) };
        let mut signals =
            Signals::new([SIGINT, SIGTERM].into_iter().chain(hangup)).at("watch for", "signals".as_ref())?;
        let (flag, first) = (interrupts.flag.clone(), interrupts.signal.clone());
        thread::spawn(move || {
            for signal in signals.forever() {
                if first.compare_exchange(0, signal, Ordering::SeqCst, Ordering::SeqCst).is_err() {
                    die(signal);
                }
                flag.store(true, Ordering::SeqCst);
                thread::spawn(move || {
                    thread::sleep(GRACE);
                    die(signal);
                });
            }
        });
        Ok(interrupts)
    }

    /// Set once a signal has come.
    pub fn flag(&self) -> Arc<AtomicBool> {
        self.flag.clone()
    }

    /// Whether a signal has come.
    pub fn came(&self) -> bool {
        self.flag.load(Ordering::SeqCst)
    }

    /// Dies by the signal that came, if one came; for when everything is cleaned up.
    pub fn conclude(&self) {
        match self.signal.load(Ordering::SeqCst) {
            0 => {}
            signal => die(signal),
        }
    }
}

/// Whether gv was started with a signal ignored, as `nohup` does with SIGHUP; `false` where /proc cannot tell.
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default();
    mask >> (signal - 1) & 1 == 1
}

fn die(signal: i32) {
    if emulate_default_handler(signal).is_err() {
        std::process::exit(128 + signal);
    }
}
