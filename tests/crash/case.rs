//! The commands that are broken off: a row each.

/// What was installed, and what was current and previous.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct State {
    /// By the store's spelling, sorted by name.
    pub(super) installed: &'static [&'static str],
    /// `current` and `previous`.
    pub(super) pair: Option<(&'static str, Option<&'static str>)>,
}

/// What the same command does where it has been done already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Again {
    /// It succeeds, and changes nothing.
    Nothing,
    /// It says with this exit code that there is nothing to do.
    Refused(i32),
    /// It goes back to what was before.
    Back,
}

/// A command, what it finds, and what it leaves.
#[derive(Debug)]
pub(super) struct Case {
    /// For reports.
    pub(super) name: &'static str,
    /// Settings of this case.
    pub(super) env: &'static [(&'static str, &'static str)],
    /// The commands that make the state before.
    pub(super) before: &'static [&'static str],
    /// The command itself.
    pub(super) words: &'static str,
    /// The state before.
    pub(super) old: State,
    /// The state after.
    pub(super) new: State,
    /// What happens when it is run once more.
    pub(super) again: Again,
}

/// What is on the server.
pub(super) const SERVED: [&str; 3] = ["1.20.14", "1.21.13", "1.22.3"];

const NOTHING: State = State { installed: &[], pair: None };

/// 1.22.3 alone.
const ONE: State = State { installed: &["1.22.3"], pair: Some(("1.22.3", None)) };

/// 1.21.13 alone.
const OLDER: State = State { installed: &["1.21.13"], pair: Some(("1.21.13", None)) };

/// 1.22.3 after 1.21.13.
const BOTH: State = State { installed: &["1.21.13", "1.22.3"], pair: Some(("1.22.3", Some("1.21.13"))) };

/// The commands that make [`BOTH`].
const MAKE_BOTH: &[&str] = &["install 1.21.13", "install --use 1.22.3"];

/// Every command that changes the store, the longest first, so that the last one running is a short one.
pub(super) const CASES: &[Case] = &[
    Case {
        name: "the first install",
        env: &[],
        before: &[],
        words: "install 1.22.3",
        old: NOTHING,
        new: ONE,
        again: Again::Nothing,
    },
    Case {
        name: "install and use, keeping the archive",
        env: &[("GV_CACHE_KEEP", "true")],
        before: &["install 1.21.13"],
        words: "install --use 1.22.3",
        old: OLDER,
        new: BOTH,
        again: Again::Nothing,
    },
    Case {
        name: "install of a module",
        env: &[("GV_TEST_SOURCE", "goproxy")],
        before: &["install 1.21.13"],
        words: "install --use 1.22.3",
        old: OLDER,
        new: BOTH,
        again: Again::Nothing,
    },
    Case {
        name: "install once more",
        env: &[],
        before: MAKE_BOTH,
        words: "install --force 1.22.3",
        old: BOTH,
        new: BOTH,
        again: Again::Nothing,
    },
    Case {
        name: "uninstall of what is needed",
        env: &[],
        before: &["install 1.20.14", "install 1.21.13", "use 1.21.13", "install --use 1.22.3"],
        words: "uninstall --force 1.22.3",
        old: State { installed: &SERVED, pair: Some(("1.22.3", Some("1.21.13"))) },
        new: State { installed: &["1.20.14", "1.21.13"], pair: Some(("1.21.13", None)) },
        again: Again::Refused(3),
    },
    Case {
        name: "uninstall of what is previous",
        env: &[],
        before: MAKE_BOTH,
        words: "uninstall --force 1.21.13",
        old: BOTH,
        new: ONE,
        again: Again::Refused(3),
    },
    Case {
        name: "uninstall of the last",
        env: &[],
        before: &["install 1.22.3"],
        words: "uninstall --force 1.22.3",
        old: ONE,
        new: NOTHING,
        again: Again::Refused(3),
    },
    Case {
        name: "the first switch",
        env: &[],
        before: &["install 1.21.13", "install 1.22.3"],
        words: "use 1.22.3",
        old: State { installed: &["1.21.13", "1.22.3"], pair: Some(("1.21.13", None)) },
        new: BOTH,
        again: Again::Nothing,
    },
    Case {
        name: "use",
        env: &[],
        before: MAKE_BOTH,
        words: "use 1.21.13",
        old: BOTH,
        new: State { installed: &["1.21.13", "1.22.3"], pair: Some(("1.21.13", Some("1.22.3"))) },
        again: Again::Nothing,
    },
    Case {
        name: "rollback",
        env: &[],
        before: MAKE_BOTH,
        words: "rollback",
        old: BOTH,
        new: State { installed: &["1.21.13", "1.22.3"], pair: Some(("1.21.13", Some("1.22.3"))) },
        again: Again::Back,
    },
];
