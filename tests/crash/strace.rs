//! strace: what a command asks of the kernel, and how one of these calls is made to end it or to fail.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use super::case::Case;
use crate::support::Sandbox;
use crate::support::need::{lacks, need};
use crate::support::outcome::Outcome;
use crate::support::sandbox::split;

/// strace, where it may trace.
pub(super) struct Strace(PathBuf);

/// The system calls of a command that ended by itself.
pub(super) struct Recorded {
    /// By name: how many the busiest thread made, since strace counts for each thread by itself.
    pub(super) busiest: BTreeMap<String, usize>,
    /// Of all threads together.
    pub(super) calls: usize,
    pub(super) threads: usize,
}

impl Strace {
    /// `None`, said in one line, where there is no strace or it may not trace.
    pub(super) fn find() -> Option<Strace> {
        let strace = need("strace")?;
        let mut probe = Command::new(&strace);
        probe.args(["-o", "/dev/null", "true"]).stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
        if probe.status().is_ok_and(|status| status.success()) {
            return Some(Strace(strace));
        }
        lacks("the right to trace");
        None
    }

    /// Runs a case's command to its end and records its calls.
    pub(super) fn record(&self, gv: &Sandbox, case: &Case) -> Recorded {
        let log = gv.folder().join("strace.log");
        let mut command = gv.command(&self.0);
        command.args(["-f", "-qq", "-e", "signal=none", "-o"]).arg(&log);
        gv.output(of(&mut command, gv, case)).ok();
        let text = std::fs::read_to_string(&log).expect("strace wrote its log");
        let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for line in text.lines() {
            let Some((thread, call)) = line.split_once(' ') else { continue };
            if let Some((name, _)) = call.trim_start().split_once('(').filter(|(name, _)| is_name(name)) {
                *counts.entry((thread, name)).or_default() += 1;
            }
        }
        let mut busiest: BTreeMap<String, usize> = BTreeMap::new();
        for ((_, name), count) in &counts {
            let most = busiest.entry((*name).to_owned()).or_default();
            *most = (*most).max(*count);
        }
        let threads: std::collections::BTreeSet<&str> = counts.keys().map(|(thread, _)| *thread).collect();
        Recorded { busiest, calls: counts.values().sum(), threads: threads.len() }
    }

    /// Runs a case's command with the `k`-th call of that name tampered with: `signal=KILL`, `error=EIO`.
    pub(super) fn inject(&self, gv: &Sandbox, case: &Case, name: &str, k: usize, tampering: &str) -> Outcome {
        let mut command = gv.command(&self.0);
        command.args(["-f", "-qq", "-e", "signal=none", "-o", "/dev/null"]);
        // Faster, but with it strace 6.1 delivers no signal.
        command.args(tampering.starts_with("error").then_some("--seccomp-bpf"));
        command.args(["-e", &format!("trace={name}"), "-e", &format!("inject={name}:{tampering}:when={k}")]);
        gv.output(of(&mut command, gv, case))
    }
}

fn of<'a>(command: &'a mut Command, gv: &Sandbox, case: &Case) -> &'a mut Command {
    command.arg(gv.folder().join("bin/gv")).args(split(case.words))
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
