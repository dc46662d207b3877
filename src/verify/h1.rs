//! The `h1:` hash of a module, from hashes of its files that were taken as the bytes passed.
//!
//! The rule is `Hash1` of golang.org/x/mod/sumdb/dirhash: the SHA-256 of one line for every file, sorted by
//! name, `<sha256 in hex>  <name>\n`, in base64. How a toolchain becomes a module is in Go's own
//! `src/cmd/distpack/pack.go`: without the folders api, doc, misc and test, and with every `go.mod` named
//! `_go.mod`, since a module cannot hold another.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::Digest;

use crate::sha256::Sha256;

/// The folders at the top of a toolchain that only the archive form has.
pub const ARCHIVE_ONLY: [&str; 4] = ["api", "doc", "misc", "test"];

/// Whether a file of the archive form (its path below GOROOT) is left out of the module form. The checksum
/// database says nothing about such a file.
pub fn left_out_of_module(path: &str) -> bool {
    path.split_once('/').is_some_and(|(top, _)| ARCHIVE_ONLY.contains(&top))
}

/// The `h1:` of a set of files whose full names are `prefix` and the given name, whatever their order.
pub fn module_h1<N: AsRef<str>>(prefix: &str, files: impl IntoIterator<Item = (N, Sha256)>) -> String {
    let mut files: Vec<(N, Sha256)> = files.into_iter().collect();
    files.sort_by(|a, b| a.0.as_ref().cmp(b.0.as_ref()));
    let mut hasher = sha2::Sha256::new();
    for (name, hash) in files {
        hasher.update(format!("{hash}  {prefix}{}\n", name.as_ref()));
    }
    format!("h1:{}", STANDARD.encode(hasher.finalize()))
}

/// In which form a toolchain was packed; it decides which files its `h1:` covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `go1.22.0.linux-amd64.tar.gz` or its zip.
    Archive,
    /// The module zip. All of its files count, also one in a folder that the module form should not have.
    Module,
}

/// The `h1:` that the checksum database holds for an unpacked toolchain.
///
/// `module` is such as `golang.org/toolchain@v0.0.1-go1.22.0.linux-amd64`; the files are named by their paths
/// below GOROOT, with `go.mod` under its own name.
pub fn toolchain_h1<'a>(module: &str, form: Form, files: impl IntoIterator<Item = (&'a str, Sha256)>) -> String {
    let covered = files.into_iter().filter(|(path, _)| form == Form::Module || !left_out_of_module(path));
    module_h1(&format!("{module}/"), covered.map(|(path, hash)| (packed_name(path), hash)))
}

/// The `h1:` of a go.mod file, as the second line of a record has it.
pub fn go_mod_h1(go_mod: &[u8]) -> String {
    module_h1("", [("go.mod", Sha256::of(go_mod))])
}

/// The name of a file in the module form.
pub fn packed_name(path: &str) -> String {
    match path.strip_suffix("go.mod") {
        Some(folder) if folder.is_empty() || folder.ends_with('/') => format!("{folder}_go.mod"),
        _ => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str) -> (&str, Sha256) {
        (name, Sha256::of(name.as_bytes()))
    }

    #[test]
    fn the_go_mod_of_every_toolchain_has_the_hash_that_the_database_publishes() {
        assert_eq!(go_mod_h1(b"module golang.org/toolchain\n"), "h1:8wlg68NqwW7eMnI1aABk/C2pDYXj8mrMY4TyRfiLeS0=");
    }

    #[test]
    fn the_order_of_the_files_does_not_matter_but_their_names_do() {
        let one = module_h1("m@v1/", [file("b"), file("a/c"), file("a.b")]);
        assert_eq!(one, module_h1("m@v1/", [file("a.b"), file("b"), file("a/c")]));
        assert_ne!(one, module_h1("m@v2/", [file("a.b"), file("b"), file("a/c")]));
        assert_ne!(one, module_h1("m@v1/", [file("a.b"), file("b")]));
    }

    #[test]
    fn archive_and_module_form_of_one_toolchain_have_one_hash() {
        let module = [file("VERSION"), file("src/go.mod"), file("src/doc/x.go")];
        let archive = [file("VERSION"), file("src/go.mod"), file("src/doc/x.go"), file("doc/a"), file("test/b")];
        let name = "golang.org/toolchain@v0.0.1-go1.22.0.linux-amd64";
        assert_eq!(toolchain_h1(name, Form::Module, module), toolchain_h1(name, Form::Archive, archive));
        assert_ne!(toolchain_h1(name, Form::Module, module), toolchain_h1(name, Form::Module, archive));
    }

    #[test]
    fn only_a_file_named_go_mod_is_renamed() {
        assert_eq!(packed_name("src/go.mod"), "src/_go.mod");
        assert_eq!(packed_name("go.mod"), "_go.mod");
        assert_eq!(packed_name("src/cargo.mod"), "src/cargo.mod");
        assert_eq!(packed_name("src/_go.mod"), "src/_go.mod");
    }

    #[test]
    fn a_file_of_that_name_is_no_folder() {
        assert!(left_out_of_module("test/a.go"));
        assert!(!left_out_of_module("test"));
        assert!(!left_out_of_module("testing/a.go"));
    }
}
