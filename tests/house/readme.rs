//! README says what the program says. `GV_BLESS=1 cargo test readme` writes its tables anew.

use std::fmt::Write as _;
use std::path::PathBuf;

use gv::config::SETTINGS;
use gv::error::Exit;

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("README.md")
}

/// The part of README between `<!-- name -->` and `<!-- /name -->` is `table`.
#[track_caller]
fn holds(name: &str, table: &str) {
    let text = std::fs::read_to_string(path()).unwrap();
    let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let start = text.find(&begin).unwrap_or_else(|| panic!("README has no {begin}")) + begin.len();
    let length = text[start..].find(&end).unwrap_or_else(|| panic!("README has no {end}"));
    if std::env::var_os("GV_BLESS").is_some() {
        std::fs::write(path(), format!("{}{table}{}", &text[..start], &text[start + length..])).unwrap();
        return;
    }
    let found = &text[start..start + length];
    assert!(found == table, "`GV_BLESS=1 cargo test readme` mends README, which has:\n{found}\ninstead of:\n{table}");
}

/// One test for all tables: blessing writes one file.
#[test]
fn the_readme_has_the_tables_of_the_program() {
    holds("commands", &commands());
    holds("settings", &settings());
    holds("exit-codes", &exit_codes());
}

fn commands() -> String {
    let mut table = String::from("| command | |\n|-|-|\n");
    for command in gv::command().get_subcommands().filter(|command| !command.is_hide_set()) {
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        writeln!(table, "| `gv {}` | {about} |", command.get_name()).unwrap();
    }
    table
}

fn settings() -> String {
    let mut table = String::from("| setting | variable | default | |\n|-|-|-|-|\n");
    for setting in SETTINGS {
        let default = setting.default.replace('\n', ", ");
        let default = if default.is_empty() { String::new() } else { format!("`{default}`") };
        writeln!(table, "| `{}` | `{}` | {default} | {} |", setting.key, setting.variable, setting.help).unwrap();
    }
    table
}

fn exit_codes() -> String {
    let rows = [
        (Exit::Done, "done"),
        (Exit::Failed, "failed, for a reason that has no code of its own"),
        (
            Exit::Usage,
            "usage: the command line, a version file or the configuration asks for something without meaning",
        ),
        (Exit::NotInstalled, "not installed"),
        (Exit::Network, "network: a server could not be reached or did not answer in time"),
        (Exit::Untrusted, "untrusted: malformed, tampered with, or not proven"),
        (Exit::Busy, "busy: another process holds a lock, or uses what was to be changed"),
    ];
    let mut table = String::from("| code | |\n|-|-|\n");
    for (exit, meaning) in rows {
        writeln!(table, "| {} | {meaning} |", exit as u8).unwrap();
    }
    table
}

#[test]
fn help_has_the_exit_codes_too() {
    let help = gv::command().get_after_help().unwrap().to_string();
    for code in ["0 done", "1 failed", "2 usage", "3 not installed", "4 network", "5 untrusted", "6 busy", "126", "127"]
    {
        assert!(help.contains(code), "{code}");
    }
}

#[test]
fn the_help_of_a_command_shows_that_command() {
    for mut command in gv::command().get_subcommands().cloned() {
        let name = command.get_name().to_owned();
        let help = command.render_long_help().to_string();
        let examples = help.split_once("Examples:").map_or("", |(_, examples)| examples);
        let own = |line: &str| line.split_whitespace().take(2).eq(["gv", &name]);
        let any = |line: &str| line.trim().starts_with("gv ");
        assert!(examples.lines().any(own) || !examples.lines().any(any), "the examples of gv {name} are {examples}");
    }
    let help = |name: &str| gv::command().find_subcommand_mut(name).unwrap().render_long_help().to_string();
    // Two names of one thing, and each tells the other.
    assert!(help("global").contains("The same as `gv use`") && help("use").contains("`gv global`"));
}
