//! Time and peak memory of one install of a real toolchain from a local server, beside what others need for the same
//! bytes.
//!
//! Needs the folder that `tests/fetch-toolchains` fills, named by `GV_REAL_TOOLCHAINS`. The archive is made of those
//! files and packed as Go packs its own; its signature is by a key made here, which `gv-under-test` takes for Google's.
//! The module is proven by the real checksum database's record and tiles.

#[path = "../tests/support/keys.rs"]
#[allow(dead_code)] // the tests take the rest of it
pub mod keys;
#[path = "support/site.rs"]
pub mod site;
#[path = "support/mod.rs"]
pub mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use site::{Site, VERSION};
use support::plot::{self, Bar};
use support::server::{self, Line, Server, UNLIMITED};
use support::{Cost, cost, median, micros, nanos, on_path, peers, table};

const ROUNDS: usize = 7;

/// Rounds on slow lines, which vary less and take longer.
const SLOW_ROUNDS: usize = 3;

/// The most memory, in MB.
const MEMORY: &str = "64";

/// The most that an install may take of `tar xzf`, of `curl; sha256sum; tar xzf`, of the faster peer, and of a bare
/// transfer over a slow line.
const LIMITS: [f64; 3] = [0.42, 0.33, 0.50];
const SLOW: f64 = 1.08;

type Make<'a> = Box<dyn Fn(&Path) -> Command + 'a>;

/// Something that is measured: a command that is made anew for each round, with a folder of its own.
struct Case<'a> {
    name: String,
    make: Make<'a>,
    costs: Vec<Cost>,
}

impl<'a> Case<'a> {
    fn new(name: impl Into<String>, make: impl Fn(&Path) -> Command + 'a) -> Case<'a> {
        Case { name: name.into(), make: Box::new(make), costs: Vec::new() }
    }

    /// In s.
    fn wall(&self) -> f64 {
        micros(median(self.costs.iter().map(|cost| nanos(cost.wall)))) / 1e6
    }
}

fn main() {
    let Some(store) = std::env::var_os("GV_REAL_TOOLCHAINS").map(PathBuf::from) else {
        eprintln!("skipped: the install benchmark needs GV_REAL_TOOLCHAINS");
        return;
    };
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [role, rest @ ..] if role == server::ROLE => server::serve(rest),
        [folder] => return site::publish(&store, Path::new(folder)),
        _ => {}
    }
    let folder = support::folder("bench-install-");
    // By a program of its own: what starts another passes its own peak memory on to it.
    let site = folder.path().join("site");
    let own = std::env::current_exe().expect("a program knows its own path");
    assert!(Command::new(own).arg(&site).status().is_ok_and(|status| status.success()), "the site cannot be made");
    let site = Site::at(&site);
    let place = Places { folder: folder.path().to_owned(), clears: false };
    fast(&site, &place, "on disk", true);
    match tempfile::tempdir_in("/dev/shm") {
        Ok(memory) => fast(&site, &Places { folder: memory.path().to_owned(), clears: true }, "in memory", false),
        Err(_) => println!("\nnot here: /dev/shm, so nothing was installed in memory"),
    }
    for (name, rate, delay) in [("50 MB/s", 50_000_000, 0), ("100 Mbit/s, 50 ms away", 12_500_000, 50)] {
        slow(&site, &place, name, Line { rate: Some(rate), delay: Duration::from_millis(delay) });
    }
}

/// A folder for each run.
struct Places {
    folder: PathBuf,
    /// Whether each is removed at once. In memory it has to be; on ext4 it would slow down the next ones, for minutes.
    clears: bool,
}

impl Places {
    fn measure(&self, title: &str, rounds: usize, cases: &mut [Case<'_>]) {
        for round in 0..=rounds {
            for (at, case) in cases.iter_mut().enumerate() {
                let place = self.folder.join(format!("{title}-{round}-{at}"));
                fs::create_dir(&place).expect("a folder");
                // What the one before has left to be written would be held against this one.
                rustix::fs::sync();
                let cost = cost(&mut (case.make)(&place));
                // The first round warms up.
                if round > 0 {
                    case.costs.push(cost);
                }
                if self.clears {
                    fs::remove_dir_all(&place).expect("what was installed");
                }
            }
        }
    }
}

/// An install by gv into a root of its own.
fn gv(root: &Path, site: &Site, source: &str, sync: bool) -> Command {
    let mut command = Command::new(&site.program);
    command.args(["install", VERSION]).env_clear().env("GV_ROOT", root).env("HOME", root);
    command.env("GV_SOURCES", source);
    if source.starts_with("dl+") {
        command.env("GV_TEST_ROOTS", &site.roots);
    }
    command.env("GV_INSTALL_SYNC", if sync { "true" } else { "false" });
    command
}

fn shell(script: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new("/bin/sh");
    command.args(["-ec", script, "sh"]).args(arguments);
    command
}

/// At full speed. `disk` is whether data can be synced there; then the plot is made of it.
fn fast(site: &Site, place: &Places, name: &str, disk: bool) {
    let server = Server::start(&site.folder, UNLIMITED);
    let server = &server.address;
    let (archives, modules) = (format!("dl+http://{server}/dl"), format!("goproxy+http://{server}"));
    let url = format!("http://{server}/dl/{}", site::archive_name());
    let archive = site.archive();
    let mut cases = vec![
        Case::new("tar xzf of the local file", |place: &Path| {
            let mut tar = Command::new("tar");
            tar.arg("xzf").arg(&archive).arg("-C").arg(place);
            tar
        }),
        Case::new("curl; sha256sum; tar xzf", |place: &Path| {
            let script = "curl -fsS --noproxy '*' -o \"$1/a\" \"$2\"; sha256sum \"$1/a\"; tar xzf \"$1/a\" -C \"$1\"";
            shell(script, &[&place.to_string_lossy(), &url])
        }),
        Case::new("gv, tar.gz by signature", |place: &Path| gv(place, site, &archives, false)),
        Case::new("gv, module zip by checksum database", |place: &Path| gv(place, site, &modules, false)),
    ];
    if disk {
        cases.push(Case::new("gv, tar.gz, synced to disk", |place: &Path| gv(place, site, &archives, true)));
        cases.push(Case::new("gv, module zip, synced to disk", |place: &Path| gv(place, site, &modules, true)));
    }
    if on_path("curl").is_none() {
        println!("not here: curl");
        return;
    }
    let own = cases.len();
    cases.extend(peers::installers(server, VERSION, &place.folder).into_iter().map(|(name, make)| Case {
        name,
        make,
        costs: Vec::new(),
    }));
    place.measure("fast", ROUNDS, &mut cases);
    let peer = cases[own..].iter().map(Case::wall).reduce(f64::min);
    let bases = [Some(cases[0].wall()), Some(cases[1].wall()), peer];
    println!(
        "go {VERSION} for linux-amd64 from a server on this machine, {name}, proof included; {ROUNDS} interleaved"
    );
    println!(
        "rounds, medians; limits {} of tar, {} of curl and tar, {} of the faster peer, before data sync.",
        LIMITS[0], LIMITS[1], LIMITS[2]
    );
    println!(
        "The archive has {} bytes, the module {}. Peak memory is to stay below {MEMORY} MB.\n",
        site.archive_size(),
        site.module_size()
    );
    let rows = cases.iter().map(|case| {
        let ratios = bases.iter().map(|base| base.map_or("-".to_owned(), |base| format!("{:.2}", case.wall() / base)));
        let cpu = micros(median(case.costs.iter().map(|cost| nanos(cost.cpu)))) / 1e6;
        let memory = case.costs.iter().map(|cost| cost.memory).max().unwrap_or_default() * 1024 / 1_000_000;
        let mut row = vec![case.name.clone(), format!("{:.2}", case.wall())];
        row.extend(ratios);
        row.extend([format!("{cpu:.2}"), memory.to_string()]);
        row
    });
    let head = ["install", "wall, s", "of tar", "of curl + tar", "of a peer", "user + system, s", "peak MB"];
    table(&head, &rows.collect::<Vec<_>>());
    if let Some(plots) = std::env::var_os("GV_PLOTS").filter(|_| disk) {
        let bar =
            |case: &Case<'_>| Bar { name: case.name.clone(), value: case.wall(), own: case.name.starts_with("gv") };
        let bars: Vec<Bar> = cases.iter().map(bar).collect();
        plot::write(&Path::new(&plots).join("install.svg"), "Installing one Go from a local server", "s", false, &bars);
    }
}

fn slow(site: &Site, place: &Places, name: &str, line: Line) {
    let server = Server::start(&site.folder, line);
    let server = &server.address;
    let (archives, modules) = (format!("dl+http://{server}/dl"), format!("goproxy+http://{server}"));
    let transfer = |path: String| move |_: &Path| shell("curl -fsS --noproxy '*' -o /dev/null \"$1\"", &[&path]);
    let mut cases = vec![
        Case::new("the archive's transfer alone", transfer(format!("http://{server}/dl/{}", site::archive_name()))),
        Case::new("gv, tar.gz by signature", |place: &Path| gv(place, site, &archives, false)),
        Case::new("the module's transfer alone", transfer(format!("http://{server}/{}", site::module_path()))),
        Case::new("gv, module zip by checksum database", |place: &Path| gv(place, site, &modules, false)),
    ];
    place.measure(&name.replace(['/', ' '], "-"), SLOW_ROUNDS, &mut cases);
    println!("\nThe same over {name}; limit {SLOW} of the transfer.\n");
    let rows = cases.chunks(2).flat_map(|pair| {
        let row = |case: &Case<'_>| {
            vec![case.name.clone(), format!("{:.2}", case.wall()), format!("{:.2}", case.wall() / pair[0].wall())]
        };
        pair.iter().map(row).collect::<Vec<_>>()
    });
    table(&["install", "wall, s", "of the transfer"], &rows.collect::<Vec<_>>());
}
