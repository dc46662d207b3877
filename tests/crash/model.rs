//! The store as a model that a page can hold, and the search for an order of what processes did in which it all fits.

use std::collections::{BTreeSet, HashSet};
use std::time::Instant;

/// A command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Op {
    Install(&'static str),
    Use(&'static str),
    Rollback,
    Uninstall { version: &'static str, force: bool },
}

impl Op {
    /// The words of its command line.
    pub(super) fn words(self) -> String {
        match self {
            Op::Install(version) => format!("install {version} --json"),
            Op::Use(version) => format!("use {version} --json"),
            Op::Rollback => "rollback --json".to_owned(),
            Op::Uninstall { version, force: true } => format!("uninstall --force {version}"),
            Op::Uninstall { version, force: false } => format!("uninstall {version}"),
        }
    }
}

/// What a process did, as far as it told.
#[derive(Clone, Debug)]
pub(super) struct Did {
    pub(super) op: Op,
    pub(super) start: Instant,
    pub(super) end: Instant,
    pub(super) code: Option<i32>,
    /// Of an install: that there was nothing to do.
    pub(super) already: bool,
    /// Of a switch: the generation that it told of.
    pub(super) number: Option<u64>,
    /// For the report of a failure.
    pub(super) said: String,
}

/// A generation as it stands on the disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Made {
    pub(super) number: u64,
    pub(super) current: String,
    pub(super) previous: Option<String>,
    pub(super) reason: String,
}

/// The model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Store {
    pub(super) installed: BTreeSet<String>,
    pub(super) current: String,
    pub(super) previous: Option<String>,
    /// The last generation's number.
    pub(super) number: u64,
}

impl Store {
    /// The store after something was done, or `None` if it cannot have ended so now. `made` are the generations, in
    /// their order.
    fn after(&self, did: &Did, made: &[Made]) -> Option<Store> {
        let has = |version: &str| self.installed.contains(version);
        match (did.op, did.code?) {
            (Op::Install(version), 0) if did.already => has(version).then(|| self.clone()),
            (Op::Install(version), 0) => (!has(version)).then(|| self.with(version)),
            (Op::Use(version) | Op::Uninstall { version, .. }, 3) => (!has(version)).then(|| self.clone()),
            (Op::Use(version), 0) if self.current == version && did.number == Some(self.number) => Some(self.clone()),
            (Op::Use(version), 0) => {
                let kept = Some(self.current.clone()).filter(|current| has(current));
                has(version).then(|| self.flip(did, made, version, kept, &format!("use {version}")))?
            }
            (Op::Rollback, 0) => {
                let target = self.previous.as_deref().filter(|previous| has(previous))?;
                self.flip(did, made, target, Some(self.current.clone()), "rollback")
            }
            (Op::Rollback, 3) => self.previous.is_none().then(|| self.clone()),
            (Op::Uninstall { version, force: false }, 6) => {
                let needed = self.current == version || self.previous.as_deref() == Some(version);
                (has(version) && (needed || did.said.contains("in use"))).then(|| self.clone())
            }
            (Op::Uninstall { version, force }, 0) => self.removed(did, made, version, force),
            _ => None,
        }
    }

    fn with(&self, version: &str) -> Store {
        let mut store = self.clone();
        store.installed.insert(version.to_owned());
        store
    }

    /// The next generation has to be this one.
    fn flip(&self, did: &Did, made: &[Made], to: &str, from: Option<String>, reason: &str) -> Option<Store> {
        let next = made.iter().find(|made| made.number > self.number)?;
        let same = next.current == to && next.previous == from && next.reason == reason;
        let told = did.number.is_none_or(|number| number == next.number);
        let store = Store { current: to.to_owned(), previous: from, number: next.number, ..self.clone() };
        (same && told).then_some(store)
    }

    fn removed(&self, did: &Did, made: &[Made], version: &str, force: bool) -> Option<Store> {
        let reason = format!("uninstall {version}");
        let is_current = self.current == version;
        let is_previous = self.previous.as_deref() == Some(version);
        if !self.installed.contains(version) || ((is_current || is_previous) && !force) {
            return None;
        }
        let mut store = if is_current {
            let newest = || self.installed.iter().rev().find(|other| *other != version).cloned();
            let next = self.previous.clone().filter(|previous| self.installed.contains(previous)).or_else(newest)?;
            self.flip(did, made, &next, None, &reason)?
        } else if is_previous {
            self.flip(did, made, &self.current, None, &reason)?
        } else {
            self.clone()
        };
        store.installed.remove(version);
        Some(store)
    }
}

/// An order in which all of it can have been done, one after the other, from `before` on: what ended before another
/// began comes before it, and all generations are made. Returns the last state, or what fits last.
pub(super) fn linearise(before: &Store, history: &[Did], made: &[Made]) -> Result<Store, String> {
    assert!(history.len() <= 128, "a set of more would not fit");
    let mut search = Search { history, made, seen: HashSet::new(), deepest: 0, stuck: String::new() };
    search.from(before.clone(), 0).ok_or(search.stuck)
}

struct Search<'a> {
    history: &'a [Did],
    made: &'a [Made],
    /// What was done, in each order that led to nothing.
    seen: HashSet<u128>,
    deepest: u32,
    stuck: String,
}

impl Search<'_> {
    fn from(&mut self, mut store: Store, mut done: u128) -> Option<Store> {
        // What changes nothing is best done as soon as it can be.
        while let Some((at, _)) = self.next(&store, done).find(|(_, after)| *after == store) {
            done |= 1 << at;
        }
        let all_made = self.made.last().is_none_or(|last| last.number == store.number);
        if done.count_ones() as usize == self.history.len() && all_made {
            return Some(store);
        }
        if !self.seen.insert(done) {
            return None;
        }
        if done.count_ones() >= self.deepest {
            self.deepest = done.count_ones();
            let left: Vec<String> = self.left(done).map(|(_, did)| format!("{:?} {:?}", did.op, did.code)).collect();
            let made = self.made.iter().find(|made| made.number > store.number);
            self.stuck = format!("at {store:?} nothing fits of {left:?}; the next generation is {made:?}");
        }
        let choices: Vec<(usize, Store)> = self.next(&store, done).collect();
        for (at, after) in choices {
            store.clone_from(&after);
            if let Some(last) = self.from(after, done | 1 << at) {
                return Some(last);
            }
        }
        None
    }

    fn left(&self, done: u128) -> impl Iterator<Item = (usize, &Did)> {
        self.history.iter().enumerate().filter(move |(at, _)| done >> at & 1 == 0)
    }

    /// What can be next, with the state after it.
    fn next(&self, store: &Store, done: u128) -> impl Iterator<Item = (usize, Store)> {
        let first_end = self.left(done).map(|(_, did)| did.end).min();
        let open = self.left(done).filter(move |(_, did)| first_end.is_none_or(|end| did.start <= end));
        let store = store.clone();
        open.filter_map(move |(at, did)| store.after(did, self.made).map(|after| (at, after)))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn did(op: Op, from: u64, to: u64, code: i32, number: Option<u64>) -> Did {
        let zero = ZERO.get_or_init(Instant::now);
        let at = |seconds| *zero + Duration::from_secs(seconds);
        Did { op, start: at(from), end: at(to), code: Some(code), already: false, number, said: String::new() }
    }

    static ZERO: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();

    fn made(number: u64, current: &str, previous: &str, reason: &str) -> Made {
        Made { number, current: current.into(), previous: Some(previous.into()), reason: reason.into() }
    }

    fn store() -> Store {
        let installed = ["a", "b"].map(str::to_owned).into();
        Store { installed, current: "a".into(), previous: None, number: 0 }
    }

    #[test]
    fn what_overlaps_may_come_in_any_order_and_what_does_not_may_not() {
        let flips = [made(1, "b", "a", "use b"), made(2, "a", "b", "use a")];
        let right = [did(Op::Use("a"), 0, 9, 0, Some(2)), did(Op::Use("b"), 1, 2, 0, Some(1))];
        assert_eq!(linearise(&store(), &right, &flips).unwrap().current, "a");
        let wrong = [did(Op::Use("a"), 0, 1, 0, Some(2)), did(Op::Use("b"), 2, 3, 0, Some(1))];
        assert!(linearise(&store(), &wrong, &flips).unwrap_err().contains("nothing fits"));
    }

    #[test]
    fn a_lost_generation_a_double_install_and_an_exit_without_reason_are_seen() {
        let use_b = did(Op::Use("b"), 0, 1, 0, Some(1));
        assert!(linearise(&store(), std::slice::from_ref(&use_b), &[]).is_err());
        assert!(linearise(&store(), &[], &[made(1, "b", "a", "use b")]).is_err());
        assert!(linearise(&store(), &[use_b], &[made(1, "b", "c", "use b")]).is_err());
        let install = did(Op::Install("c"), 0, 1, 0, None);
        assert!(linearise(&store(), &[install.clone(), install], &[]).is_err());
        assert!(linearise(&store(), &[did(Op::Use("b"), 0, 1, 3, None)], &[]).is_err());
        assert!(linearise(&store(), &[did(Op::Rollback, 0, 1, 1, None)], &[]).is_err());
    }
}
