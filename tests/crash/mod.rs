//! Proof against crashes: commands killed, refused by the kernel, cut off from power, and run against each other.
//!
//! A bounded part runs with all other tests. `tests/crash-proof` runs the whole: those tests here that are ignored.

mod case;
mod error;
mod holders;
mod image;
mod kill;
mod leftovers;
mod model;
mod power;
mod race;
mod stage;
mod strace;
mod tally;

use tally::Sample;

#[test]
fn row_36_some_kills_at_system_calls() {
    kill::at_system_calls("killed at some system calls", 2, Sample::Every(53, 7));
}

#[test]
fn row_36_some_kills_at_changes_of_the_disk() {
    kill::at_checkpoints("killed at some changes of the disk", 2, Sample::Every(7, 3));
}

#[test]
fn row_37_some_power_cuts() {
    power::cuts("cut off from power at some calls", Sample::Every(37, 5));
}

#[test]
fn rows_38_and_39_some_errors_at_system_calls() {
    error::at_system_calls("met with an error at some system calls", 2, Sample::Every(97, 11));
}

#[test]
fn row_42_processes_at_once() {
    race::rounds("processes at once", 2);
}

#[test]
fn row_42_processes_at_once_and_killed() {
    race::storm("processes at once and killed", 2);
}

#[test]
#[ignore = "takes minutes: run tests/crash-proof kill"]
fn whole_kill_one_writer() {
    kill::at_system_calls("killed at every system call", 0, Sample::All);
}

#[test]
#[ignore = "takes minutes: run tests/crash-proof kill"]
fn whole_kill_two_writers() {
    for first in 0..3 {
        kill::at_system_calls("killed at some system calls, with two writers", 2, Sample::Every(20, first * 7));
    }
}

#[test]
#[ignore = "takes minutes: run tests/crash-proof kill"]
fn whole_kill_checkpoints() {
    for writers in [0, 2] {
        kill::at_checkpoints(
            &format!("killed before every change of the disk, {writers} writers"),
            writers,
            Sample::All,
        );
    }
}

#[test]
#[ignore = "takes minutes: run tests/crash-proof error"]
fn whole_error_one_writer() {
    error::at_system_calls("met with an error at every system call", 0, Sample::All);
}

#[test]
#[ignore = "takes minutes: run tests/crash-proof error"]
fn whole_error_two_writers() {
    error::at_system_calls("met with an error at some system calls, with two writers", 2, Sample::Every(20, 3));
}

#[test]
#[ignore = "takes minutes: run tests/crash-proof power"]
fn whole_power() {
    power::cuts("cut off from power at every change", Sample::All);
}

#[test]
#[ignore = "takes minutes: run tests/crash-proof race"]
fn whole_race_rounds() {
    race::rounds("processes at once", 30);
}

#[test]
#[ignore = "takes minutes: run tests/crash-proof race"]
fn whole_race_storm() {
    race::storm("processes at once and killed", 30);
}
