//! What a command did, and everything that helps to understand it when it was not what it should have done.
#![allow(clippy::return_self_not_must_use)] // an outcome is handed on from one demand to the next, and then dropped

use std::fmt::Write as _;
use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::invariant::listing;
use super::sandbox::Sandbox;

/// No command of these tests has a reason to last longer, though a real `go build` on a busy machine comes near.
const LONGEST: Duration = Duration::from_mins(3);

/// A command on its way.
pub struct Running<'a> {
    sandbox: &'a Sandbox,
    command: String,
    /// The process.
    pub child: Child,
    streams: [JoinHandle<Vec<u8>>; 2],
    started: Instant,
}

/// A command that has ended.
pub struct Outcome {
    /// How it ended.
    pub status: ExitStatus,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
    /// How long it took.
    pub took: Duration,
    /// For the report of a failure.
    story: String,
    names: Vec<(String, &'static str)>,
}

impl<'a> Running<'a> {
    #[track_caller]
    pub(super) fn start(sandbox: &'a Sandbox, command: &mut Command) -> Running<'a> {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let text = format!("{command:?}");
        let started = Instant::now();
        let mut child = command.spawn().unwrap_or_else(|err| {
            panic!("cannot start {text}: {err}\n{}", story(sandbox, &text));
        });
        let streams = [collect(child.stdout.take()), collect(child.stderr.take())];
        Running { sandbox, command: text, child, streams, started }
    }

    /// Waits for the end, which comes in bounded time.
    #[track_caller]
    pub fn wait(mut self) -> Outcome {
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("the child is ours") {
                break status;
            }
            if self.started.elapsed() > LONGEST {
                // It may have ended this very moment.
                let _ = self.child.kill();
                let [_, stderr] = self.streams.map(text_of);
                panic!(
                    "{} did not end within {LONGEST:?}\n{stderr}\n{}",
                    self.command,
                    story(self.sandbox, &self.command)
                );
            }
            std::thread::sleep(Duration::from_millis(1));
        };
        let took = self.started.elapsed();
        let [stdout, stderr] = self.streams.map(text_of);
        let folder = self.sandbox.folder().display().to_string();
        let names = vec![
            (format!("{folder}/home/project"), "[PROJECT]"),
            (self.sandbox.root().display().to_string(), "[ROOT]"),
            (format!("{folder}/home"), "~"),
            (folder, "[SANDBOX]"),
            (format!("127.0.0.1:{}", self.sandbox.server().port()), "[SERVER]"),
        ];
        Outcome { status, stdout, stderr, took, story: story(self.sandbox, &self.command), names }
    }
}

fn collect(stream: Option<impl Read + Send + 'static>) -> JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut stream) = stream {
            // What was read until then is what there is to show.
            let _ = stream.read_to_end(&mut bytes);
        }
        bytes
    })
}

fn text_of(stream: JoinHandle<Vec<u8>>) -> String {
    String::from_utf8_lossy(&stream.join().unwrap_or_default()).into_owned()
}

/// Command, folder, environment, store and server, told at the moment when the command ended.
fn story(sandbox: &Sandbox, command: &str) -> String {
    let mut story = format!("command: {command}\nfolder:  {}\n", sandbox.cwd().display());
    for (name, value) in sandbox.environment() {
        let _ = writeln!(story, "         {}={}", name.to_string_lossy(), value.to_string_lossy());
    }
    let _ = writeln!(story, "-- store\n{}-- server", listing(&sandbox.root()));
    for request in sandbox.server().requests() {
        let _ = writeln!(story, "{request}");
    }
    story
}

impl Outcome {
    /// It has to have succeeded.
    #[track_caller]
    pub fn ok(self) -> Outcome {
        self.fails(0)
    }

    /// It has to have ended with this code.
    #[track_caller]
    pub fn fails(self, code: i32) -> Outcome {
        if self.status.code() != Some(code) {
            self.object(&format!("exit code {code}"));
        }
        self
    }

    /// It has to have ended with one of these codes.
    #[track_caller]
    pub fn fails_with(self, codes: &[i32]) -> Outcome {
        if self.status.code().is_none_or(|code| !codes.contains(&code)) {
            self.object(&format!("one of the exit codes {codes:?}"));
        }
        self
    }

    /// Its standard error has to be one line.
    #[track_caller]
    pub fn says_one_line(self) -> Outcome {
        if self.stderr.lines().count() != 1 {
            self.object("one line on standard error");
        }
        self
    }

    /// Its standard error has to contain this.
    #[track_caller]
    pub fn says(self, text: &str) -> Outcome {
        if !self.stderr.contains(text) {
            self.object(&format!("standard error with {text:?}"));
        }
        self
    }

    /// Its standard error must not contain this.
    #[track_caller]
    pub fn never_says(self, text: &str) -> Outcome {
        if self.stderr.contains(text) || self.stdout.contains(text) {
            self.object(&format!("no word of {text:?}"));
        }
        self
    }

    /// Its standard output has to be this line.
    #[track_caller]
    pub fn prints(self, line: &str) -> Outcome {
        if self.stdout != format!("{line}\n") {
            self.object(&format!("standard output {line:?}"));
        }
        self
    }

    /// Its standard output has to contain this.
    #[track_caller]
    pub fn shows(self, text: &str) -> Outcome {
        if !self.stdout.contains(text) {
            self.object(&format!("standard output with {text:?}"));
        }
        self
    }

    /// Its standard output as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|err| self.object(&format!("JSON ({err})")))
    }

    /// It has to have ended within this time.
    #[track_caller]
    pub fn within(self, bound: Duration) -> Outcome {
        if self.took > bound {
            self.object(&format!("an end within {bound:?}, not after {:?}", self.took));
        }
        self
    }

    /// Exit code, output and errors have to be exactly these, but for paths, ports, times and sizes.
    ///
    /// The text is `exit N`, then the lines of standard output after `|`, those of standard error after `!`.
    #[track_caller]
    pub fn matches(self, expected: &str) -> Outcome {
        let trim = |text: &str| text.trim().lines().map(|line| line.trim().to_owned()).collect::<Vec<_>>();
        let (expected, found) = (trim(expected), trim(&self.rendered()));
        if expected != found {
            self.object(&format!("\n{}\nnot\n{}", expected.join("\n"), found.join("\n")));
        }
        self
    }

    /// What [`Outcome::matches`] compares with.
    pub fn rendered(&self) -> String {
        let mut text = match (self.status.code(), self.status.signal()) {
            (Some(code), _) => format!("exit {code}\n"),
            (_, signal) => format!("signal {}\n", signal.unwrap_or_default()),
        };
        for (mark, stream) in [('|', &self.stdout), ('!', &self.stderr)] {
            for line in stream.lines() {
                let line = self.names.iter().fold(line.to_owned(), |line, (from, to)| line.replace(from, to));
                let _ = writeln!(text, "{mark} {}", without_measures(&line));
            }
        }
        text
    }

    #[track_caller]
    fn object(&self, wanted: &str) -> ! {
        let (status, stdout, stderr) = (self.status, &self.stdout, &self.stderr);
        panic!("wanted {wanted}\n{}-- {status}\n-- stdout\n{stdout}-- stderr\n{stderr}", self.story);
    }
}

/// A line with `1.2 s`, `512 KiB` and `2026-11-22T18:00:00Z` replaced.
fn without_measures(line: &str) -> String {
    const UNITS: [&str; 9] = ["s", "ms", "B", "kB", "KiB", "MB", "MiB", "MB/s", "MiB/s"];
    let words: Vec<&str> = line.split(' ').collect();
    let mut out: Vec<String> = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let bare = word.trim_matches(['(', ')', ',', '.']);
        let number = !bare.is_empty() && bare.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ','));
        let unit = words.get(at + 1).is_some_and(|next| UNITS.contains(&next.trim_matches(['(', ')', ',', '.'])));
        let time = bare.len() >= 19 && bare.as_bytes()[10] == b'T' && bare.as_bytes()[4] == b'-';
        out.push(match (number && unit, time) {
            (true, _) => word.replace(bare, "[N]"),
            (_, true) => word.replace(bare, "[TIME]"),
            _ => (*word).to_owned(),
        });
    }
    out.join(" ")
}
