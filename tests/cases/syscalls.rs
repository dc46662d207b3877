//! What the shim asks of the kernel: its speed is the shortness of this list, which `gv_shim::shim` documents.

use std::path::Path;

use crate::support::{Sandbox, need};

/// The system calls of `go version` through the shim, between its own execve and that of the toolchain.
fn calls(gv: &Sandbox, strace: &Path) -> Vec<String> {
    let log = gv.folder().join("strace.log");
    let shim = gv.root().join("shims/go");
    gv.output(gv.command(strace).arg("-o").arg(&log).arg(&shim).arg("version").env("PWD", gv.cwd())).ok();
    let text = std::fs::read_to_string(&log).unwrap();
    let names = text.lines().filter_map(|line| Some(line.split_once('(')?.0.to_owned()));
    names.skip(1).take_while(|name| name != "execve").collect()
}

/// Five folders below a file of the project.
fn five_below(file: &str, text: &str) -> Sandbox {
    let gv = Sandbox::new().with("1.22.3");
    gv.write(file, text);
    gv.within("a/b/c/d/e")
}

#[track_caller]
fn asks(gv: &Sandbox, parts: &[(&str, usize)]) {
    let Some(strace) = need("strace") else { return };
    let expected: Vec<&str> = parts.iter().flat_map(|(name, count)| std::iter::repeat_n(*name, *count)).collect();
    assert_eq!(calls(gv, &strace), expected);
}

/// The current folder.
const START: (&str, usize) = ("getcwd", 1);

/// What is found under the folder above the shim's is run only if that is a store.
const STORE: (&str, usize) = ("newfstatat", 1);

/// A file that was found is opened and read; a version file stays open for execve to close.
const FILE: [(&str, usize); 2] = [("openat", 1), ("read", 1)];

/// How many folders a walk to `/` visits.
fn levels(gv: &Sandbox) -> usize {
    gv.cwd().ancestors().count()
}

#[test]
fn an_exact_pin_is_read_and_run() {
    let gv = five_below(".go-version", "1.22.3\n");
    asks(&gv, &[START, ("newfstatat", 2 * 5 + 1), FILE[0], FILE[1], STORE]);
}

#[test]
fn a_long_way_up_is_taken_in_strides_of_eight() {
    let gv = Sandbox::new().with("1.22.3");
    gv.write(".go-version", "1.22.3\n");
    let gv = gv.within(&vec!["d"; 40].join("/"));
    let Some(strace) = need("strace") else { return };
    let calls = calls(&gv, &strace);
    let count = |name: &str| calls.iter().filter(|call| *call == name).count();
    let strides = (1..=40).filter(|up| up % 8 == 0 && levels(&gv) - 1 - up > 8).count();
    assert!(strides >= 4, "{strides}");
    assert_eq!((count("newfstatat"), count("openat")), (2 * 40 + 2, strides + 1), "{calls:?}");
    assert_eq!(calls.len(), 2 * 40 + 2 + strides + 3, "{calls:?}");
}

#[test]
fn a_line_is_one_link_more() {
    let gv = five_below(".go-version", "1.22\n");
    asks(&gv, &[START, ("newfstatat", 2 * 5 + 1), FILE[0], FILE[1], ("readlinkat", 1), STORE]);
}

#[test]
fn a_floor_that_current_meets_is_three_walks_and_a_link() {
    let gv = five_below("go.mod", "module m\n\ngo 1.21\n");
    let looked = 3 * levels(&gv) + 6;
    asks(&gv, &[START, ("newfstatat", looked), FILE[0], FILE[1], ("close", 1), ("readlinkat", 1)]);
}

#[test]
fn current_alone_is_four_walks_and_a_link() {
    let gv = five_below("README", "");
    asks(&gv, &[START, ("newfstatat", 4 * levels(&gv)), ("readlinkat", 1)]);
}

#[test]
fn a_way_through_a_symbolic_link_is_seen_to_lead_here() {
    let gv = five_below(".go-version", "1.22.3\n");
    let link = gv.folder().join("link");
    std::os::unix::fs::symlink(gv.cwd(), &link).unwrap();
    std::fs::write(link.join(".go-version"), "1.22.3\n").unwrap();
    let gv = gv.within(link.to_str().unwrap());
    asks(&gv, &[START, ("newfstatat", 2 + 1), FILE[0], FILE[1], STORE]);
}

#[test]
fn a_version_that_the_call_names_is_run_at_once() {
    let gv = five_below(".go-version", "1.22.3\n").env("GV_VERSION", "1.22.3");
    asks(&gv, &[STORE]);
}

#[test]
fn what_only_gv_can_answer_is_handed_over_after_one_walk() {
    let gv = five_below(".go-version", "latest\n");
    asks(&gv, &[START, ("newfstatat", 2 * 5 + 1), FILE[0], FILE[1], STORE]);
}
