//! Pauses between attempts: they double, with jitter, so that many clients do not come back at once.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

use super::{Client, Failure, Kind};

/// Counts the attempts at one thing.
#[derive(Debug)]
pub(crate) struct Backoff {
    left: u32,
    delay: Duration,
    patient: bool,
}

impl Backoff {
    pub(crate) fn new(client: &Client) -> Backoff {
        Backoff { left: client.config().retries, delay: client.config().retry_delay, patient: false }
    }

    /// For what was under way: a server that cannot be reached is waited for, too.
    pub(crate) fn patient(client: &Client) -> Backoff {
        Backoff { patient: true, ..Backoff::new(client) }
    }

    /// Waits before the next attempt, or returns the failure if there is to be none.
    pub(crate) fn wait(&mut self, failure: Failure, client: &Client) -> Result<(), Failure> {
        let asked = match failure.kind {
            Kind::Transient(asked) => asked,
            Kind::Unreachable if self.patient => None,
            _ => return Err(failure),
        };
        if self.left == 0 {
            return Err(failure);
        }
        self.left -= 1;
        let pause = asked.unwrap_or_default().max(jittered(self.delay));
        self.delay = self.delay.saturating_mul(2);
        client.sleep(pause)
    }
}

/// Between half of `delay` and the whole. `RandomState` is the standard library's only source of chance.
fn jittered(delay: Duration) -> Duration {
    let half = delay / 2;
    let span = u64::try_from(half.as_nanos()).unwrap_or(u64::MAX).max(1);
    half + Duration::from_nanos(RandomState::new().build_hasher().finish() % span)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_lies_between_half_and_the_whole() {
        for _ in 0..100 {
            let pause = jittered(Duration::from_millis(500));
            assert!((250..=500).contains(&pause.as_millis()), "{pause:?}");
        }
        assert!(jittered(Duration::ZERO) <= Duration::from_nanos(1));
    }
}
