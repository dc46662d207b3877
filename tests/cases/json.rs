//! What `--json` prints is what README says that it prints.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::support::Sandbox;
use crate::support::golang::Toolchain;

/// A row of README's table: what stands under one key of one command's document.
struct Row {
    /// `toolchains`, or `keys.subkeys` for what stands within another.
    kind: String,
    is_list: bool,
    /// Every field, with the values that it may have where README names them.
    fields: BTreeMap<String, BTreeSet<String>>,
}

/// README's table by command.
fn table() -> BTreeMap<String, Vec<Row>> {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let (_, rest) = readme.split_once("<!-- json -->\n").expect("README has a table of JSON");
    let (text, _) = rest.split_once("<!-- /json -->").unwrap();
    let mut rows: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    let mut commands = Vec::new();
    for line in text.lines().skip(2) {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").collect();
        let &[command, kind, fields] = &cells[..] else { panic!("not three cells: {line}") };
        if !names(command).is_empty() {
            commands = names(command);
        }
        for command in &commands {
            let kind = (names(kind).remove(0), kind.contains(", a list"));
            let row = Row { kind: kind.0, is_list: kind.1, fields: self::fields(fields) };
            rows.entry(command.clone()).or_default().push(row);
        }
    }
    rows
}

/// What stands between backticks.
fn names(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Names outside parentheses, each with those within the parentheses behind it.
fn fields(text: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut fields = BTreeMap::new();
    let mut last = String::new();
    for part in text.split(')') {
        let (outside, within) = part.split_once('(').unwrap_or((part, ""));
        for name in names(outside) {
            last.clone_from(&name);
            fields.insert(name, BTreeSet::new());
        }
        fields.entry(last.clone()).or_default().extend(names(within));
    }
    fields
}

/// A document has these rows, and nothing else.
#[track_caller]
fn holds(command: &str, document: &Value, rows: &[Row]) {
    let top = rows.iter().filter(|row| !row.kind.contains('.')).map(|row| row.kind.as_str());
    let keys: BTreeSet<&str> = document.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, top.chain(["gv"]).collect(), "gv {command}");
    assert_eq!(document["gv"], 1, "gv {command}");
    for row in rows {
        let payload = row.kind.split('.').fold(document, |value, key| &value[key]);
        let items = if row.is_list { payload.as_array().unwrap().iter().collect() } else { vec![payload] };
        assert!(!items.is_empty(), "gv {command} shows no {}", row.kind);
        for item in items {
            let found: BTreeSet<&String> = item.as_object().unwrap().keys().collect();
            assert_eq!(found, row.fields.keys().collect(), "{} of gv {command}", row.kind);
            for (field, values) in &row.fields {
                let known = |value: &str| values.is_empty() || values.contains(value);
                assert!(item[field].as_str().is_none_or(known), "{field} of gv {command} is {}", item[field]);
            }
        }
    }
}

#[test]
fn every_document_has_the_fields_that_readme_names() {
    let made = Toolchain::new("1.22.3");
    let gv = Sandbox::new().with("1.21.13").with("1.21.12").with("1.22.10").with("1.23.1").serving(["1.22.3"]);
    let file = made.file_name();
    for name in [file.clone(), format!("{file}.asc")] {
        let bytes = gv.server().site().files[&format!("/dl/{name}")].clone();
        gv.write(&name, bytes);
    }
    gv.write(".go-version", "1.22.3\n");
    gv.run(&format!("link mine {}", gv.root().join("toolchains/1.23.1").display())).ok();
    let verify = format!("verify --file {file}");
    std::fs::write(gv.root().join("toolchains/1.21.12/VERSION"), "go1.21.12\n").unwrap();
    // In this order: one makes what the next one shows.
    let session = [
        ("install", "install 1.22.3"),
        ("use", "use 1.23.1"),
        ("global", "global 1.22.3"),
        ("rollback", "rollback"),
        ("history", "history"),
        ("list", "list"),
        ("list --remote", "list --remote"),
        ("current", "current"),
        ("local", "local"),
        ("which", "which"),
        ("config", "config"),
        ("keys", "keys"),
        ("verify --file", &verify),
        ("verify", "verify --all"),
        ("prune", "prune --dry-run"),
    ];
    let table = table();
    for (command, words) in session {
        // Of several toolchains one is damaged.
        let code = if command == "verify" { 5 } else { 0 };
        let document = gv.run(&format!("{words} --json")).fails(code).json();
        holds(command, &document, table.get(command).unwrap_or_else(|| panic!("README has no row for {command}")));
    }
    // The session has every row, and every command that knows --json.
    assert_eq!(table.keys().map(String::as_str).collect::<BTreeSet<_>>(), session.iter().map(|row| row.0).collect());
    let mut program = gv::command();
    program.build();
    for command in program.get_subcommands() {
        let knows = command.get_arguments().any(|argument| argument.get_long() == Some("json"));
        assert_eq!(knows, table.contains_key(command.get_name()), "{}", command.get_name());
    }
}
