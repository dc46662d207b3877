//! What gv's everyday commands take, beside a program that does nothing and the peers' own.

#[path = "support/mod.rs"]
pub mod support;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use support::server::{self, Server, UNLIMITED};
use support::{Cost, built, cost, median, micros, nanos, on_path, peers, steps, table};

/// Interleaved rounds that are measured, and those before them that are not.
const ROUNDS: usize = 300;
const WARM_UP: usize = 20;

/// How often the peers have a turn, which would leave cold caches behind in every round.
const BETWEEN_PEERS: usize = 10;

/// How many toolchains the store has where it has many.
const MANY: usize = 500;

/// The most that a command may take of what `/bin/true` takes.
const LIMIT: f64 = 2.0;

/// The most that `gv list --remote` may take with the index in its cache, in ms.
const LIMIT_REMOTE: f64 = 20.0;

/// The most that the program may have, in bytes.
const LIMIT_SIZE: u64 = 12_000_000;

/// How long after a change gv trusts a folder's times.
const SETTLED: Duration = Duration::from_secs(4);

struct Case {
    name: String,
    command: Command,
    limit: String,
    costs: Vec<Cost>,
}

impl Case {
    fn new(name: impl Into<String>, command: Command, limit: impl Into<String>) -> Case {
        Case { name: name.into(), command, limit: limit.into(), costs: Vec::new() }
    }

    fn measure(&mut self) {
        let cost = cost(&mut self.command);
        self.costs.push(cost);
    }

    /// Wall time, and user and system time together, in ns.
    fn times(&self) -> [i64; 2] {
        [|cost: &Cost| cost.wall, |cost: &Cost| cost.cpu]
            .map(|part| median(self.costs.iter().map(|cost| nanos(part(cost)))))
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [role, rest @ ..] = arguments.as_slice()
        && role == server::ROLE
    {
        server::serve(rest);
    }
    let folder = support::folder("bench-startup-");
    let (few, many) = (folder.path().join("few"), folder.path().join("many"));
    store(&few, 3);
    store(&many, MANY);
    let gv = built("gv");
    let ours = |root: &Path, words: &[&str]| {
        let mut command = peers::command(&gv, folder.path());
        command.args(words).env("GV_ROOT", root);
        command
    };
    // Only when nothing has changed for a while does gv keep what its list shows of many receipts.
    sleep(SETTLED);
    let source = indexed(&few, &folder.path().join("site"), &mut peers::command(&gv, folder.path()));
    let nothing = peers::command(Path::new("/bin/true"), folder.path());
    let limit = format!("{LIMIT:.1} ×");
    let mut cases = vec![Case::new("/bin/true", nothing, "-")];
    for words in ["current", "list", "which", "--help", "completions bash", "completions zsh", "completions fish"] {
        let command = ours(&few, &words.split(' ').collect::<Vec<_>>());
        cases.push(Case::new(format!("gv {words}"), command, &limit));
    }
    for words in ["current", "list", "which"] {
        cases.push(Case::new(format!("gv {words}, {MANY} toolchains"), ours(&many, &[words]), &limit));
    }
    let stepped = cases.len();
    let mut remote = ours(&few, &["list", "--remote"]);
    remote.env("GV_SOURCES", source);
    cases.push(Case::new("gv list --remote, cached", remote, format!("{LIMIT_REMOTE:.0} ms")));
    let own = cases.len();
    cases.extend(others(folder.path()));
    measure(&mut cases, own);
    report(&mut cases, stepped, fs::metadata(&gv).expect("it was built").len());
}

fn measure(cases: &mut [Case], own: usize) {
    let (ours, others) = cases.split_at_mut(own);
    for round in 0..WARM_UP + ROUNDS {
        if round % BETWEEN_PEERS == 0 {
            others.iter_mut().for_each(Case::measure);
            // They leave cold caches behind, which are not the next one's fault.
            for case in &mut *ours {
                cost(&mut case.command);
            }
        }
        for case in &mut *ours {
            let cost = cost(&mut case.command);
            if round >= WARM_UP {
                case.costs.push(cost);
            }
        }
    }
}

/// `stepped` is how many of them are short enough to be counted instruction by instruction.
fn report(cases: &mut [Case], stepped: usize, size: u64) {
    let counts: Vec<Option<u64>> = cases[..stepped].iter_mut().map(|case| steps::to_end(&mut case.command)).collect();
    let [wall, cpu] = cases[0].times();
    let row = |(at, case): (usize, &Case)| {
        let count = counts.get(at).copied().flatten();
        let [own_wall, own_cpu] = case.times();
        #[allow(clippy::cast_precision_loss, reason = "for reading")]
        let ratio = |own: i64, base: i64| format!("{:.2}", own as f64 / base as f64);
        vec![
            case.name.clone(),
            format!("{:.2}", micros(own_wall) / 1e3),
            ratio(own_wall, wall),
            format!("{:.2}", micros(own_cpu) / 1e3),
            ratio(own_cpu, cpu),
            case.limit.clone(),
            median(case.costs.iter().map(|cost| cost.faults)).to_string(),
            count.map_or("-".to_owned(), |count| count.to_string()),
            median(case.costs.iter().map(|cost| cost.memory)).to_string(),
        ]
    };
    println!("{ROUNDS} interleaved rounds by posix_spawn, medians, ms; × is what /bin/true takes in the same run.");
    println!("gv has {size} bytes, of at most {LIMIT_SIZE}.\n");
    let rows: Vec<Vec<String>> = cases.iter().enumerate().map(row).collect();
    let head = ["command", "wall", "×", "user+system", "×", "limit", "page faults", "instructions", "memory kB"];
    table(&head, &rows);
}

/// A root with that many toolchains, which are all but empty folders with receipts; the first one is current.
fn store(root: &Path, count: usize) {
    for dir in ["generations/1", "receipts", "shims"] {
        fs::create_dir_all(root.join(dir)).expect("a folder");
    }
    let version = |number: usize| format!("1.{}.{}", 22 + number / 20, number % 20);
    for number in 0..count {
        let version = version(number);
        let bin = root.join("toolchains").join(&version).join("bin");
        fs::create_dir_all(&bin).expect("a folder");
        fs::write(bin.join("go"), "").expect("a file");
        fs::write(root.join("receipts").join(format!("{version}.json")), receipt(&version)).expect("a file");
    }
    for (link, target) in [
        ("generations/1/current", format!("../../toolchains/{}", version(0))),
        ("active", "generations/1".to_owned()),
        ("current", "active/current".to_owned()),
    ] {
        symlink(target, root.join(link)).expect("a link");
    }
    let meta = r#"{"number":1,"current":"1.22.0","time":"2026-01-01T00:00:00Z","reason":"use 1.22.0"}"#;
    fs::write(root.join("generations/1/meta.json"), meta).expect("a file");
}

fn receipt(version: &str) -> String {
    let (hash, line) = ("0".repeat(64), format!("{}\\n", "A".repeat(64)));
    let (inclusion, signature) = (vec![format!("\"{}=\"", "A".repeat(43)); 25].join(","), line.repeat(8));
    let file = format!(r#"["src/cmd/go/internal/modload/name.go",12345,"-","{hash}"]"#);
    let files = vec![file; 1000].join(",\n");
    format!(
        r#"{{
"schema":1,"version":"{version}","platform":"linux-amd64","form":"archive","source":"dl",
"url":"https://dl.google.com/go/go{version}.linux-amd64.tar.gz","size":68000000,"sha256":"{hash}",
"h1":"h1:{line}","proof":{{
"openpgp":{{"url":"https://dl.google.com/go/go{version}.linux-amd64.tar.gz.asc","primary":"{hash}","subkey":"{hash}",
"created":"2026-01-01T00:00:00Z","signature":"{signature}"}},
"sumdb":{{"name":"sum.golang.org","id":26000000,"record":"{line}","note":"{line}{line}","inclusion":[{inclusion}]}}}},
"installed_at":"2026-01-01T00:00:00Z","gv":"0.1.0","unpacked_files":1000,"unpacked_size":250000000,
"files":[
{files}
]}}
"#
    )
}

/// An index as large as go.dev's, in gv's cache of that root; the source that it is from.
fn indexed(root: &Path, site: &Path, gv: &mut Command) -> String {
    let folder = site.join("dl");
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join("index"), index()).expect("a file");
    let server = Server::start(site, UNLIMITED);
    let source = format!("dl+http://{}/dl", server.address);
    let status = gv.args(["list", "--remote"]).env("GV_ROOT", root).env("GV_SOURCES", &source).stdout(Stdio::null());
    assert!(status.status().is_ok_and(|status| status.success()), "gv cannot fetch the index");
    source
}

/// What go.dev answers in 2026: some 360 releases of a dozen files and more each.
fn index() -> String {
    let (hash, mut releases) = ("0".repeat(64), Vec::new());
    for number in 0..360 {
        let version = format!("go1.{}.{}", 5 + number / 15, number % 15);
        let platforms =
            ["linux", "darwin", "freebsd", "windows"].map(|os| ["amd64", "386", "arm64"].map(|arch| (os, arch)));
        let files = platforms.as_flattened().iter().map(|(os, arch)| {
            format!(
                r#"{{"filename":"{version}.{os}-{arch}.tar.gz","os":"{os}","arch":"{arch}","version":"{version}","sha256":"{hash}","size":68000000,"kind":"archive"}}"#
            )
        });
        let files = files.collect::<Vec<_>>().join(",\n");
        releases.push(format!(r#"{{"version":"{version}","stable":false,"files":[{files}]}}"#));
    }
    format!("[{}]", releases.join(",\n"))
}

/// The peers' own cheapest commands, as far as they are here and work.
fn others(home: &Path) -> Vec<Case> {
    let fetched = ["goup", "mise"].map(|name| {
        let program = peers::program(name)?;
        let mut command = peers::command(&program, home);
        command.arg("--version");
        Some((name, "--version", command))
    });
    // These two want the settings of the one who measures.
    let installed = [("rustup", "which rustc"), ("go", "version")].map(|(name, words)| {
        let Some(program) = on_path(name) else {
            println!("not here: {name}");
            return None;
        };
        let mut command = Command::new(program);
        command.args(words.split(' '));
        Some((name, words, command))
    });
    let mut cases = Vec::new();
    for (name, words, mut command) in fetched.into_iter().chain(installed).flatten() {
        let works = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
        if works.is_ok_and(|status| status.success()) {
            cases.push(Case::new(format!("{name} {words}"), command, "-"));
        } else {
            println!("not measured, since it fails here: {name} {words}");
        }
    }
    cases
}
