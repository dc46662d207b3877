//! What the benchmarks share: running programs, medians, tables, and the programs under measurement.
#![allow(dead_code)] // each benchmark takes what it needs

pub mod peers;
pub mod plot;
pub mod server;
pub mod steps;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A program that was built beside this one.
pub fn built(name: &str) -> PathBuf {
    let own = std::env::current_exe().expect("a program knows its own path");
    let program = own.ancestors().nth(2).expect("it lies in target/release/examples").join(name);
    assert!(program.is_file(), "{} is not built: use benches/run", program.display());
    let debug = cfg!(debug_assertions);
    assert!(!debug, "only release builds are worth measuring: use benches/run");
    program
}

/// A program on PATH.
pub fn on_path(name: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?).map(|folder| folder.join(name)).find(|path| path.is_file())
}

/// Assembles a program without a C library from a source in this folder.
pub fn assemble(name: &str, into: &Path) {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches").join(name).with_extension("S");
    let flags = ["-nostdlib", "-static", "-no-pie", "-s", "-Wl,--build-id=none", "-Wl,-z,noseparate-code"];
    let status = Command::new("cc").args(flags).arg("-o").arg(into).arg(source).status();
    assert!(status.is_ok_and(|status| status.success()), "cc cannot make {}", into.display());
}

/// What a run of a program took.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    /// From its start to its end.
    pub wall: Duration,
    /// User and system time together.
    pub cpu: Duration,
    /// The most memory that it had at once, in kB.
    pub memory: u64,
    /// Page faults that needed no disk.
    pub faults: u64,
}

/// `struct rusage` of 64-bit Linux.
#[repr(C)]
#[derive(Default)]
struct Usage {
    user: [i64; 2],
    system: [i64; 2],
    /// In kB.
    maxrss: i64,
    unused: [i64; 3],
    minflt: i64,
    rest: [i64; 9],
}

unsafe extern "C" {
    fn wait4(pid: i32, status: *mut i32, options: i32, usage: *mut Usage) -> i32;
}

/// Runs a command to its end, which has to be a success. Output goes nowhere.
///
/// A command without a folder of its own is started by `posix_spawn`.
pub fn cost(command: &mut Command) -> Cost {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    #[allow(clippy::zombie_processes, reason = "wait4 waits for it, to learn what it used")]
    let child = command.spawn().unwrap_or_else(|err| panic!("cannot run {command:?}: {err}"));
    let (status, usage) = wait(&child);
    let wall = start.elapsed();
    if status != 0 {
        // Once more, to see why.
        drop(command.stderr(Stdio::inherit()).status());
        panic!("{command:?} failed");
    }
    let time = |[seconds, micros]: [i64; 2]| {
        Duration::from_secs(seconds.unsigned_abs()) + Duration::from_micros(micros.unsigned_abs())
    };
    let cpu = time(usage.user) + time(usage.system);
    Cost { wall, cpu, memory: usage.maxrss.unsigned_abs(), faults: usage.minflt.unsigned_abs() }
}

/// Waits for a child; its status as wait(2) has it, and what it used.
fn wait(child: &Child) -> (i32, Usage) {
    let (mut status, mut usage) = (0, Usage::default());
    let pid = i32::try_from(child.id()).expect("a process number");
    // SAFETY: the child is this process's own and was not waited for; both places are as large as the kernel's.
    let waited = unsafe { wait4(pid, &raw mut status, 0, &raw mut usage) };
    assert_eq!(waited, pid, "the child is lost");
    (status, usage)
}

/// The middle of the values.
pub fn median<T: Ord + Copy>(values: impl IntoIterator<Item = T>) -> T {
    let mut values: Vec<T> = values.into_iter().collect();
    values.sort_unstable();
    values[values.len() / 2]
}

/// Nanoseconds, signed, so that differences may be.
pub fn nanos(time: Duration) -> i64 {
    i64::try_from(time.as_nanos()).expect("less than centuries")
}

/// Nanoseconds as microseconds.
#[allow(clippy::cast_precision_loss)] // for reading
pub fn micros(nanos: i64) -> f64 {
    nanos as f64 / 1e3
}

/// A folder for one run of a benchmark, beside the programs.
pub fn folder(name: &str) -> tempfile::TempDir {
    let own = std::env::current_exe().expect("a program knows its own path");
    let builder = tempfile::Builder::new().prefix(name).tempdir_in(own.parent().expect("a program lies in a folder"));
    builder.expect("a temporary folder")
}

/// Prints a table in Markdown; all columns but the first are numbers.
pub fn table(head: &[&str], rows: &[Vec<String>]) {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([head[column].chars().count(), 3]).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let line = |cells: &[String]| {
        let cells = cells.iter().zip(&widths).enumerate().map(|(column, (cell, width))| match column {
            0 => format!("{cell:<width$}"),
            _ => format!("{cell:>width$}"),
        });
        println!("| {} |", cells.collect::<Vec<_>>().join(" | "));
    };
    line(&head.iter().map(ToString::to_string).collect::<Vec<_>>());
    let rule = widths.iter().enumerate().map(|(column, &width)| match column {
        0 => "-".repeat(width),
        _ => format!("{}:", "-".repeat(width - 1)),
    });
    line(&rule.collect::<Vec<_>>());
    for row in rows {
        line(row);
    }
}
