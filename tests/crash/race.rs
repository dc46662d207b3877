//! Row 42: many processes at once, checked against the model; and a storm in which they are killed as well.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::model::{Did, Made, Op, Store, linearise};
use super::stage::{installed, pair};
use super::tally::tell;
use crate::support::invariant;
use crate::support::outcome::Outcome;
use crate::support::sandbox::{Sandbox, split};

/// How many processes run at once.
const AT_ONCE: usize = 32;

/// What is always installed, so that there always is a complete toolchain to answer.
const BASE: &str = "1.20.14";

/// What comes and goes.
const OTHERS: [&str; 6] = ["1.21.12", "1.21.13", "1.22.2", "1.22.3", "1.23.0", "1.23.1"];

/// Numbers that look like chance, and are the same in every run.
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn new(seed: u64) -> Chance {
        Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// One of `0..below` (xorshift64).
    pub(super) fn below(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap_or_default() % below
    }
}

/// A home with the base installed and all others to be had.
fn home() -> Sandbox {
    let gv = Sandbox::in_memory().sources(&["dl"]).serving([BASE]).serving(OTHERS);
    gv.run(&format!("install {BASE}")).ok();
    gv
}

fn any(chance: &mut Chance) -> Op {
    let version = OTHERS[chance.below(OTHERS.len())];
    match chance.below(10) {
        0..3 => Op::Install(version),
        3..5 => Op::Use(version),
        5 => Op::Use(BASE),
        6 => Op::Rollback,
        7 => Op::Uninstall { version, force: false },
        _ => Op::Uninstall { version, force: true },
    }
}

/// How often the shim was called.
#[derive(Default)]
struct Calls {
    all: AtomicUsize,
    /// Whose toolchain was taken away by force after it had begun to run: it says so itself.
    overtaken: AtomicUsize,
    failed: Mutex<Vec<String>>,
}

impl Calls {
    /// Calls the shim until told to stop.
    fn make(&self, gv: &Sandbox, stop: &AtomicBool) {
        while !stop.load(Ordering::Relaxed) {
            let mut command = gv.command(gv.root().join("shims/go"));
            let shim = command.arg("version").output().expect("the shim is always there");
            self.all.fetch_add(1, Ordering::Relaxed);
            let said = String::from_utf8_lossy(&shim.stdout);
            let overtaken = shim.status.success() && (said.contains("(deleted)") || said.contains("no VERSION"));
            self.overtaken.fetch_add(usize::from(overtaken), Ordering::Relaxed);
            if !overtaken && (!shim.status.success() || !said.starts_with("go version go1.2")) {
                self.failed.lock().expect("no caller panics here").push(format!("{shim:?}"));
            }
        }
    }
}

/// Runs a job in each of so many threads, with two more that call the shim all the time.
fn at_once(gv: &Sandbox, calls: &Calls, count: usize, job: impl Fn(usize) + Sync) {
    let (stop, job) = (AtomicBool::new(false), &job);
    std::thread::scope(|scope| {
        let callers: Vec<_> = (0..2).map(|_| scope.spawn(|| calls.make(gv, &stop))).collect();
        let workers: Vec<_> = (0..count).map(|slot| scope.spawn(move || job(slot))).collect();
        let ended: Vec<bool> = workers.into_iter().map(|worker| worker.join().is_ok()).collect();
        stop.store(true, Ordering::Relaxed);
        drop(callers);
        assert!(ended.iter().all(|ended| *ended), "a thread panicked");
    });
}

/// Runs 32 sequences of commands at once.
fn history(gv: &Sandbox, calls: &Calls, ops: &[Vec<Op>]) -> Vec<Did> {
    let history = Mutex::new(Vec::new());
    at_once(gv, calls, ops.len(), |slot| {
        for op in &ops[slot] {
            let start = Instant::now();
            let outcome = gv.output(gv.gv().args(split(&op.words())));
            let did = told(*op, start, &outcome);
            history.lock().expect("no thread panics here").push(did);
        }
    });
    history.into_inner().expect("no thread panics here")
}

fn told(op: Op, start: Instant, outcome: &Outcome) -> Did {
    let json: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap_or_default();
    Did {
        op,
        start,
        end: Instant::now(),
        code: outcome.status.code(),
        already: json["installed"][0]["already"] == true,
        number: json["generation"]["number"].as_u64(),
        said: outcome.stderr.clone(),
    }
}

/// The generations after the first so many.
fn generations(gv: &Sandbox, after: u64) -> Vec<Made> {
    let json = gv.run("history --json").ok().json();
    let rows = json["history"].as_array().cloned().unwrap_or_default();
    let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    let mut made: Vec<Made> = rows
        .iter()
        .map(|row| Made {
            number: row["number"].as_u64().expect("a generation has a number"),
            current: text(&row["current"]).unwrap_or_default(),
            previous: text(&row["previous"]),
            reason: text(&row["reason"]).unwrap_or_default(),
        })
        .filter(|made| made.number > after)
        .collect();
    made.sort_by_key(|made| made.number);
    made
}

fn store(gv: &Sandbox) -> Store {
    let (current, previous) = pair(&gv.root()).expect("something is always current");
    let number = generations(gv, 0).last().map_or(0, |made| made.number);
    Store { installed: installed(&gv.root()).into_iter().collect(), current, previous, number }
}

/// One round: runs it, and checks that an order exists, that no generation is lost and no work done twice.
fn round(gv: &Sandbox, calls: &Calls, what: &str, ops: &[Vec<Op>]) {
    gv.server().forget();
    let before = store(gv);
    let first = before.number;
    let history = history(gv, calls, ops);
    let made = generations(gv, first);
    let numbers: Vec<u64> = made.iter().map(|made| made.number).collect();
    assert_eq!(numbers, (first + 1..=first + numbers.len() as u64).collect::<Vec<_>>(), "{what}: the numbers");
    let last = linearise(&before, &history, &made).unwrap_or_else(|stuck| {
        let all: Vec<String> = history.iter().map(|did| format!("{did:?}")).collect();
        panic!("{what}: no order explains this: {stuck}\n{}", all.join("\n"))
    });
    assert_eq!(last, store(gv), "{what}: the last state is another");
    let fresh = history.iter().filter(|did| matches!(did.op, Op::Install(_)) && did.code == Some(0) && !did.already);
    assert_eq!(gv.server().requests_to("/dl/*.tar.gz").len(), fresh.count(), "{what}: downloads and installs");
    gv.invariant();
}

/// The rounds: the same install, different installs, then everything at once as often as asked for.
pub(super) fn rounds(what: &str, mixed: u64) {
    let started = Instant::now();
    let (gv, calls) = (home(), Calls::default());
    round(&gv, &calls, "the same install", &vec![vec![Op::Install(OTHERS[0])]; AT_ONCE]);
    assert_eq!(gv.server().requests_to("/dl/*.tar.gz").len(), 1);
    let different = (0..AT_ONCE).map(|slot| vec![Op::Install(OTHERS[slot % OTHERS.len()])]).collect::<Vec<_>>();
    round(&gv, &calls, "different installs", &different);
    let mut processes = 2 * AT_ONCE;
    for seed in 0..mixed {
        let mut chance = Chance::new(seed);
        let ops: Vec<Vec<Op>> = (0..AT_ONCE).map(|_| vec![any(&mut chance), any(&mut chance)]).collect();
        round(&gv, &calls, &format!("everything at once, seed {seed}"), &ops);
        processes += 2 * AT_ONCE;
    }
    let made = generations(&gv, 0).len();
    finish(what, &calls, &format!("{processes} processes, {AT_ONCE} at once, {made} generations"), started);
}

fn finish(what: &str, calls: &Calls, counts: &str, started: Instant) {
    let failed = calls.failed.lock().expect("no caller panics here");
    let (all, overtaken) = (calls.all.load(Ordering::Relaxed), calls.overtaken.load(Ordering::Relaxed));
    let (lost, seconds) = (failed.len(), started.elapsed().as_secs());
    tell(&format!(
        "{what}: {counts}; {all} calls of the shim, {lost} failed, {overtaken} lost their toolchain while it ran; {seconds} s"
    ));
    assert!(failed.is_empty() && all > 0, "{what}: the shim failed: {}", failed.join("\n"));
}

/// Processes that are killed at any moment: what they did is anybody's guess, but the store is whole at every end of a
/// round, the next command puts it right, and the shim never fails.
pub(super) fn storm(what: &str, rounds: u64) {
    let started = Instant::now();
    let (gv, calls, killed) = (home(), Calls::default(), AtomicUsize::new(0));
    for seed in 0..rounds {
        at_once(&gv, &calls, AT_ONCE, |slot| {
            let mut chance = Chance::new(seed * 1000 + slot as u64 + 7);
            let mut running = gv.spawn(gv.gv().args(split(&any(&mut chance).words())));
            if chance.below(2) == 0 {
                std::thread::sleep(Duration::from_millis(chance.below(400) as u64));
                // It may have ended by itself.
                killed
                    .fetch_add(usize::from(running.child.try_wait().is_ok_and(|end| end.is_none())), Ordering::Relaxed);
                running.child.kill().expect("the child is ours");
            }
            let outcome = running.wait();
            let explained = outcome.status.code().is_none_or(|code| [0, 3, 6].contains(&code));
            assert!(explained, "{} {}", outcome.status, outcome.stderr);
        });
        let mut unsound = invariant::unsound(&gv.root(), &gv.made());
        unsound.extend(invariant::broken_generations(&gv.root()));
        assert!(unsound.is_empty(), "{what}: {unsound:?}");
        gv.run(&format!("use {BASE}")).ok();
        gv.invariant();
        let known: BTreeSet<&str> = OTHERS.into_iter().chain([BASE]).collect();
        assert!(installed(&gv.root()).iter().all(|version| known.contains(version.as_str())));
    }
    let (killed, all) = (killed.load(Ordering::Relaxed), AT_ONCE as u64 * rounds);
    assert!(killed > 0, "{what}: nobody was killed");
    finish(what, &calls, &format!("{all} processes, {AT_ONCE} at once, {killed} of them killed"), started);
}
