//! Row 41: lock holders that are killed, stopped, or leave the lock to a child.

use std::path::Path;
use std::time::Duration;

use crate::support::outcome::Running;
use crate::support::server::Lie;
use crate::support::{Sandbox, need};

/// Two toolchains, and a third whose download never ends.
fn home() -> Sandbox {
    let gv = Sandbox::in_memory().sources(&["dl"]).with("1.21.13").with("1.22.3").serving(["1.23.1"]);
    gv.server().lie("/dl/go1.23.1*.tar.gz", Lie::StallAfter(1000));
    gv
}

fn kill(signal: &str, pid: u32) {
    assert!(std::process::Command::new("kill").args([signal, &pid.to_string()]).status().unwrap().success());
}

/// Waits until something is so; that takes a moment.
#[track_caller]
fn until(so: impl Fn() -> bool) {
    let started = std::time::Instant::now();
    while !so() {
        assert!(started.elapsed() < Duration::from_mins(1), "it never came to that");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn state(pid: u32) -> Option<char> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(") ")?.1.chars().next()
}

/// An install that holds the lock of its version, and waits for its server.
fn holding(gv: &Sandbox) -> Running<'_> {
    let install = gv.spawn(gv.gv().args(["install", "1.23.1"]));
    let part = gv.root().join("staging/1.23.1/download.part");
    until(|| part.metadata().is_ok_and(|meta| meta.len() > 0));
    install
}

fn host() -> String {
    std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap().trim().to_owned()
}

#[test]
fn row_41_a_killed_holder_has_let_go() {
    let gv = home();
    let mut install = holding(&gv);
    install.child.kill().unwrap();
    install.wait();
    gv.server().repent();
    gv.run("install 1.23.1").ok();
    gv.invariant().shim("go1.23.1 version").ok().shows("go1.23.1");
}

#[test]
fn row_41_a_stopped_holder_is_named_and_stops_nobody_else() {
    let gv = home().env("GV_LOCK_TIMEOUT", "1");
    let mut install = holding(&gv);
    let pid = install.child.id();
    kill("-STOP", pid);
    until(|| state(pid) == Some('T'));
    for words in ["install 1.23.1", "install --force 1.23.1"] {
        gv.run(words).fails(6).says("go 1.23.1 has been locked by").says(&format!("pid {pid} on {}", host()));
    }
    for words in ["use 1.22.3", "use 1.21.13", "rollback", "install --force 1.21.13", "list", "current"] {
        gv.run(words).ok();
    }
    gv.run("uninstall --force 1.21.13").ok();
    gv.shim("go version").ok().shows("go1.22.3");
    install.child.kill().unwrap();
    install.wait();
    gv.server().repent();
    gv.run("install 1.23.1").ok();
    gv.invariant();
}

#[test]
fn row_41_a_stopped_holder_of_the_store_is_named_and_the_shim_goes_on() {
    let gv = home().env("GV_LOCK_TIMEOUT", "1");
    // The second change after taking the lock: it is signed by then.
    let switch = gv.spawn(gv.gv().args(["use", "1.22.3"]).env("GV_TEST_STOP", "4"));
    let pid = switch.child.id();
    until(|| state(pid) == Some('T'));
    let named = format!("pid {pid} on {}", host());
    for words in ["use 1.22.3", "rollback", "uninstall --force 1.21.13", "install --force 1.22.3"] {
        gv.run(words).fails(6).says("the store has been locked by").says(&named).says("hint: ");
    }
    gv.run("list").ok();
    gv.shim("go version").ok().shows("go1.21.13");
    kill("-CONT", pid);
    switch.wait().ok();
    gv.invariant().shim("go version").ok().shows("go1.22.3");
}

/// A file descriptor of a process that leads into a folder.
fn holds_below(pid: u32, dir: &Path) -> bool {
    let fds = std::fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
    fds.filter_map(|fd| fd.path().read_link().ok()).any(|path| path.starts_with(dir))
}

#[test]
fn row_41_a_lock_that_a_child_has_inherited_blocks_nobody_for_ever() {
    let Some(flock) = need("flock") else { return };
    let gv = home().env("GV_LOCK_TIMEOUT", "1");
    let lock = gv.root().join("locks/store.lock");
    let script = "exec 9>>\"$1\"; \"$2\" 9; sleep 100 & echo $!";
    let mut holder = gv.command("sh");
    holder.args(["-c", script, "sh"]).arg(&lock).arg(flock).stdout(std::process::Stdio::piped());
    let child = {
        use std::io::{BufRead, BufReader};
        let mut holder = holder.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(holder.stdout.take().unwrap()).read_line(&mut line).unwrap();
        holder.wait().unwrap();
        line.trim().parse::<u32>().unwrap()
    };
    gv.run("use 1.22.3").fails(6).says("the store has been locked by").says("the lock is freed when it ends");
    gv.shim("go version").ok().shows("go1.21.13");
    kill("-KILL", child);
    gv.run("use 1.22.3").ok();
    gv.invariant();
}

#[test]
fn row_41_what_gv_runs_inherits_no_lock() {
    let gv = home().env("GV_LOCK_TIMEOUT", "1");
    let mut go = gv.spawn(gv.gv().args(["exec", "1.22.3", "go", "sleep", "100"]));
    let pid = go.child.id();
    let program = gv.root().join("toolchains/1.22.3/bin/go");
    until(|| std::fs::read_link(format!("/proc/{pid}/exe")).is_ok_and(|exe| exe == program));
    assert!(!holds_below(pid, &gv.root().join("locks")));
    for words in ["use 1.22.3", "use 1.21.13", "install --force 1.22.3"] {
        gv.run(words).ok();
    }
    go.child.kill().unwrap();
    go.wait();
    gv.invariant();
}
