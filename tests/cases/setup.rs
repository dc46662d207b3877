//! `gv setup`, judged by the shells that read what it wrote.

use std::collections::BTreeMap;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use crate::support::outcome::Outcome;
use crate::support::{Sandbox, need};

/// What a shell runs to tell which `go` and which `gv` it finds.
const ASK: &str = "command -v go; command -v gv";

/// Every way in which a shell may start.
const STARTS: [(&str, &[&str]); 7] = [
    ("bash", &["-lc"]),
    ("bash", &["-ic"]),
    ("zsh", &["-c"]),
    ("zsh", &["-ic"]),
    ("zsh", &["-lc"]),
    ("fish", &["-c"]),
    ("fish", &["-lc"]),
];

/// A machine with another `go` on PATH and an installed version of gv's, whose shims are on no PATH yet.
fn machine(gv: Sandbox) -> Sandbox {
    let gv = gv.with("1.22.3");
    let other = gv.folder().join("other");
    std::fs::create_dir(&other).unwrap();
    std::fs::write(other.join("go"), "#!/bin/sh\necho another go\n").unwrap();
    std::fs::set_permissions(other.join("go"), PermissionsExt::from_mode(0o755)).unwrap();
    let path = format!("{}:{}:/usr/bin:/bin", other.display(), gv.folder().join("bin").display());
    gv.env("PATH", path)
}

/// Whatever start-up files there are: paths below HOME, links as their target, everything with its bytes.
fn dotfiles(gv: &Sandbox) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for name in [".bashrc", ".bash_profile", ".profile", ".zshenv", ".zshrc", ".config/fish/conf.d/gv.fish", "dot/rc"] {
        if let Ok(bytes) = std::fs::read(gv.home().join(name)) {
            found.insert(name.into(), bytes);
        }
    }
    found
}

fn in_shell(gv: &Sandbox, shell: &Path, start: &[&str], words: &str) -> Outcome {
    gv.output(gv.command(shell).args(start).arg(words))
}

/// That every new shell finds the shims first.
fn every_shell_finds_the_shims(gv: &Sandbox) {
    for (shell, start) in STARTS {
        let Some(program) = need(shell) else { continue };
        let found = in_shell(gv, &program, start, ASK).ok();
        let shims = gv.root().join("shims");
        let expected = format!("{}\n{}\n", shims.join("go").display(), shims.join("gv").display());
        assert_eq!(found.stdout, expected, "{shell} {start:?}: {}", found.stderr);
        in_shell(gv, &program, start, "go version").ok().shows("go1.22.3");
        in_shell(gv, &program, start, "gv root").ok().prints(&gv.root().display().to_string());
    }
}

fn all_shells(gv: &Sandbox, words: &str) -> Outcome {
    gv.run(format!("setup --shell bash --shell zsh --shell fish {words}").trim_end()).ok()
}

#[test]
fn every_new_shell_finds_the_shims_before_any_other_go() {
    let gv = machine(Sandbox::new());
    all_shells(&gv, "").says(".bashrc").says(".zshenv").says("gv.fish");
    every_shell_finds_the_shims(&gv);
}

#[test]
fn a_home_with_a_space_and_a_quote_is_set_up_like_any_other() {
    let gv = Sandbox::new();
    let home = gv.home().join("o'neil $HOME \\ x");
    std::fs::create_dir(&home).unwrap();
    let root = home.join("gv");
    // Exported, since it is not the default; and gv finds it by where it lies as well.
    let gv = machine(gv.env("GV_ROOT", &root));
    all_shells(&gv, "");
    let gv = gv.without("GV_ROOT");
    for (shell, start) in STARTS {
        let Some(program) = need(shell) else { continue };
        in_shell(&gv, &program, start, "go version").ok().shows("go1.22.3");
        in_shell(&gv, &program, start, "gv root").ok().prints(&root.display().to_string());
    }
    gv.output(gv.command(root.join("bin/gv")).arg("root")).ok().prints(&root.display().to_string());
}

#[test]
fn twice_changes_nothing_and_a_nested_shell_does_not_grow_path() {
    let gv = machine(Sandbox::new());
    std::fs::create_dir_all(gv.home().join("go/bin")).unwrap();
    all_shells(&gv, "--gobin");
    let files = dotfiles(&gv);
    let inode = |path: &str| std::fs::symlink_metadata(gv.root().join(path)).unwrap().ino();
    let before = (inode("bin/gv"), inode("shims/gv"), inode("shims/go"));
    all_shells(&gv, "--gobin").says("as it should be").never_says("changed");
    assert_eq!(dotfiles(&gv), files);
    assert_eq!((inode("bin/gv"), inode("shims/gv"), inode("shims/go")), before);
    for (shell, start) in STARTS {
        let Some(program) = need(shell) else { continue };
        let print = "printenv PATH";
        let nested = format!("{} {} '{print}'", program.display(), start[0]);
        let (once, twice) = (in_shell(&gv, &program, start, print), in_shell(&gv, &program, start, &nested));
        let (shims, gobin) = (gv.root().join("shims"), gv.home().join("go/bin"));
        assert!(once.stdout.starts_with(&format!("{}:{}:", shims.display(), gobin.display())), "{}", once.stdout);
        assert_eq!(twice.stdout.matches("go/bin").count(), 1, "{shell} {start:?}: {}", twice.stdout);
    }
}

#[test]
fn a_dry_run_shows_everything_and_changes_nothing() {
    let gv = machine(Sandbox::new());
    std::fs::write(gv.home().join(".bashrc"), "alias g=go\n").unwrap();
    let before = dotfiles(&gv);
    std::fs::remove_file(gv.root().join("bin/gv")).unwrap();
    all_shells(&gv, "--dry-run --gobin")
        .says("changes")
        .says("+   *) export PATH=")
        .says("+ fish_add_path")
        .says("go/bin");
    assert_eq!(dotfiles(&gv), before);
    all_shells(&gv, "");
    let before = dotfiles(&gv);
    gv.run("setup --undo --purge --dry-run").ok().says("removes").says("- # <<< gv <<<");
    assert_eq!(dotfiles(&gv), before);
    assert!(gv.root().join("bin/gv").exists());
}

#[test]
fn undo_restores_every_file_to_the_byte() {
    let gv = machine(Sandbox::new());
    let home = gv.home();
    std::fs::write(home.join(".bashrc"), "export A=1").unwrap();
    std::fs::write(home.join(".profile"), "# mine\n").unwrap();
    // An old encoding.
    std::fs::write(home.join(".zshenv"), b"# \xe9\n\n").unwrap();
    std::fs::write(home.join(".zshrc"), "").unwrap();
    let before = dotfiles(&gv);
    all_shells(&gv, "");
    every_shell_finds_the_shims(&gv);
    gv.run("setup --undo").ok().says("changed").says("--purge");
    assert_eq!(dotfiles(&gv), before);
    assert!(!home.join(".config/fish/conf.d/gv.fish").exists());
    gv.invariant().run("setup --undo").ok().says("no start-up file");
}

#[test]
fn undo_finds_the_block_in_a_file_that_a_shell_does_not_read_any_more() {
    let gv = machine(Sandbox::new());
    gv.run("setup --shell bash").ok();
    std::fs::write(gv.home().join(".bash_profile"), "").unwrap();
    gv.run("setup --undo").ok();
    assert_eq!(dotfiles(&gv).keys().collect::<Vec<_>>(), [Path::new(".bash_profile")]);
}

#[test]
fn a_purge_asks_first_and_then_leaves_nothing() {
    let gv = machine(Sandbox::new());
    std::fs::create_dir_all(gv.home().join(".config/gv")).unwrap();
    std::fs::write(gv.home().join(".config/gv/config.toml"), "").unwrap();
    all_shells(&gv, "");
    let before = dotfiles(&gv);
    gv.run("setup --undo --purge").fails(1).says("--yes");
    assert_eq!(dotfiles(&gv), before);
    gv.invariant().run("setup --undo --purge --yes").ok();
    assert!(!gv.root().exists() && !gv.home().join(".config/gv").exists());
    assert_eq!(dotfiles(&gv).len(), 0);
}

#[test]
fn a_linked_dotfile_stays_a_link_even_where_its_target_is_not_there_yet() {
    let gv = machine(Sandbox::new());
    std::fs::create_dir(gv.home().join("dot")).unwrap();
    symlink("dot/rc", gv.home().join(".bashrc")).unwrap();
    gv.run("setup --shell bash").ok();
    assert_eq!(std::fs::read_link(gv.home().join(".bashrc")).unwrap(), Path::new("dot/rc"));
    assert!(std::fs::read_to_string(gv.home().join("dot/rc")).unwrap().contains("shims"));
    gv.run("setup --undo").ok();
    assert!(std::fs::read_link(gv.home().join(".bashrc")).is_ok() && !gv.home().join("dot/rc").exists());
}

#[test]
fn a_read_only_file_stops_setup_before_anything_is_done() {
    let gv = machine(Sandbox::new());
    let profile = gv.home().join(".profile");
    std::fs::write(&profile, "# mine\n").unwrap();
    std::fs::set_permissions(&profile, PermissionsExt::from_mode(0o444)).unwrap();
    let before = dotfiles(&gv);
    std::fs::remove_file(gv.root().join("bin/gv")).unwrap();
    gv.run("setup --shell bash").fails(1).says(".profile").says("read-only").says("--dry-run");
    assert_eq!(dotfiles(&gv), before);
}

#[test]
fn a_root_that_path_cannot_name_is_refused() {
    let gv = Sandbox::new();
    let root = gv.home().join("a:b");
    gv.env("GV_ROOT", root).run("setup").fails(2).says("colon");
}

#[test]
fn setup_offers_the_folder_of_go_install_to_a_person() {
    let Some(script) = need("script") else { return };
    let answered = |answer: &str| {
        let gv = machine(Sandbox::new());
        let typed = format!("printf '{answer}\\n' | {} -qec 'gv setup --shell bash' /dev/null", script.display());
        let outcome = gv.output(gv.command("sh").arg("-c").arg(typed)).ok().shows("go/bin").shows("[y/N]");
        (std::fs::read_to_string(gv.home().join(".bashrc")).unwrap().contains("go/bin"), outcome)
    };
    assert!(answered("y").0);
    assert!(!answered("").0);
}
