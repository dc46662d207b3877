//! Made Go toolchains: about twenty files in the shape of Go's own, with a `go` that runs.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::{elf, programs, tar, zip};

/// A toolchain that was never published by anyone.
#[derive(Clone, Debug)]
pub struct Toolchain {
    /// The store's spelling: `1.22.3`, `1.20.0`, `1.21rc2`.
    pub version: String,
    /// GOOS.
    pub os: String,
    /// GOARCH; 32-bit ARM is `arm`.
    pub arch: String,
    /// Every file below GOROOT, by name.
    pub files: BTreeMap<String, Item>,
}

/// A file of a toolchain.
#[derive(Clone, Debug)]
pub struct Item {
    /// Whether the archive has it executable.
    pub exec: bool,
    /// Its content.
    pub data: Arc<[u8]>,
}

/// The folders that the module form lacks.
const NOT_IN_MODULE: [&str; 4] = ["api/", "doc/", "misc/", "test/"];

/// The GOARCH of the machine that the tests run on.
pub const HOST: &str = if cfg!(target_arch = "aarch64") { "arm64" } else { "amd64" };

impl Toolchain {
    /// A toolchain for the machine that the tests run on.
    pub fn new(version: &str) -> Toolchain {
        Toolchain::with_programs(version, "linux", HOST, &fake_go())
    }

    /// A toolchain for another platform; its programs are headers only.
    pub fn foreign(version: &str, os: &str, arch: &str) -> Toolchain {
        let program: Arc<[u8]> = match os {
            "windows" => b"MZ made for a test".as_slice().into(),
            "darwin" => b"\xcf\xfa\xed\xfe made for a test".as_slice().into(),
            _ => elf::header(arch).into(),
        };
        Toolchain::with_programs(version, os, arch, &program)
    }

    fn with_programs(version: &str, os: &str, arch: &str, program: &Arc<[u8]>) -> Toolchain {
        let name = go_name(version);
        let files = BTreeMap::new();
        let mut made = Toolchain { version: version.to_owned(), os: os.to_owned(), arch: arch.to_owned(), files };
        let suffix = if os == "windows" { ".exe" } else { "" };
        let modern = first_has_patch(version);
        made.add("VERSION", if modern { format!("{name}\ntime 2024-05-01T19:49:47Z\n") } else { name.clone() });
        if modern {
            made.add("go.env", "GOPROXY=https://proxy.example,direct\nGOSUMDB=sum.golang.org\nGOTOOLCHAIN=auto\n");
        }
        for path in ["LICENSE", "PATENTS", "README.md", "SECURITY.md", "CONTRIBUTING.md"] {
            made.add(path, format!("{path} of {name}\n"));
        }
        made.add("src/go.mod", "module std\n\ngo 1.22\n");
        made.add("src/cmd/go.mod", "module cmd\n\ngo 1.22\n");
        made.add("src/fmt/print.go", "package fmt\n");
        made.add("src/cmd/go/main.go", "package main\n");
        made.add("src/cmd/go/testdata/mod/empty.txt", "");
        made.add("api/go1.txt", "pkg fmt, func Print(...interface{}) (int, error)\n");
        made.add("doc/README.md", format!("notes on {name}\n"));
        made.add("misc/go_android_exec/README", "not in the module\n");
        made.add("test/fixedbugs/bug000.go", "package main\n");
        made.add("lib/time/README", "the zones\n");
        made.add_program("lib/time/update.bash", b"#!/bin/bash\nexit 1\n".as_slice().into());
        made.add_program("src/all.bash", b"#!/bin/bash\nexit 1\n".as_slice().into());
        for path in ["bin/go", "bin/gofmt"] {
            made.add_program(&format!("{path}{suffix}"), program.clone());
        }
        let tool: Arc<[u8]> = if os == "linux" { elf::header(arch).into() } else { program.clone() };
        made.add_program(&format!("pkg/tool/{os}_{arch}/compile{suffix}"), tool);
        made
    }

    /// Adds or replaces a file.
    pub fn add(&mut self, name: &str, data: impl AsRef<[u8]>) {
        self.files.insert(name.to_owned(), Item { exec: false, data: data.as_ref().into() });
    }

    fn add_program(&mut self, name: &str, data: Arc<[u8]>) {
        self.files.insert(name.to_owned(), Item { exec: true, data });
    }

    /// The same with a file added or replaced.
    #[must_use]
    pub fn having(mut self, name: &str, data: impl AsRef<[u8]>) -> Toolchain {
        let exec = self.files.get(name).is_some_and(|item| item.exec);
        self.files.insert(name.to_owned(), Item { exec, data: data.as_ref().into() });
        self
    }

    /// The same without a file.
    #[must_use]
    pub fn lacking(mut self, name: &str) -> Toolchain {
        self.files.remove(name).unwrap_or_else(|| panic!("the made toolchain has no {name} to leave out"));
        self
    }

    /// Go's own spelling: `go1.22.3`, `go1.20`.
    pub fn name(&self) -> String {
        go_name(&self.version)
    }

    /// The archive's file name.
    pub fn file_name(&self) -> String {
        let arch = self.archive_arch();
        let form = if self.os == "windows" { "zip" } else { "tar.gz" };
        format!("{}.{}-{arch}.{form}", self.name(), self.os)
    }

    /// GOARCH as archive names and the index spell it.
    pub fn archive_arch(&self) -> &str {
        if self.arch == "arm" { "armv6l" } else { &self.arch }
    }

    /// The archive: tar.gz, or zip for Windows.
    pub fn archive(&self) -> Vec<u8> {
        if self.os == "windows" { self.windows_zip() } else { tar::gzip(&tar::archive(&self.entries())) }
    }

    /// The tar's entries, folders first mentioned before what they hold.
    pub fn entries(&self) -> Vec<tar::Entry> {
        let mut entries = vec![tar::Entry::new(b'5', "go/")];
        let mut seen = std::collections::BTreeSet::new();
        for (name, item) in &self.files {
            for (at, _) in name.match_indices('/') {
                if seen.insert(&name[..=at]) {
                    entries.push(tar::Entry::new(b'5', format!("go/{}", &name[..=at])));
                }
            }
            let mode = if item.exec { 0o755 } else { 0o644 };
            entries.push(tar::Entry::file(format!("go/{name}"), &item.data).mode(mode));
        }
        entries
    }

    fn windows_zip(&self) -> Vec<u8> {
        let members = self.files.iter().map(|(name, item)| (format!("go/{name}"), 0o644, item.data.clone()));
        zip::pack(members).bytes
    }

    /// The module's version: `v0.0.1-go1.22.3.linux-amd64`.
    pub fn module_version(&self) -> String {
        format!("v0.0.1-{}.{}-{}", self.name(), self.os, self.arch)
    }

    /// The module's files by their names within it, as `cmd/distpack` picks and renames them.
    pub fn module_files(&self) -> BTreeMap<String, Item> {
        let kept = self.files.iter().filter(|(name, _)| !NOT_IN_MODULE.iter().any(|dir| name.starts_with(dir)));
        kept.map(|(name, item)| (module_name(name), item.clone())).collect()
    }

    /// The module zip.
    pub fn module_zip(&self) -> zip::Zip {
        let prefix = format!("golang.org/toolchain@{}", self.module_version());
        let members = self.module_files().into_iter();
        zip::pack(members.map(|(name, item)| (format!("{prefix}/{name}"), 0o644, item.data)))
    }

    /// The `h1:` of the module zip.
    pub fn h1(&self) -> String {
        let prefix = format!("golang.org/toolchain@{}", self.module_version());
        let files = self.module_files();
        h1(files.iter().map(|(name, item)| (format!("{prefix}/{name}"), item.data.as_ref())))
    }

    /// The record that the checksum database has of it.
    pub fn record(&self) -> String {
        let version = self.module_version();
        let go_mod = h1([("go.mod".to_owned(), GO_MOD.as_bytes())]);
        format!("golang.org/toolchain {version} {}\ngolang.org/toolchain {version}/go.mod {go_mod}\n", self.h1())
    }
}

/// The content of the module's go.mod.
pub const GO_MOD: &str = "module golang.org/toolchain\n";

/// `dirhash.Hash1` of files given by full name: the hash of the sorted `sha256  name` lines.
pub fn h1<'a>(files: impl IntoIterator<Item = (String, &'a [u8])>) -> String {
    let files: BTreeMap<String, &[u8]> = files.into_iter().collect();
    let lines: Vec<String> = files.iter().map(|(name, data)| format!("{}  {name}\n", sha256(data))).collect();
    format!("h1:{}", STANDARD.encode(Sha256::digest(lines.concat())))
}

/// A SHA-256 in hexadecimal.
pub fn sha256(data: &[u8]) -> String {
    Sha256::digest(data).iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

fn module_name(name: &str) -> String {
    match name.strip_suffix("go.mod") {
        Some(dir) if dir.is_empty() || dir.ends_with('/') => format!("{dir}_go.mod"),
        _ => name.to_owned(),
    }
}

/// `1.20.0` is `go1.20`; from 1.21 the zero stays.
pub fn go_name(version: &str) -> String {
    let bare = version.strip_suffix(".0").filter(|bare| bare.contains('.') && !first_has_patch(version));
    format!("go{}", bare.unwrap_or(version))
}

fn first_has_patch(version: &str) -> bool {
    let line = version.split(|c: char| !c.is_ascii_digit()).nth(1).and_then(|minor| minor.parse::<u32>().ok());
    line.is_none_or(|minor| minor >= 21)
}

fn fake_go() -> Arc<[u8]> {
    static PROGRAM: OnceLock<Arc<[u8]>> = OnceLock::new();
    PROGRAM.get_or_init(|| programs::stripped(&programs::example("fake-go")).into()).clone()
}
