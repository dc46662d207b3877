//! What the shim adds to a program that does nothing, beside a bare second execve.

#[path = "support/mod.rs"]
pub mod support;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use support::{assemble, built, cost, median, micros, nanos};

/// Rounds that are measured, and those before them that are not.
const ROUNDS: usize = 2000;
const WARM_UP: usize = 100;

/// The most that a call may add, in µs.
const LIMIT: &str = "150";

struct Case {
    name: &'static str,
    cwd: PathBuf,
    command: Command,
    times: Vec<i64>,
}

fn main() {
    let folder = support::folder("bench-shim-");
    let root = folder.path().join("root");
    let go = store(&root);
    let bare = folder.path().join("bare");
    assemble("bare", &bare);
    let work = |name: &str| folder.path().join(name);
    for name in ["direct", "bare-cwd"] {
        fs::create_dir_all(work(name)).expect("a folder");
    }
    let mut bare_command = Command::new(bare);
    bare_command.arg(&go);
    let mut direct = Command::new(&go);
    direct.arg("version");
    let mut cases = vec![
        Case { name: "direct", cwd: work("direct"), command: direct, times: Vec::new() },
        Case { name: "bare second execve", cwd: work("bare-cwd"), command: bare_command, times: Vec::new() },
        shim("exact pin, five folders up", &root, place(&work("exact"), ".go-version", "1.22.3\n", 5)),
        shim("line, five folders up", &root, place(&work("line"), ".go-version", "1.22\n", 5)),
        shim("floor met by current, five up", &root, place(&work("floor"), "go.mod", "module m\n\ngo 1.21\n", 5)),
        shim("global current, five folders deep", &root, place(&work("none"), "README", "", 5)),
        shim("exact pin, forty folders up", &root, place(&work("far"), ".go-version", "1.22.3\n", 40)),
    ];
    for round in 0..WARM_UP + ROUNDS {
        for case in &mut cases {
            std::env::set_current_dir(&case.cwd).expect("the folder is there");
            let wall = nanos(cost(&mut case.command).wall);
            if round >= WARM_UP {
                case.times.push(wall);
            }
        }
    }
    report(&cases);
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

/// A folder so deep below one with a file in it.
fn place(top: &Path, file: &str, text: &str, depth: usize) -> PathBuf {
    let deep = (0..depth).fold(top.to_owned(), |dir, _| dir.join("d"));
    fs::create_dir_all(&deep).expect("a folder");
    fs::write(top.join(file), text).expect("a file");
    deep
}

fn shim(name: &'static str, root: &Path, cwd: PathBuf) -> Case {
    let mut command = Command::new(root.join("shims/go"));
    command.arg("version").env("PWD", &cwd);
    Case { name, cwd, command, times: Vec::new() }
}

fn report(cases: &[Case]) {
    let size = fs::metadata(built("gv-shim")).expect("it was built").len();
    println!("gv-shim: {size} bytes (limit 16,384); {ROUNDS} interleaved rounds, medians, µs\n");
    println!("{:<36} {:>9} {:>12} {:>9}", "case", "median", "paired diff", "limit");
    for case in cases {
        let added = median(case.times.iter().zip(&cases[0].times).map(|(time, direct)| time - direct));
        let limit = if case.name.contains("five") { LIMIT } else { "-" };
        let middle = median(case.times.iter().copied());
        println!("{:<36} {:>9.1} {:>12.1} {limit:>9}", case.name, micros(middle), micros(added));
    }
}
