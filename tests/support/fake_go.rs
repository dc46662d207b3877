//! The `go` of made toolchains: a real program that says which toolchain it lies in and what it was given.
//!
//! `version` prints what a real `go version` would; `which` the GOROOT that it was found in; `env-dump` its
//! arguments, folder and environment as JSON; `exit N` ends with code N; `sleep N` lasts N seconds; anything else
//! is echoed behind the version. A leading `-C DIR` is taken as read.

use std::ffi::OsString;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

fn main() -> ExitCode {
    let program = std::env::current_exe().unwrap_or_default();
    let root = program.ancestors().nth(2).map(PathBuf::from).unwrap_or_default();
    let args: Vec<OsString> = std::env::args_os().collect();
    let words: Vec<String> = args.iter().skip(1).map(|arg| arg.to_string_lossy().into_owned()).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let words = if let ["-C", _, rest @ ..] = &words[..] { rest } else { &words };
    match words {
        ["version"] => println!("{} version {} {}", name(&program), version(&root), platform()),
        ["which"] => println!("{}", root.display()),
        ["env-dump", ..] => println!("{}", dump(&args)),
        ["exit", code] => return ExitCode::from(code.parse::<u8>().unwrap_or(99)),
        ["sleep", seconds] => std::thread::sleep(Duration::from_secs(seconds.parse().unwrap_or(1))),
        _ => println!("{}: {}", version(&root), words.join(" ")),
    }
    ExitCode::SUCCESS
}

fn name(program: &Path) -> String {
    program.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn version(root: &Path) -> String {
    let text = std::fs::read_to_string(root.join("VERSION")).unwrap_or_default();
    text.lines().next().unwrap_or("no VERSION").to_owned()
}

fn platform() -> &'static str {
    if cfg!(target_arch = "aarch64") { "linux/arm64" } else { "linux/amd64" }
}

fn dump(args: &[OsString]) -> String {
    let args: Vec<String> = args.iter().map(|arg| quoted(&arg.to_string_lossy())).collect();
    let env: Vec<String> = std::env::vars_os()
        .map(|(key, value)| format!("{}:{}", quoted(&key.to_string_lossy()), quoted(&value.to_string_lossy())))
        .collect();
    let cwd = std::env::current_dir().unwrap_or_default();
    let cwd = quoted(&cwd.to_string_lossy());
    format!("{{\"args\":[{}],\"cwd\":{cwd},\"env\":{{{}}}}}", args.join(","), env.join(","))
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
