//! The committed completions are those of the command line. `GV_BLESS=1 cargo test completions` writes them anew.

use std::path::Path;
use std::process::Command;

use clap_complete::{Shell, generate};
use clap_complete_nushell::Nushell;

use crate::support::need;

/// The scripts by their names in `completions/`.
fn scripts() -> Vec<(&'static str, Vec<u8>)> {
    let bash = script(|command, into| generate(Shell::Bash, command, "gv", into));
    let zsh = script(|command, into| generate(Shell::Zsh, command, "gv", into));
    let fish = script(|command, into| generate(Shell::Fish, command, "gv", into));
    let powershell = script(|command, into| generate(Shell::PowerShell, command, "gv", into));
    let elvish = script(|command, into| generate(Shell::Elvish, command, "gv", into));
    let nushell = script(|command, into| generate(Nushell, command, "gv", into));
    vec![
        ("gv.bash", bash),
        ("_gv", zsh),
        ("gv.fish", fish),
        ("_gv.ps1", powershell),
        ("gv.elv", elvish),
        ("gv.nu", nushell),
    ]
}

fn script(write: impl FnOnce(&mut clap::Command, &mut Vec<u8>)) -> Vec<u8> {
    let mut text = Vec::new();
    write(&mut visible(&gv::command()), &mut text);
    text
}

/// The command line as help shows it: some of the generators would offer what is hidden.
fn visible(whole: &clap::Command) -> clap::Command {
    clap::Command::new("gv")
        .version(env!("CARGO_PKG_VERSION"))
        .disable_help_subcommand(true)
        .args(whole.get_arguments().cloned())
        .subcommands(whole.get_subcommands().filter(|command| !command.is_hide_set()).cloned())
}

#[test]
fn the_committed_completions_are_those_of_the_command_line() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("completions");
    for (name, text) in scripts() {
        let path = folder.join(name);
        if std::env::var_os("GV_BLESS").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        let committed = std::fs::read(&path).unwrap_or_default();
        assert!(committed == text, "completions/{name} is out of date: `GV_BLESS=1 cargo test completions` writes it");
    }
}

#[test]
fn what_help_hides_is_not_completed() {
    for (name, text) in scripts() {
        assert!(!String::from_utf8_lossy(&text).contains("shim-exec"), "{name} offers shim-exec");
    }
}

#[test]
fn bash_zsh_and_fish_complete_a_command() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("completions");
    let cases = [
        ("bash", "source ./gv.bash; COMP_WORDS=(gv inst) COMP_CWORD=1; _gv gv inst gv; echo \"${COMPREPLY[@]}\""),
        ("zsh", "fpath=(. $fpath); autoload -Uz _gv; autoload +X _gv && print install"),
        ("fish", "source ./gv.fish; complete -C 'gv inst'"),
    ];
    for (shell, words) in cases {
        let Some(program) = need(shell) else { continue };
        let output = Command::new(program).args(["-c", words]).current_dir(&folder).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(said.starts_with("install"), "{shell} says {said:?}, {}", String::from_utf8_lossy(&output.stderr));
    }
}
