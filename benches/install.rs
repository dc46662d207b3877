//! Time and peak memory of one install of a real toolchain from a local server, beside `tar xzf`.
//!
//! Needs the folder that `tests/fetch-toolchains` fills, named by `GV_REAL_TOOLCHAINS`. The archive is made from the
//! same files; both forms are proven by the real checksum database's record and tiles.

#[path = "support/mod.rs"]
pub mod support;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use support::{Cost, built, cost, median, micros, nanos};

const VERSION: &str = "1.22.10";
const ROUNDS: usize = 5;

/// The most memory, in MB.
const LIMIT: &str = "64";

fn main() {
    let Some(store) = std::env::var_os("GV_REAL_TOOLCHAINS").map(PathBuf::from) else {
        eprintln!("skipped: the install benchmark needs GV_REAL_TOOLCHAINS");
        return;
    };
    let folder = support::folder("bench-install-");
    let site = folder.path().join("site");
    publish(&store, &site);
    let server = serve(site.clone());
    let archive = site.join("dl").join(format!("go{VERSION}.linux-amd64.tar.gz"));
    let proxy = format!("goproxy+http://{server}");
    let both = format!("files+http://{server}/dl,{proxy}");
    let mut cases = [("gv, module zip", Vec::new()), ("gv, tar.gz", Vec::new()), ("tar xzf", Vec::new())];
    for round in 0..ROUNDS {
        // Nothing is deleted between rounds: that would slow down the next one.
        let place = |name: &str| folder.path().join(format!("{name}-{round}"));
        cases[0].1.push(cost(&mut install(&place("zip"), &proxy)));
        cases[1].1.push(cost(&mut install(&place("tar"), &both)));
        fs::create_dir(place("plain")).expect("a folder");
        cases[2].1.push(cost(Command::new("tar").arg("xzf").arg(&archive).arg("-C").arg(place("plain"))));
    }
    report(&cases);
}

fn install(root: &Path, sources: &str) -> Command {
    let mut command = Command::new(built("gv"));
    command.args(["install", VERSION]).env("GV_ROOT", root).env("GV_SOURCES", sources);
    command.env("NO_PROXY", "127.0.0.1");
    command
}

fn report(cases: &[(&str, Vec<Cost>)]) {
    println!("go {VERSION} from a local server, proven; {ROUNDS} interleaved rounds, medians\n");
    println!("{:<16} {:>8} {:>14} {:>10} {:>8}", "case", "wall s", "user+system s", "peak MB", "limit");
    for (name, costs) in cases {
        let [wall, cpu] = [|cost: &Cost| cost.wall, |cost: &Cost| cost.cpu]
            .map(|part| micros(median(costs.iter().map(|cost| nanos(part(cost))))) / 1e6);
        let memory = costs.iter().map(|cost| cost.memory).max().unwrap_or_default() * 1024 / 1_000_000;
        let limit = if name.starts_with("gv") { LIMIT } else { "-" };
        println!("{name:<16} {wall:>8.2} {cpu:>14.2} {memory:>10} {limit:>8}");
    }
}

/// Lays out a module proxy with the checksum database, and `dl/` with an archive.
fn publish(store: &Path, site: &Path) {
    let module = format!("v0.0.1-go{VERSION}.linux-amd64");
    let (modules, sumdb) = (site.join("golang.org/toolchain/@v"), site.join("sumdb/sum.golang.org"));
    for dir in [&modules, &sumdb.join("lookup/golang.org"), &site.join("dl")] {
        fs::create_dir_all(dir).expect("a folder");
    }
    let zip = format!("{module}.zip");
    symlink(store.join("cache/archives").join(&zip), modules.join(zip)).expect("a link");
    symlink(store.join("cache/sumdb/sum.golang.org/tile"), sumdb.join("tile")).expect("a link");
    let write = |path: PathBuf, text: String| fs::write(path, text).expect("a file");
    write(modules.join(format!("{module}.info")), format!("{{\"Version\":\"{module}\"}}"));
    write(sumdb.join("supported"), String::new());
    let receipt = fs::read(store.join(format!("receipts/{VERSION}.json"))).expect("the receipt");
    let receipt: serde_json::Value = serde_json::from_slice(&receipt).expect("the receipt is JSON");
    let record = &receipt["proof"]["sumdb"];
    let text = |key: &str| record[key].as_str().expect("it is proven by the checksum database");
    let answer = format!("{}\n{}\n{}", record["id"], text("record"), text("note"));
    write(sumdb.join(format!("lookup/golang.org/toolchain@{module}")), answer);
    let archive = site.join("dl").join(format!("go{VERSION}.linux-amd64.tar.gz"));
    let mut tar = Command::new("tar");
    tar.args(["czf"]).arg(&archive).args(["--format=ustar", "--owner=0", "--group=0"]);
    tar.arg(format!("--transform=s,^{VERSION},go,")).arg("-C").arg(store.join("toolchains")).arg(VERSION);
    cost(&mut tar);
}

/// A server of the files in a folder; it lives as long as this program.
fn serve(site: PathBuf) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("the port").to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let site = site.clone();
            // A client that goes away is its own affair.
            std::thread::spawn(move || drop(answer(&site, stream)));
        }
    });
    address
}

fn answer(site: &Path, stream: TcpStream) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let path = line.split(' ').nth(1).unwrap_or("/").to_owned();
    while line.trim() != "" {
        line.clear();
        reader.read_line(&mut line)?;
    }
    let stream = reader.get_mut();
    match fs::File::open(site.join(path.trim_start_matches('/'))) {
        Ok(mut file) if file.metadata()?.is_file() => {
            let length = file.metadata()?.len();
            write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n")?;
            std::io::copy(&mut file, stream).map(drop)
        }
        _ => write!(stream, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
    }
}
