//! The two forms in which Go is distributed.

use gv_shim::version::Version;

use crate::platform::Platform;

/// How the files of a toolchain are named and marked inside an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// `go1.22.0.linux-amd64.tar.gz`, or `.zip` for Windows: everything below `go/`, with modes.
    Archive,
    /// The module `golang.org/toolchain`: everything below `golang.org/toolchain@v0.0.1-go1.22.0.linux-amd64/`,
    /// each `go.mod` named `_go.mod`, and modes that nothing authenticates.
    Module {
        /// The version in the folder's name.
        version: Version,
        /// The platform in the folder's name.
        platform: Platform,
    },
}

impl Form {
    /// What every name in the archive begins with, the slash included.
    pub fn prefix(&self) -> String {
        match self {
            Form::Archive => "go/".to_owned(),
            Form::Module { version, platform } => {
                format!("golang.org/toolchain@v0.0.1-{}.{platform}/", version.go().as_str())
            }
        }
    }

    /// Whether this is the module form.
    pub fn is_module(&self) -> bool {
        matches!(self, Form::Module { .. })
    }
}

/// Whether Go's own packing makes a file executable, by its path below GOROOT.
///
/// The rule is `mode` in Go's src/cmd/distpack/pack.go. It stands in for a zip's own modes: the checksum
/// database authenticates names and content only, and a zip tells its modes after the files.
pub fn packed_executable(path: &str) -> bool {
    const FOLDERS: [&str; 2] = ["bin/", "pkg/tool/"];
    const ENDINGS: [&str; 4] = [".bash", ".sh", ".pl", ".rc"];
    let name = path.rsplit('/').next().unwrap_or(path);
    FOLDERS.iter().any(|folder| path.starts_with(folder))
        || ENDINGS.iter().any(|ending| name.ends_with(ending))
        || is_exec_wrapper(name)
}

/// Whether a file has the name that only packing gives: its `h1:` is that of a `go.mod`.
pub fn is_packed_name(path: &str) -> bool {
    path.rsplit('/').next() == Some("_go.mod")
}

/// `go_?*_?*_exec`, such as `go_js_wasm_exec`.
fn is_exec_wrapper(name: &str) -> bool {
    let Some(middle) = name.strip_prefix("go_").and_then(|rest| rest.strip_suffix("_exec")) else { return false };
    middle.char_indices().any(|(at, c)| c == '_' && at > 0 && at + 1 < middle.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_s_folder_is_named_after_version_and_platform() {
        let platform = Platform { os: "linux".to_owned(), arch: "arm".to_owned() };
        let form = Form::Module { version: Version::release(1, 20, 0), platform };
        assert_eq!(form.prefix(), "golang.org/toolchain@v0.0.1-go1.20.linux-arm/");
        assert_eq!(Form::Archive.prefix(), "go/");
    }

    #[test]
    fn programs_and_scripts_are_executable_by_go_s_own_rule() {
        for path in ["bin/go", "pkg/tool/linux_amd64/link", "src/all.bash", "src/clean.rc", "lib/wasm/go_js_wasm_exec"]
        {
            assert!(packed_executable(path), "{path}");
        }
        for path in ["VERSION", "src/bin/x", "src/go_exec", "src/go_a_exec", "src/go__a_exec", "src/a.bashrc", "pkg/x"]
        {
            assert!(!packed_executable(path), "{path}");
        }
    }
}
