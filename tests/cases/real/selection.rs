//! gv's prediction of what the go command does, against the go command: every setting with every file and base.

use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

use crate::support::{Sandbox, real};

/// What a file says after its first line.
const FLOORS: [&str; 21] = [
    "",
    "go 1.18",
    "go 1.21",
    "go 1.21.13",
    "go 1.22",
    "go 1.22rc1",
    "go 1.22.10 // why not",
    "go 1.27.4",
    "go 1.27",
    "go 1.28rc1",
    "go 1.99",
    "toolchain go1.27.4",
    "go 1.21\ntoolchain go1.27.4",
    "go 1.21\ntoolchain go1.22.10",
    "go 1.27.4\ntoolchain go1.22.10",
    "go 1.22\ntoolchain go1.99.1",
    "go 1.22.10\ntoolchain default",
    "go 1.99\ntoolchain default",
    "go 1.21\ntoolchain bash",
    "go 1.21\ntoolchain go1.22",
    "go 1.21\ntoolchain go1.27.4-bigcorp",
];

/// Where the last of them stands.
const SUFFIXED: &str = "floor-20";

/// Values of GOTOOLCHAIN; an empty one is none.
const SETTINGS: [&str; 17] = [
    "",
    "auto",
    "path",
    "local",
    "local+auto",
    "local+path",
    "go1.21.13",
    "go1.27.4",
    "go1.27.4+auto",
    "go1.21.13+auto",
    "go1.21.13+path",
    "go1.99.1",
    "go1.99.1+path",
    "go1.22",
    "go1.27.4-bigcorp",
    "default",
    "go1.27.4+what",
];

/// A place, an environment, and the Go that the shim starts there.
struct Row {
    base: &'static str,
    setting: &'static str,
    file: String,
    env: Vec<(&'static str, String)>,
}

/// What a prediction comes to, in the words of its JSON.
fn predicted(gv: &Sandbox, row: &Row) -> Value {
    run(gv, row, gv.gv().args(["current", "--json"])).0.parse::<Value>().map(|json| json["current"].clone()).unwrap()
}

/// Output and errors of a command in a row's place.
fn run(gv: &Sandbox, row: &Row, command: &mut Command) -> (String, String) {
    if !row.base.is_empty() {
        command.env("GV_VERSION", row.base);
    }
    if !row.setting.is_empty() {
        command.env("GOTOOLCHAIN", row.setting);
    }
    command.envs(row.env.iter().map(|(name, value)| (name, value))).current_dir(gv.cwd().join(&row.file));
    let output = command.output().unwrap();
    [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).into()
}

/// Whether the go command does what was predicted; if not, what was said.
fn judge(gv: &Sandbox, row: &Row) -> Result<(), String> {
    let said = predicted(gv, row);
    let go = || gv.command(gv.root().join("shims/go"));
    let (version, error) = run(gv, row, go().arg("version"));
    let word = |key: &str| said[key].as_str().unwrap_or_default().to_owned();
    let runs = |version_wanted: &str| version.starts_with(&format!("go version go{version_wanted} "));
    let named = format!("go{}", word("go_then_version").trim_end_matches(".0"));
    let fine = match word("go_then").as_str() {
        "stays" => runs(&word("version")) && !run(gv, row, go().args(["list", "-m"])).1.contains("requires go >="),
        "switches" => runs(&word("go_then_version")),
        "downloads" => {
            error.contains(&format!("download {named}")) || error.contains(&format!("{named}: module lookup"))
        }
        "fails" if version.is_empty() => {
            error.contains("invalid ")
                || error.contains("toolchain not available")
                || error.contains("-bigcorp\" in PATH")
                || error.contains(&format!("cannot find \"{named}")) && error.contains("PATH")
        }
        "fails" => run(gv, row, go().args(["list", "-m"])).1.contains("requires go >="),
        _ => false,
    };
    if fine {
        return Ok(());
    }
    let listed = run(gv, row, go().args(["list", "-m"])).1;
    let then = format!("{} then {} {}", word("version"), word("go_then"), word("go_then_version"));
    let Row { base, setting, file, env } = row;
    Err(format!(
        "base {base:?} GOTOOLCHAIN={setting:?} in {file} {env:?}: gv says {then}\n  go version: {version}{error}  go list -m: {listed}"
    ))
}

/// Judges all rows on a few threads; every disagreement is told.
#[track_caller]
fn agree(gv: &Sandbox, rows: &[Row]) {
    let next = AtomicUsize::new(0);
    let judged = || {
        let mut wrong = Vec::new();
        while let Some(row) = rows.get(next.fetch_add(1, Ordering::Relaxed)) {
            wrong.extend(judge(gv, row).err());
        }
        wrong
    };
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let threads = [(); 3].map(|()| scope.spawn(judged));
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert!(wrong.is_empty(), "{} of {} rows disagree:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

/// A module a folder.
fn modules(gv: &Sandbox) -> Vec<String> {
    let names = (0..FLOORS.len()).map(|at| format!("floor-{at}"));
    names
        .zip(FLOORS)
        .map(|(name, floor)| {
            gv.write(&format!("{name}/go.mod"), format!("module example.test/m\n\n{floor}\n"));
            name
        })
        .collect()
}

#[test]
fn every_setting_with_every_floor_and_every_base() {
    let Some(gv) = real::sandbox() else { return };
    let mut rows = Vec::new();
    for file in modules(&gv) {
        for setting in SETTINGS {
            for base in ["", "1.21.13", "1.22.10", "1.27.4"] {
                // Go 1.21 alone takes a toolchain line's name before an equal one of GOTOOLCHAIN: a matter of suffixes.
                if !(base == "1.21.13" && setting == "go1.27.4+auto" && file == SUFFIXED) {
                    rows.push(Row { base, setting, file: file.clone(), env: Vec::new() });
                }
            }
        }
    }
    agree(&gv, &rows);
}

#[test]
fn workspaces_and_the_variables_that_choose_them() {
    let Some(gv) = real::sandbox() else { return };
    let module = |floor: &str| format!("module example.test/m\n\n{floor}\n");
    gv.write("work/go.work", "go 1.27.4\n\nuse ./m\n");
    gv.write("work/m/go.mod", module("go 1.21"));
    gv.write("low/go.work", "go 1.21\n\nuse ./m\n");
    gv.write("low/m/go.mod", module("go 1.21"));
    gv.write("block/go.work", "use (\n\t./m\n)\ngo 1.21\ntoolchain go1.27.4\n");
    gv.write("block/m/go.mod", module("go 1.21"));
    gv.write("empty/.keep", "");
    let elsewhere = gv.write("elsewhere.work", "go 1.27.4\n\nuse ./low/m\n").display().to_string();
    let nowhere = gv.cwd().join("nowhere.work").display().to_string();
    let low = gv.cwd().join("low/m").display().to_string();
    let env = |pairs: &[(&'static str, &str)]| pairs.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    let environments: [Vec<(&str, String)>; 8] = [
        Vec::new(),
        env(&[("GOWORK", "off")]),
        env(&[("GOWORK", &elsewhere)]),
        env(&[("GOWORK", &nowhere)]),
        env(&[("GO111MODULE", "off")]),
        env(&[("GO111MODULE", "auto")]),
        env(&[("TMPDIR", &low)]),
        env(&[("GOWORK", ""), ("GO111MODULE", "on")]),
    ];
    let mut rows = Vec::new();
    for env in environments {
        for file in ["work", "work/m", "low", "low/m", "block/m", "empty"] {
            for (base, setting) in
                [("", ""), ("1.21.13", ""), ("1.22.10", "path"), ("1.21.13", "go1.27.4"), ("1.27.4", "go1.21.13+auto")]
            {
                rows.push(Row { base, setting, file: file.to_owned(), env: env.clone() });
            }
        }
    }
    agree(&gv, &rows);
}

#[test]
fn what_go_env_w_wrote_counts_unless_the_environment_says_otherwise() {
    let Some(gv) = real::sandbox() else { return };
    let files = modules(&gv);
    let rows = |env: &[(&'static str, &str)], setting| {
        let env: Vec<_> = env.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        let rows = files.iter().map(move |file| Row { base: "1.22.10", setting, file: file.clone(), env: env.clone() });
        rows.collect::<Vec<_>>()
    };
    for written in ["local", "path", "go1.21.13", "go1.21.13+auto", "nonsense"] {
        let file = gv.home().join(".config/go/env");
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, format!("# by hand\nGOFLAGS=-modcacherw\nGOTOOLCHAIN={written}\n")).unwrap();
        agree(&gv, &rows(&[], ""));
        agree(&gv, &rows(&[], "auto"));
        agree(&gv, &rows(&[("GOENV", "off")], ""));
    }
}
