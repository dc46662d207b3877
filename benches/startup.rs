//! What gv's own start-up costs.

#[path = "support/mod.rs"]
pub mod support;

use std::process::Command;

use support::{Cost, built, cost, median, micros, nanos};

/// Interleaved rounds.
const ROUNDS: usize = 300;

/// The most user and system time, in ms.
const LIMIT: &str = "5.00";

fn main() {
    let folder = support::folder("bench-startup-");
    let gv = built("gv");
    let size = std::fs::metadata(&gv).expect("it was built").len();
    let ours = |words: &[&str]| {
        let mut command = Command::new(&gv);
        command.args(words).env("GV_ROOT", std::env::var_os("GV_REAL_TOOLCHAINS").unwrap_or(folder.path().into()));
        command
    };
    let help = ours(&["--help"]);
    // Without a toolchain `gv current` has nothing to name, and ends with an error.
    let rest = std::env::var_os("GV_REAL_TOOLCHAINS").map(|_| [ours(&["current"]), ours(&["list"])]);
    let mut commands = vec![("/bin/true", Command::new("/bin/true")), ("gv --help", help)];
    commands.extend(["gv current", "gv list"].into_iter().zip(rest.into_iter().flatten()));
    let mut costs: Vec<Vec<Cost>> = vec![Vec::new(); commands.len()];
    for _ in 0..ROUNDS {
        for ((_, command), costs) in commands.iter_mut().zip(&mut costs) {
            costs.push(cost(command));
        }
    }
    println!("gv: {size} bytes; {ROUNDS} interleaved rounds, medians, ms\n");
    println!("{:<12} {:>12} {:>8} {:>8} {:>10}", "command", "user+system", "limit", "wall", "memory kB");
    for ((name, _), costs) in commands.iter().zip(&costs) {
        let limit = if name.starts_with("gv") { LIMIT } else { "-" };
        let [cpu, wall] = [|cost: &Cost| cost.cpu, |cost: &Cost| cost.wall]
            .map(|part| micros(median(costs.iter().map(|cost| nanos(part(cost))))) / 1e3);
        let memory = median(costs.iter().map(|cost| cost.memory));
        println!("{name:<12} {cpu:>12.2} {limit:>8} {wall:>8.2} {memory:>10}");
    }
}
