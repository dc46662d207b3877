//! Removing what nobody needs any more, and nothing else.

use std::path::PathBuf;

use fs2::FileExt;

use crate::support::invariant::contents;
use crate::support::{Sandbox, need};

/// 1.22.3 is superseded by 1.22.10, and 1.21.13 is current.
fn superseded() -> Sandbox {
    Sandbox::new().with("1.21.13").with("1.22.3").with("1.22.10")
}

fn has(gv: &Sandbox, version: &str) -> bool {
    gv.root().join("toolchains").join(version).exists()
}

/// 1.22.3 stays for this reason.
#[track_caller]
fn stays(gv: &Sandbox, reason: &str) {
    gv.run("prune --yes").ok().says("go 1.22.3 stays: ").says(reason);
    assert!(has(gv, "1.22.3"));
    gv.invariant();
}

#[track_caller]
fn goes(gv: &Sandbox) {
    gv.run("prune --yes").ok().says("freed");
    assert!(!has(gv, "1.22.3"));
    gv.invariant();
}

#[test]
fn a_superseded_release_goes_and_the_newest_of_each_line_stays() {
    let gv = superseded().with("1.23rc1").with("1.24rc1").with("1.24.0");
    let outcome = gv.run("prune --yes").ok();
    outcome.shows("go 1.22.3").shows("go 1.24rc1").never_says("go 1.23rc1").never_says("go 1.22.10");
    let left: Vec<bool> =
        ["1.21.13", "1.22.3", "1.22.10", "1.23rc1", "1.24rc1", "1.24.0"].map(|v| has(&gv, v)).to_vec();
    assert_eq!(left, [true, false, true, true, false, true]);
    assert!(!gv.root().join("shims/go1.22.3").exists() && !gv.root().join("receipts/1.22.3.json").exists());
    gv.invariant().run("prune --yes").ok().says("there is nothing to prune");
}

#[test]
fn a_dry_run_changes_nothing() {
    let gv = superseded().env("GV_CACHE_KEEP", "true").sources(&["goproxy"]).with("1.22.4");
    std::fs::create_dir_all(gv.root().join("staging/1.22.9/tree")).unwrap();
    gv.write(".go-version", "1.22.3\n");
    gv.run("current").ok();
    std::fs::remove_file(gv.cwd().join(".go-version")).unwrap();
    let before = contents(&gv.root());
    let outcome = gv.run("prune --dry-run").ok();
    outcome.shows("go 1.22.3").shows("go 1.22.4").shows("leftovers of an install (1.22.9)").shows("tiles of");
    assert!(contents(&gv.root()) == before, "a dry run has changed something");
    gv.run("prune --dry-run --json").ok();
    assert!(contents(&gv.root()) == before, "a dry run has changed something");
}

#[test]
fn where_nobody_can_be_asked_nothing_is_removed() {
    let gv = superseded();
    let before = contents(&gv.root());
    gv.run("prune").fails(2).says("--yes").says("--dry-run").shows("go 1.22.3");
    assert!(contents(&gv.root()) == before, "something was removed");
    gv.run("prune --yes --dry-run").fails(2);
}

#[test]
fn on_a_terminal_only_a_yes_is_a_yes() {
    let Some(script) = need("script") else { return };
    for (answer, gone) in [("n", false), ("", false), ("y", true)] {
        let gv = superseded().env("TERM", "xterm");
        let shell = format!("echo '{answer}' | '{}' -qec 'bin/gv prune' /dev/null", script.display());
        let outcome = gv.output(gv.command("sh").args(["-c", &shell]).current_dir(gv.folder())).ok();
        assert!(outcome.stdout.contains("remove all of this? [y/N]"), "{}", outcome.stdout);
        assert_eq!(!has(&gv, "1.22.3"), gone, "{answer}");
    }
}

#[test]
fn what_a_known_project_pins_stays() {
    for (file, text) in [
        (".go-version", "1.22.3\n"),
        (".tool-versions", "nodejs 20\ngolang 1.99.1 1.22.3\n"),
        ("go.mod", "module m\n\ngo 1.21\n\ntoolchain go1.22.3\n"),
        ("go.work", "go 1.22.3\n"),
    ] {
        for command in ["current", "which", "local", "install --offline"] {
            let gv = superseded().within("app");
            let path = gv.write(file, text);
            // In .tool-versions the first version is the one to install, and there is no such.
            gv.run(command).fails_with(&[0, 2, 3, 4]);
            let gv = gv.within("../elsewhere");
            stays(&gv, &format!("asked for by ~/project/app/{file}"));
            std::fs::remove_file(path).unwrap();
            goes(&gv);
            assert_eq!(std::fs::read_dir(gv.root().join("projects")).unwrap().count(), 0);
        }
    }
}

#[test]
fn a_pin_that_was_written_before_the_first_install_is_known() {
    let gv = Sandbox::new().serving(["1.21.13", "1.22.3", "1.22.10"]).within("app");
    gv.run("local 1.22.3").ok();
    let gv = gv.within("../elsewhere");
    gv.run("install 1.21.13").ok();
    gv.run("install 1.22.3 1.22.10").ok();
    stays(&gv, "asked for by ~/project/app/.go-version:1");
}

#[test]
fn a_line_pins_what_it_means_now_and_what_go_would_switch_to_is_needed() {
    let gv = superseded().with("1.21.0").within("app");
    gv.run("local 1.22").ok();
    gv.write("../other/go.mod", "module m\n\ngo 1.21\n\ntoolchain go1.22.3\n");
    gv.write("../other/.go-version", "1.21.13\n");
    let gv = gv.within("../other");
    gv.run("current").ok().says("1.22.3");
    let gv = gv.within("../elsewhere");
    stays(&gv, "asked for by ~/project/other/.go-version");
    assert!(has(&gv, "1.22.10") && !has(&gv, "1.21.0"));
}

#[test]
fn what_runs_here_stays() {
    let gv = superseded().env("GV_VERSION", "1.22.3");
    stays(&gv, "asked for by GV_VERSION");
    goes(&gv.without("GV_VERSION"));
}

#[test]
fn a_pin_that_means_nothing_is_told_and_pins_nothing() {
    let gv = superseded().within("app");
    gv.run("local 1.22.3").ok();
    for text in ["$(evil)\n", ">=\n"] {
        gv.write(".go-version", text);
        gv.output(gv.gv().args(["prune", "--dry-run"]).current_dir(gv.home())).ok().says("warning").shows("go 1.22.3");
    }
    let gv = gv.within("../elsewhere");
    goes(&gv);
}

#[test]
fn what_is_current_previous_or_linked_stays() {
    let gv = superseded();
    gv.run("use 1.22.3").ok();
    stays(&gv, "it is current");
    gv.run("use 1.22.10").ok();
    stays(&gv, "`gv rollback` would go back to it");
    gv.run("use 1.21.13").ok();
    gv.run(&format!("link mine {}", gv.root().join("toolchains/1.22.3").display())).ok();
    stays(&gv, "mine is a link to it");
    gv.run("unlink mine").ok();
    goes(&gv);
}

#[test]
fn what_runs_right_now_stays() {
    let gv = superseded();
    let go = gv.root().join("toolchains/1.22.3/bin/go");
    let mut running = gv.spawn(gv.command(go).args(["sleep", "60"]));
    stays(&gv, &format!("pid {} runs its bin/go", running.child.id()));
    running.child.kill().unwrap();
    running.wait();
    goes(&gv);
}

#[test]
fn kept_archives_and_tiles_go_and_what_holds_servers_to_their_word_stays() {
    let gv = Sandbox::new().sources(&["goproxy"]).env("GV_CACHE_KEEP", "true").with("1.21.13").with("1.22.3");
    let archives = gv.root().join("cache/archives");
    let database = gv.root().join("cache/sumdb/sum.golang.org");
    std::fs::write(database.join("fork-0123456789abcdef.txt"), "evidence").unwrap();
    std::fs::write(archives.join("notes.txt"), "not gv's").unwrap();
    let count = || std::fs::read_dir(&archives).unwrap().count();
    assert_eq!(count(), 3);
    let tiles = |gv: &Sandbox| {
        contents(&gv.root().join("cache/sumdb/sum.golang.org/tile")).into_keys().filter(|path| path.is_file()).count()
    };
    assert!(tiles(&gv) > 0);
    // What is installed may have to be repaired from what was kept.
    gv.run("prune --yes").ok();
    assert_eq!((count(), tiles(&gv)), (3, 0));
    let gv = gv.without("GV_CACHE_KEEP");
    gv.run("prune --yes --toolchains --staging --generations").ok();
    assert_eq!(count(), 3);
    gv.run("prune --yes --cache").ok();
    assert_eq!(count(), 1);
    assert!(database.join("latest").is_file() && database.join("fork-0123456789abcdef.txt").is_file());
    gv.serving(["1.22.4"]).run("install 1.22.4").ok();
}

#[test]
fn an_archive_goes_with_its_version() {
    let gv = superseded().sources(&["goproxy"]).env("GV_CACHE_KEEP", "true").with("1.22.4");
    gv.run("prune --yes").ok();
    assert!(!has(&gv, "1.22.4"));
    assert_eq!(std::fs::read_dir(gv.root().join("cache/archives")).unwrap().count(), 0);
}

#[test]
fn downloads_that_nobody_goes_on_with_go_and_those_under_way_stay() {
    let gv = Sandbox::new().with("1.22.3");
    let part = |version: &str| -> PathBuf {
        let dir = gv.root().join("staging").join(version);
        std::fs::create_dir_all(&dir).unwrap();
        std::fs::write(dir.join("download.part"), "half").unwrap();
        std::fs::write(dir.join("download.part.json"), "{}").unwrap();
        dir
    };
    let (left, under_way) = (part("1.22.4"), part("1.22.5"));
    let lock = std::fs::File::create(gv.root().join("locks/1.22.5.lock")).unwrap();
    lock.lock_exclusive().unwrap();
    gv.run("prune --yes").ok().shows("1.22.4").never_says("1.22.5");
    assert!(!left.exists() && under_way.join("download.part").is_file());
    drop(lock);
    gv.run("prune --yes --staging").ok();
    gv.invariant();
    assert!(!under_way.exists());
}

#[test]
fn the_newest_ten_generations_stay_and_going_back_still_works() {
    let gv = Sandbox::new().with("1.21.13").with("1.22.3");
    for _ in 0..7 {
        gv.run("use 1.22.3").ok();
        gv.run("use 1.21.13").ok();
    }
    // What a crash left of one: without its links it is none, and still in the way.
    std::fs::create_dir_all(gv.root().join("generations/1")).unwrap();
    std::fs::remove_file(gv.root().join("generations/1/current")).unwrap();
    gv.run("prune --yes").ok().shows("generation 1");
    let mut left: Vec<u32> = std::fs::read_dir(gv.root().join("generations"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_str().unwrap().parse().unwrap())
        .collect();
    left.sort_unstable();
    assert_eq!(left, (6..=15).collect::<Vec<_>>());
    gv.run("rollback").ok();
    gv.run("rollback --to 7").ok();
    gv.invariant();
}

#[test]
fn row_42_several_prunes_at_once_remove_everything_once() {
    let gv = Sandbox::new().with("1.21.13").with("1.22.3").with("1.22.4").with("1.22.10");
    for _ in 0..7 {
        gv.run("use 1.22.10").ok();
        gv.run("use 1.21.13").ok();
    }
    std::fs::create_dir_all(gv.root().join("staging/removed.1.22.9/bin")).unwrap();
    let all: Vec<_> = (0..4).map(|_| gv.spawn(gv.gv().args(["prune", "--yes"]))).collect();
    for prune in all {
        prune.wait().ok();
    }
    assert!(!has(&gv, "1.22.3") && !has(&gv, "1.22.4") && !gv.root().join("locks/removed.1.22.9.lock").exists());
    gv.invariant().run("prune --yes").ok().says("there is nothing to prune");
}

#[test]
fn an_active_generation_stays_however_old_it_is() {
    let gv = Sandbox::new().with("1.22.3");
    for number in 2..=14 {
        let dir = gv.root().join(format!("generations/{number}"));
        std::fs::create_dir_all(&dir).unwrap();
        std::os::unix::fs::symlink("../../toolchains/1.22.3", dir.join("current")).unwrap();
    }
    gv.run("prune --yes").ok();
    assert!(gv.root().join("generations/1").is_dir() && !gv.root().join("generations/2").exists());
    gv.invariant().shim("go version").ok();
}
