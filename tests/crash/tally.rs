//! Counting, and doing many cases in a few lanes.

use std::io::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Which points of all are tried.
#[derive(Clone, Copy, Debug)]
pub(super) enum Sample {
    /// All, and on until a run ends unhit.
    All,
    /// Every so many-th, from this one on.
    Every(usize, usize),
}

impl Sample {
    /// Whether the point of that number is tried.
    pub(super) fn takes(self, number: usize) -> bool {
        match self {
            Sample::All => true,
            Sample::Every(step, first) => number % step == first % step,
        }
    }
}

/// What one case came to.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// How often the command was broken off, or made to meet an error.
    pub(super) hit: usize,
    /// What was broken afterwards.
    pub(super) broken: Vec<String>,
    /// Something that it takes is not here, which was said.
    pub(super) skipped: bool,
}

impl Tally {
    /// Counts one hit, and what was wrong after it.
    pub(super) fn add(&mut self, point: &str, wrong: &[String]) {
        self.hit += 1;
        self.broken.extend((!wrong.is_empty()).then(|| format!("{point}: {}", wrong.join("; "))));
    }
}

/// One line on standard error, which is not captured: the counts are what these tests are for.
pub(super) fn tell(line: &str) {
    // A closed standard error is no reason to fail.
    let _ = writeln!(std::io::stderr(), "crash-proof: {line}");
}

/// Runs a job for each item, two at once, and tells their counts; fails if anything was broken.
pub(super) fn in_lanes<'a, T: Sync>(what: &str, items: &'a [T], job: impl Fn(&'a T) -> Tally + Sync) {
    let started = std::time::Instant::now();
    let (next, sum) = (AtomicUsize::new(0), Mutex::new(Tally::default()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            // Named like the test, for what is skipped.
            let builder = std::thread::Builder::new().name(what.to_owned());
            let lane = || {
                while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let tally = job(item);
                    let mut sum = sum.lock().expect("no lane panics here");
                    sum.hit += tally.hit;
                    sum.broken.extend(tally.broken);
                    sum.skipped |= tally.skipped;
                }
            };
            builder.spawn_scoped(scope, lane).expect("a thread");
        }
    });
    let sum = sum.into_inner().expect("no lane panics here");
    let seconds = started.elapsed().as_secs();
    tell(&format!("{what}: {} in all, {} broken, {seconds} s", sum.hit, sum.broken.len()));
    assert!(sum.hit > 0 || sum.skipped, "{what}: nothing was tried");
    let shown: Vec<&str> = sum.broken.iter().take(50).map(String::as_str).collect();
    assert!(sum.broken.is_empty(), "{what}: {} broken\n{}", sum.broken.len(), shown.join("\n"));
}
