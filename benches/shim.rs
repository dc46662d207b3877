//! What the shim adds to a program that does nothing, beside a bare second execve and what others add.

#[path = "support/mod.rs"]
pub mod support;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use support::plot::{self, Bar};
use support::{Cost, assemble, built, cost, median, micros, nanos, peers, steps, table};

/// Rounds that are measured, and those before them that are not.
const ROUNDS: usize = 2000;
const WARM_UP: usize = 100;

/// How often the peers, which take a hundred times as long, have a turn.
const BETWEEN_PEERS: usize = 10;

/// How many toolchains the store has where it has many.
const MANY: u16 = 500;

/// The most that a call may take of a bare second execve.
const EXACT: f64 = 2.0;
const COMMON: f64 = 2.5;
const FAR: f64 = 3.5;

struct Case {
    name: String,
    cwd: PathBuf,
    command: Command,
    limit: Option<f64>,
    costs: Vec<Cost>,
}

impl Case {
    fn new(name: impl Into<String>, cwd: &Path, mut command: Command, limit: Option<f64>) -> Case {
        command.env("PWD", cwd);
        Case { name: name.into(), cwd: cwd.to_owned(), command, limit, costs: Vec::new() }
    }

    fn run(&mut self) -> Cost {
        std::env::set_current_dir(&self.cwd).expect("the folder is there");
        cost(&mut self.command)
    }

    fn measure(&mut self) {
        let cost = self.run();
        self.costs.push(cost);
    }

    /// What it takes more than another, in ns, paired round by round as far as both were measured.
    fn added(&self, to: &Case) -> i64 {
        let wall = |cost: &Cost| nanos(cost.wall);
        // Peers have a turn only now and then: each is held against the round that it stood in.
        let step = to.costs.len().div_ceil(self.costs.len());
        median(self.costs.iter().zip(to.costs.iter().step_by(step)).map(|(one, other)| wall(one) - wall(other)))
    }
}

fn main() {
    let folder = support::folder("bench-shim-");
    // Projects lie where the walk to / is as short as it is for people, two folders below it.
    let projects = std::cell::RefCell::new(Vec::new());
    let (few, many) = (folder.path().join("few"), folder.path().join("many"));
    let go = store(&few);
    store(&many);
    fill(&many);
    let bare = folder.path().join("bare");
    assemble("bare", &bare);
    let project = |file: &str, text: &str, depth: usize| {
        let project = tempfile::Builder::new().prefix("gv-").tempdir().expect("a temporary folder");
        let top = project.path().to_owned();
        projects.borrow_mut().push(project);
        fs::write(top.join(file), text).expect("a file");
        let deep = (0..depth).fold(top.clone(), |dir, _| dir.join("d"));
        fs::create_dir_all(&deep).expect("a folder");
        (top, deep)
    };
    let ours = |name: &str, root: &Path, (file, text, depth): (&str, &str, usize), limit: f64| {
        let mut command = Command::new(root.join("shims/go"));
        command.arg("version");
        Case::new(name, &project(file, text, depth).1, command, Some(limit))
    };
    let mut direct = Command::new(&go);
    direct.arg("version");
    let mut second = Command::new(&bare);
    second.arg(&go);
    let (exact, line) = (".go-version", "1.22\n");
    let mut cases = vec![
        Case::new("direct", folder.path(), direct, None),
        Case::new("bare second execve", folder.path(), second, None),
        ours("exact pin, five folders up", &few, (exact, "1.22.3\n", 5), EXACT),
        ours("line, five folders up", &few, (exact, line, 5), COMMON),
        ours("floor met by current, five up", &few, ("go.mod", "module m\n\ngo 1.21\n", 5), COMMON),
        ours("global current, five deep", &few, ("README", "", 5), COMMON),
        ours("exact pin, forty folders up", &few, (exact, "1.22.3\n", 40), FAR),
        ours("exact pin, 500 toolchains", &many, (exact, "1.22.3\n", 5), EXACT),
        ours("line, 500 toolchains", &many, (exact, line, 5), COMMON),
        ours("global current, 500 toolchains", &many, ("README", "", 5), COMMON),
    ];
    let own = cases.len();
    let (top, deep) = project("README", "", 5);
    let home = folder.path().join("home");
    fs::create_dir(&home).expect("a folder");
    let others =
        [peers::rustup_proxy(&home, &go, &top), peers::mise_shim(&home, &go, &top), peers::go_wrapper(&home, &go)];
    cases.extend(others.into_iter().flatten().map(|(name, command)| Case::new(name, &deep, command, None)));
    let (ours, others) = cases.split_at_mut(own);
    let mut quiet = WARM_UP;
    for round in 0..ROUNDS {
        if round % BETWEEN_PEERS == 0 {
            others.iter_mut().for_each(Case::measure);
            // They leave cold caches behind, which are not the next one's fault.
            quiet += 1;
        }
        for _ in 0..quiet {
            for case in &mut *ours {
                case.run();
            }
        }
        quiet = 0;
        ours.iter_mut().for_each(Case::measure);
    }
    report(&mut cases, own);
}

/// A root with one toolchain, whose `go` does nothing; returns that program.
fn store(root: &Path) -> PathBuf {
    let go = root.join("toolchains/1.22.3/bin/go");
    for dir in ["toolchains/1.22.3/bin", "generations/1", "shims"] {
        fs::create_dir_all(root.join(dir)).expect("a folder");
    }
    assemble("nothing", &go);
    fs::copy(built("gv-shim"), root.join("shims/go")).expect("a copy of the shim");
    for (link, target) in [
        ("toolchains/1.22", "1.22.3"),
        ("generations/1/current", "../../toolchains/1.22.3"),
        ("active", "generations/1"),
        ("current", "active/current"),
    ] {
        symlink(target, root.join(link)).expect("a link");
    }
    go
}

/// Fills a root up with toolchains.
fn fill(root: &Path) {
    for number in 1..MANY {
        let version = format!("1.{}.{}", 100 + number / 20, number % 20);
        fs::create_dir_all(root.join("toolchains").join(version).join("bin")).expect("a folder");
    }
}

fn report(cases: &mut [Case], own: usize) {
    let counts: Vec<Option<u64>> = cases[..own].iter_mut().map(instructions).collect();
    let added = |case: &Case| micros(case.added(&cases[0]));
    let bare = added(&cases[1]);
    let row = |(at, case): (usize, &Case)| {
        let count = counts.get(at).copied().flatten();
        vec![
            case.name.clone(),
            format!("{:.1}", added(case)),
            format!("{:.2}", added(case) / bare),
            case.limit.map_or("-".to_owned(), |limit| format!("{limit:.1}")),
            median(case.costs.iter().map(|cost| cost.faults)).to_string(),
            count.map_or("-".to_owned(), |count| count.to_string()),
        ]
    };
    let size = fs::metadata(built("gv-shim")).expect("it was built").len();
    println!("What the shim adds to a program that does nothing: {ROUNDS} interleaved rounds, medians of paired");
    println!("differences, by posix_spawn. gv-shim has {size} bytes.\n");
    let rows: Vec<Vec<String>> = cases.iter().enumerate().skip(1).map(row).collect();
    table(&["call", "added, µs", "× bare execve", "limit", "page faults", "instructions"], &rows);
    for peer in &cases[own..] {
        println!("\n{} adds {:.0} times what an exact pin does.", peer.name, added(peer) / added(&cases[2]));
    }
    if let Some(plots) = std::env::var_os("GV_PLOTS") {
        let bars = cases.iter().enumerate().skip(1).map(|(at, case)| {
            let own = at > 1 && at < own;
            let name = if own { format!("gv: {}", case.name) } else { case.name.clone() };
            Bar { name, value: added(case), own }
        });
        let file = Path::new(&plots).join("shim.svg");
        plot::write(&file, "What a shim adds to a call of go", "µs", true, &bars.collect::<Vec<_>>());
    }
}

/// Those of the shim itself.
fn instructions(case: &mut Case) -> Option<u64> {
    std::env::set_current_dir(&case.cwd).expect("the folder is there");
    steps::until_exec(&mut case.command)
}
