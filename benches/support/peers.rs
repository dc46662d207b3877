//! What people would use instead, as far as it is here: `benches/fetch-peers` fetches it into the folder that
//! `GV_PEERS` names.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::on_path;

/// A peer's program, from `GV_PEERS` or PATH; says so when it is missing.
pub fn program(name: &str) -> Option<PathBuf> {
    let fetched = std::env::var_os("GV_PEERS").map(|folder| Path::new(&folder).join("bin").join(name));
    let found = fetched.filter(|path| path.is_file()).or_else(|| on_path(name));
    if found.is_none() {
        println!("not here: {name}; benches/fetch-peers fetches it");
    }
    found
}

/// Its name and version, as it tells them.
pub fn version(program: &Path, name: &str) -> String {
    let output = Command::new(program).arg("--version").stderr(Stdio::null()).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    let number = text.split_whitespace().find(|word| word.starts_with(|first: char| first.is_ascii_digit()));
    format!("{name} {}", number.unwrap_or("of unknown version"))
}

/// A command without this user's own settings: nothing but its own home, and no network.
pub fn command(program: &Path, home: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("HOME", home).env("PATH", "/usr/bin:/bin");
    command
}

/// mise's shim of a `go` that does nothing, pinned in `project` by a `.tool-versions`.
pub fn mise_shim(home: &Path, go: &Path, project: &Path) -> Option<(String, Command)> {
    let mise = program("mise")?;
    let data = home.join(".local/share/mise");
    install(go, &data.join("installs/go/1.22.3/bin/go"));
    fs::write(project.join(".tool-versions"), "go 1.22.3\n").expect("a file");
    let mut reshim = command(&mise, home);
    reshim.env("MISE_OFFLINE", "1").arg("reshim").current_dir(project).stderr(Stdio::null());
    assert!(reshim.status().is_ok_and(|status| status.success()), "mise cannot make its shims");
    let mut shim = command(&data.join("shims/go"), home);
    shim.env("MISE_OFFLINE", "1").arg("version");
    Some((format!("{} shim", version(&mise, "mise")), shim))
}

/// rustup's proxy of a `rustc` that does nothing, pinned in `project` by a `rust-toolchain.toml`.
pub fn rustup_proxy(home: &Path, program_file: &Path, project: &Path) -> Option<(String, Command)> {
    let rustup = program("rustup")?;
    let toolchain = home.join("toolchain");
    install(program_file, &toolchain.join("bin/rustc"));
    fs::create_dir_all(toolchain.join("lib")).expect("a folder");
    let mut link = command(&rustup, home);
    link.args(["toolchain", "link", "peer"]).arg(&toolchain).stdout(Stdio::null()).stderr(Stdio::null());
    assert!(link.status().is_ok_and(|status| status.success()), "rustup cannot link a toolchain");
    fs::write(project.join("rust-toolchain.toml"), "[toolchain]\nchannel = \"peer\"\n").expect("a file");
    let proxy = home.join(".cargo/bin/rustc");
    install(&rustup, &proxy);
    Some((format!("{} proxy", version(&rustup, "rustup")), command(&proxy, home)))
}

/// The wrapper of golang.org/dl for a `go` that does nothing; it knows one version, and pins nothing.
pub fn go_wrapper(home: &Path, go: &Path) -> Option<(String, Command)> {
    let wrapper = program("go1.22.3")?;
    let sdk = home.join("sdk/go1.22.3");
    install(go, &sdk.join("bin/go"));
    fs::write(sdk.join(".unpacked-success"), "").expect("a file");
    let mut command = command(&wrapper, home);
    command.arg("version");
    Some(("golang.org/dl wrapper".to_owned(), command))
}

fn install(from: &Path, to: &Path) {
    fs::create_dir_all(to.parent().expect("a folder above")).expect("a folder");
    fs::copy(from, to).expect("a copy of a program");
}

/// A command made anew for each round, with a folder of its own.
pub type Make = Box<dyn Fn(&Path) -> Command>;

/// Those that can install from `http://SERVER/dl/`, as go.dev's mirrors have it.
pub fn installers(server: &str, version: &str, scratch: &Path) -> Vec<(String, Make)> {
    let mirror = format!("http://{server}/dl");
    let mut found: Vec<(String, Make)> = Vec::new();
    if let Some(goup) = program("goup") {
        let (site, mirror, version) = (format!("http://{server}"), mirror.clone(), version.to_owned());
        let name = self::version(&goup, "goup-rs");
        let make = move |home: &Path| {
            let mut command = command(&goup, home);
            command.args(["install", &version]).env("GOUP_HOME", home.join(".goup"));
            command.env("GOUP_GO_REGISTRY", &mirror).env("GOUP_GO_REGISTRY_INDEX", &site);
            command
        };
        found.push((name, Box::new(make)));
    }
    if let Some(mise) = program("mise")
        && let Some(tags) = tags(version, &scratch.join("tags"))
    {
        let version = version.to_owned();
        let name = self::version(&mise, "mise");
        let make = move |home: &Path| {
            let mut command = command(&mise, home);
            command.args(["install", "--yes", &format!("go@{version}")]);
            command
                .env("MISE_GO_DOWNLOAD_MIRROR", &mirror)
                .env("MISE_GO_REPO", &tags)
                .env("MISE_USE_VERSIONS_HOST", "0");
            command
        };
        found.push((name, Box::new(make)));
    }
    found
}

/// A repository with the tag of one version, where mise looks for what there is.
fn tags(version: &str, repository: &Path) -> Option<PathBuf> {
    let git = |words: &[&str]| {
        let mut git = Command::new(on_path("git")?);
        let author = ["-c", "user.name=nobody", "-c", "user.email=nobody@localhost"];
        git.arg("-C").arg(repository).args(author).args(words);
        git.status().is_ok_and(|status| status.success()).then_some(())
    };
    fs::create_dir_all(repository).ok()?;
    git(&["init", "--quiet"])?;
    git(&["commit", "--quiet", "--allow-empty", "--message", "nothing"])?;
    git(&["tag", &format!("go{version}")])?;
    Some(repository.to_owned())
}
