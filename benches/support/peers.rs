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
