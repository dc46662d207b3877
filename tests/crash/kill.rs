//! Row 36: killed at every system call, and at every change of the disk.

use super::case::{CASES, Case};
use super::stage::{Stage, died_by};
use super::strace::Strace;
use super::tally::{Sample, Tally, in_lanes, tell};

pub(super) const KILL: i32 = 9;

/// Kills every case at its system calls, with so many threads that write.
pub(super) fn at_system_calls(what: &str, writers: usize, sample: Sample) {
    let Some(strace) = Strace::find() else { return };
    in_lanes(what, CASES, |case| kill_case(&strace, case, writers, sample));
}

fn kill_case(strace: &Strace, case: &'static Case, writers: usize, sample: Sample) -> Tally {
    let stage = Stage::new(case, writers);
    let recorded = strace.record(&stage.gv, case);
    let (mut tally, mut number) = (Tally::default(), 0);
    for (name, most) in &recorded.busiest {
        for k in 1.. {
            number += 1;
            if matches!(sample, Sample::Every(..)) && k > *most {
                break;
            }
            if !sample.takes(number) {
                continue;
            }
            stage.reset();
            let outcome = strace.inject(&stage.gv, case, name, k, "signal=KILL");
            if !died_by(&outcome, KILL) {
                // Not one thread made so many: this name is done.
                break;
            }
            tally.add(&format!("{} killed at {name} {k}", case.name), &stage.wrong_after(&outcome));
        }
    }
    tally.broken.extend(stage.written_in_place());
    let Sample::All = sample else { return tally };
    tell(&format!(
        "killed: {}: {} points; a whole run makes {} calls of {} kinds in {} threads",
        case.name,
        tally.hit,
        recorded.calls,
        recorded.busiest.len(),
        recorded.threads
    ));
    tally
}

/// Kills every case before every change of the disk, which takes no strace.
pub(super) fn at_checkpoints(what: &str, writers: usize, sample: Sample) {
    in_lanes(what, CASES, |case| {
        let stage = Stage::new(case, writers);
        let mut tally = Tally::default();
        for number in (1..).filter(|number| sample.takes(*number)) {
            stage.reset();
            let outcome = stage.gv.output(stage.command().env("GV_TEST_DIE", number.to_string()));
            if !died_by(&outcome, KILL) {
                assert!(outcome.status.success(), "{}: {}", case.name, outcome.stderr);
                break;
            }
            let place = outcome.stderr.lines().last().unwrap_or_default();
            tally.add(&format!("{} at change {number}: {place}", case.name), &stage.wrong_after(&outcome));
        }
        tally.broken.extend(stage.written_in_place());
        tally
    });
}
