//! Work that makes more work, shared by threads.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// A stack of jobs: the newest first, so that few of them wait at any time.
pub(super) struct Queue<J> {
    state: Mutex<State<J>>,
    changed: Condvar,
}

struct State<J> {
    jobs: Vec<J>,
    /// Jobs that were taken and may still make others.
    at_work: usize,
    stopped: bool,
}

impl<J> Queue<J> {
    pub(super) fn new(first: J) -> Queue<J> {
        Queue { state: Mutex::new(State { jobs: vec![first], at_work: 0, stopped: false }), changed: Condvar::new() }
    }

    /// A job; `None` once all are done. Each one that is taken has to be given to [`Queue::done`].
    pub(super) fn next(&self) -> Option<J> {
        let mut state = self.state();
        loop {
            if state.stopped {
                return None;
            }
            if let Some(job) = state.jobs.pop() {
                state.at_work += 1;
                return Some(job);
            }
            if state.at_work == 0 {
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// A job is done, and has made others.
    pub(super) fn done(&self, more: Vec<J>) {
        let mut state = self.state();
        state.at_work -= 1;
        let news = !more.is_empty() || state.at_work == 0;
        state.jobs.extend(more);
        drop(state);
        if news {
            self.changed.notify_all();
        }
    }

    /// Nothing more is handed out.
    pub(super) fn stop(&self) {
        self.state().stopped = true;
        self.changed.notify_all();
    }

    fn state(&self) -> MutexGuard<'_, State<J>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[test]
    fn every_job_and_all_that_come_of_it_are_done_once() {
        let (queue, count) = (Queue::new(6_u32), AtomicU32::new(0));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    while let Some(job) = queue.next() {
                        count.fetch_add(1, Ordering::Relaxed);
                        // Two of each below, down to 0: a tree of 2^7 - 1 jobs.
                        queue.done(job.checked_sub(1).map_or_else(Vec::new, |below| vec![below, below]));
                    }
                });
            }
        });
        assert_eq!(count.load(Ordering::Relaxed), 127);
    }

    #[test]
    fn what_is_stopped_hands_out_nothing() {
        let queue = Queue::new(1);
        queue.stop();
        assert_eq!(queue.next(), None);
    }
}
