//! Rows 38 and 39: a full disk, a broken one, no more descriptors, no permission, a read-only file system, at every
//! system call that may answer so.

use super::case::{CASES, Case};
use super::stage::Stage;
use super::strace::Strace;
use super::tally::{Sample, Tally, in_lanes, tell};
use crate::support::outcome::Outcome;

/// An error, what gv calls it, and the calls that answer with it; all others touch no file, or only its pages.
struct Fault {
    error: &'static str,
    words: &'static str,
    calls: &'static [&'static str],
}

const FAULTS: [Fault; 5] = [
    Fault {
        error: "ENOSPC",
        words: "no space left on device",
        calls: &[
            "openat",
            "write",
            "mkdir",
            "mkdirat",
            "link",
            "linkat",
            "symlink",
            "symlinkat",
            "rename",
            "renameat2",
            "fsync",
            "fdatasync",
            "syncfs",
            "ftruncate",
            "copy_file_range",
            "sendfile",
            "close",
        ],
    },
    Fault {
        error: "EIO",
        words: "input/output error",
        calls: &[
            "openat",
            "read",
            "pread64",
            "write",
            "close",
            "lseek",
            "fstat",
            "newfstatat",
            "statx",
            "statfs",
            "fstatfs",
            "access",
            "faccessat",
            "faccessat2",
            "readlink",
            "readlinkat",
            "getdents64",
            "getcwd",
            "mkdir",
            "mkdirat",
            "link",
            "linkat",
            "symlink",
            "symlinkat",
            "rename",
            "renameat2",
            "unlink",
            "unlinkat",
            "rmdir",
            "fsync",
            "fdatasync",
            "syncfs",
            "ftruncate",
            "utimensat",
            "copy_file_range",
            "sendfile",
            "flock",
        ],
    },
    Fault {
        error: "EMFILE",
        words: "too many open files",
        calls: &["openat", "socket", "socketpair", "pipe2", "fcntl", "epoll_create1", "eventfd2"],
    },
    Fault {
        error: "EACCES",
        words: "permission denied",
        calls: &[
            "openat",
            "newfstatat",
            "statx",
            "statfs",
            "access",
            "faccessat",
            "faccessat2",
            "readlink",
            "readlinkat",
            "mkdir",
            "mkdirat",
            "link",
            "linkat",
            "symlink",
            "symlinkat",
            "rename",
            "renameat2",
            "unlink",
            "unlinkat",
            "rmdir",
            "utimensat",
            "connect",
        ],
    },
    Fault {
        error: "EROFS",
        words: "read-only file system",
        calls: &[
            "openat",
            "access",
            "faccessat",
            "faccessat2",
            "mkdir",
            "mkdirat",
            "link",
            "linkat",
            "symlink",
            "symlinkat",
            "rename",
            "renameat2",
            "unlink",
            "unlinkat",
            "rmdir",
            "ftruncate",
            "utimensat",
        ],
    },
];

/// Makes the calls of every case fail, one by one, with so many threads that write.
pub(super) fn at_system_calls(what: &str, writers: usize, sample: Sample) {
    let Some(strace) = Strace::find() else { return };
    in_lanes(what, CASES, |case| fail_case(&strace, case, writers, sample));
}

fn fail_case(strace: &Strace, case: &'static Case, writers: usize, sample: Sample) -> Tally {
    let stage = Stage::new(case, writers);
    let recorded = strace.record(&stage.gv, case);
    let (mut tally, mut number, mut counts) = (Tally::default(), 0, Vec::new());
    for fault in &FAULTS {
        let before = tally.hit;
        for (name, most) in recorded.busiest.iter().filter(|(name, _)| fault.calls.contains(&name.as_str())) {
            for k in 1..=*most {
                number += 1;
                if !sample.takes(number) {
                    continue;
                }
                stage.reset();
                let outcome = strace.inject(&stage.gv, case, name, k, &format!("error={}", fault.error));
                let mut wrong = mistold(&outcome, fault);
                wrong.extend(stage.wrong_after(&outcome));
                tally.add(&format!("{} met {} at {name} {k}", case.name, fault.error), &wrong);
            }
        }
        counts.push(format!("{} {}", fault.error, tally.hit - before));
    }
    tally.broken.extend(stage.written_in_place());
    tell(&format!("errors: {}: {}", case.name, counts.join(", ")));
    tally
}

/// Ends that are no fault of gv's, since the kernel never answers so: by a part of what is said.
const EXCUSED: [&str; 5] = [
    // The dynamic loader met it, before gv began.
    "error while loading shared libraries",
    // Closing a folder that was read cannot fail, and the standard library insists on it.
    "unexpected error during closedir",
    // Nor can writing to an eventfd that is not full, and the runtime of the HTTP client insists on it.
    "failed to wake I/O driver",
    // Without /proc no program can tell where it lies.
    "neither beside gv nor at",
    // A folder that cannot be looked at, after it could be told that it is there: `mkdir` has the word.
    ": file exists",
];

/// What is wrong with how the command told of it, if it did not survive the error.
fn mistold(outcome: &Outcome, fault: &Fault) -> Vec<String> {
    let said = outcome.stderr.as_str();
    // The HTTP client has words of its own, with a capital.
    let lower = said.to_lowercase();
    match outcome.status.code() {
        Some(0) => Vec::new(),
        Some(1..=6) if lower.contains(fault.words) && said.contains("error: ") => Vec::new(),
        _ if EXCUSED.iter().any(|excuse| said.contains(excuse)) => Vec::new(),
        _ => vec![format!("it ends with {}: {said}", outcome.status)],
    }
}
