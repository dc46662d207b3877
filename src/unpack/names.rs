//! Which names an archive may use, and that it uses each once.

use std::collections::HashMap;

use super::{Form, refused, shown};
use crate::error::{Error, Result};

/// Longest path below GOROOT; Go's own stay below 160 bytes.
const LONGEST_PATH: usize = 1024;

/// Longest name of one file or folder: what every Unix file system takes.
const LONGEST_COMPONENT: usize = 255;

/// Most folders above a file; Go's own have 11.
const DEEPEST: usize = 32;

/// The names met so far.
pub(super) struct Names {
    prefix: String,
    module: bool,
    /// By the spelling in small letters, so that a file system that ignores case tells no other story.
    claims: HashMap<String, Claim>,
    /// The folder whose claim, and those above it, have just been checked.
    last_folder: String,
}

struct Claim {
    spelled: String,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    File,
    /// A folder that has an entry of its own.
    Folder,
    /// A folder that is known from a file in it.
    Implied,
}

impl Names {
    pub(super) fn new(form: &Form) -> Names {
        Names { prefix: form.prefix(), module: form.is_module(), claims: HashMap::new(), last_folder: String::new() }
    }

    /// The path below GOROOT of a file that the archive calls `name`.
    pub(super) fn file(&mut self, name: &[u8]) -> Result<String> {
        let path = self.relative(name)?;
        check(path).map_err(|reason| bad(name, reason))?;
        let path = if self.module { restored(path).map_err(|reason| bad(name, reason))? } else { path.to_owned() };
        self.claim_folders(parent(&path))?;
        self.claim(&path, Kind::File)?;
        Ok(path)
    }

    /// The path below GOROOT of a folder that the archive calls `name`, ending in a slash; empty for GOROOT itself.
    pub(super) fn folder(&mut self, name: &[u8]) -> Result<String> {
        if self.module {
            return Err(bad(name, "is a folder, and a module holds files only"));
        }
        // Some packers leave the slash out: the entry's type says that it is a folder.
        let with_slash = if name.ends_with(b"/") { name.to_vec() } else { [name, b"/"].concat() };
        let path = self.relative(&with_slash)?;
        let path = path.strip_suffix('/').unwrap_or(path);
        if !path.is_empty() {
            check(path).map_err(|reason| bad(name, reason))?;
            self.claim_folders(parent(path))?;
        }
        self.claim(path, Kind::Folder)?;
        Ok(path.to_owned())
    }

    fn relative<'n>(&self, name: &'n [u8]) -> Result<&'n str> {
        let text = std::str::from_utf8(name).map_err(|_| bad(name, "is not UTF-8"))?;
        text.strip_prefix(self.prefix.as_str())
            .ok_or_else(|| bad(name, format_args!("does not lie below `{}`", self.prefix)))
    }

    fn claim_folders(&mut self, folder: &str) -> Result<()> {
        if folder.is_empty() || folder == self.last_folder {
            return Ok(());
        }
        self.claim_folders(parent(folder))?;
        self.claim(folder, Kind::Implied)?;
        folder.clone_into(&mut self.last_folder);
        Ok(())
    }

    fn claim(&mut self, path: &str, kind: Kind) -> Result<()> {
        let Some(earlier) = self.claims.get_mut(&path.to_lowercase()) else {
            self.claims.insert(path.to_lowercase(), Claim { spelled: path.to_owned(), kind });
            return Ok(());
        };
        if earlier.spelled != path {
            return Err(bad(path.as_bytes(), format_args!("differs from `{}` by case only", earlier.spelled)));
        }
        match (earlier.kind, kind) {
            (Kind::Folder | Kind::Implied, Kind::Implied) => Ok(()),
            (Kind::Implied, Kind::Folder) => {
                earlier.kind = Kind::Folder;
                Ok(())
            }
            (Kind::File, Kind::File) | (Kind::Folder, Kind::Folder) => Err(bad(path.as_bytes(), "is there twice")),
            _ => Err(bad(path.as_bytes(), "is both a file and a folder")),
        }
    }
}

fn bad(name: &[u8], reason: impl std::fmt::Display) -> Error {
    refused(format_args!("{} {reason}", shown(name)))
}

/// The folder of a path, empty for GOROOT.
fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn check(path: &str) -> Result<(), &'static str> {
    if path.len() > LONGEST_PATH {
        return Err("is longer than 1,024 bytes");
    }
    if path.split('/').count() > DEEPEST + 1 {
        return Err("lies more than 32 folders deep");
    }
    path.split('/').try_for_each(check_component)
}

fn check_component(name: &str) -> Result<(), &'static str> {
    match name {
        "" => Err("has an empty part"),
        "." | ".." => Err("has a part `.` or `..`"),
        _ if name.len() > LONGEST_COMPONENT => Err("has a part longer than 255 bytes"),
        _ if name.contains('\\') => Err("has a backslash"),
        _ if name.chars().any(char::is_control) => Err("has a control character"),
        _ => Ok(()),
    }
}

/// Undoes what packing a module does to names: a module holds no `go.mod` but its own, so they are `_go.mod` there.
fn restored(path: &str) -> Result<String, &'static str> {
    let (folder, name) = path.split_at(path.rfind('/').map_or(0, |slash| slash + 1));
    match name {
        "_go.mod" => Ok(format!("{folder}go.mod")),
        _ if name.eq_ignore_ascii_case("go.mod") => Err("is a `go.mod`, which a module names `_go.mod`"),
        _ => Ok(path.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &[u8]) -> Result<String, String> {
        Names::new(&Form::Archive).file(name).map_err(|err| err.to_string())
    }

    #[track_caller]
    fn refused(name: &[u8], reason: &str) {
        let message = file(name).unwrap_err();
        assert!(message.contains(reason), "{message}");
    }

    #[test]
    fn real_names_pass_and_lose_their_prefix() {
        assert_eq!(file(b"go/src/fmt/print.go").unwrap(), "src/fmt/print.go");
        assert_eq!(file("go/test/issue27836.dir/Þfoo.go".as_bytes()).unwrap(), "test/issue27836.dir/Þfoo.go");
        assert_eq!(file(b"go/src/..x/...").unwrap(), "src/..x/...");
    }

    #[test]
    fn row_29_names_that_lead_elsewhere_are_refused() {
        refused(b"/go/evil", "`/go/evil` does not lie below `go/`");
        refused(b"../evil", "does not lie below `go/`");
        refused(b"gone/evil", "does not lie below `go/`");
        refused(b"", "does not lie below `go/`");
        refused(b"go/../evil", "`go/../evil` has a part `.` or `..`");
        refused(b"go/a/..", "`.` or `..`");
        refused(b"go/./evil", "`.` or `..`");
        refused(b"go//evil", "has an empty part");
        refused(b"go/", "has an empty part");
        refused(b"go/a/", "has an empty part");
        refused(b"go/..\\evil", "has a backslash");
    }

    #[test]
    fn row_29_names_that_cannot_be_shown_are_refused_and_shown_escaped() {
        refused(b"go/\x1b[31m", "`go/\\u{1b}[31m` has a control character");
        refused(b"go/a\0b", "has a control character");
        refused("go/a\u{85}b".as_bytes(), "has a control character");
        refused(b"go/\xff", "is not UTF-8");
    }

    #[test]
    fn row_29_names_that_are_too_long_or_deep_are_refused() {
        file(format!("go/{}", "a".repeat(255)).as_bytes()).unwrap();
        refused(format!("go/{}", "a".repeat(256)).as_bytes(), "longer than 255 bytes");
        refused(format!("go/{}", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/".repeat(29)).as_bytes(), "longer than 1,024");
        file(format!("go/{}a", "d/".repeat(32)).as_bytes()).unwrap();
        refused(format!("go/{}a", "d/".repeat(33)).as_bytes(), "more than 32 folders deep");
    }

    /// Takes folders (with a slash) and files in turn, and returns why the last one is refused.
    fn last_of(form: &Form, entries: &[&str]) -> Option<String> {
        let mut names = Names::new(form);
        let mut claim = |name: &str| {
            let name = format!("{}{name}", form.prefix());
            if name.ends_with('/') { names.folder(name.as_bytes()) } else { names.file(name.as_bytes()) }
        };
        let (last, before) = entries.split_last().unwrap();
        for name in before {
            claim(name).unwrap();
        }
        claim(last).err().map(|err| err.to_string())
    }

    #[test]
    fn row_32_each_name_is_used_once() {
        for (entries, reason) in [
            (&["a/b", "a/c", "a/b"][..], "`a/b` is there twice"),
            (&["a/", "a/"], "`a` is there twice"),
            (&["a/b", "A/c"], "`A` differs from `a` by case only"),
            (&["Þa", "þa"], "differs from `Þa` by case only"),
            (&["a", "a/b"], "`a` is both a file and a folder"),
            (&["a/b", "a"], "`a` is both a file and a folder"),
            (&["a/", "a"], "`a` is both a file and a folder"),
            (&["a", "a/"], "`a` is both a file and a folder"),
        ] {
            let message = last_of(&Form::Archive, entries).unwrap();
            assert!(message.contains(reason), "{entries:?}: {message}");
        }
        assert_eq!(last_of(&Form::Archive, &["a/", "a/b/", "a/b/c", "d/e", "d/", "d/f"]), None);
    }

    #[test]
    fn a_module_s_go_mod_files_get_their_name_back_and_stand_nowhere_else() {
        use crate::platform::Platform;
        use gv_shim::version::Version;
        let form = Form::Module { version: Version::release(1, 22, 0), platform: Platform::host() };
        let claimed = |name: &str| Names::new(&form).file(format!("{}{name}", form.prefix()).as_bytes());
        assert_eq!(claimed("src/_go.mod").unwrap(), "src/go.mod");
        assert_eq!(claimed("src/a_go.mod").unwrap(), "src/a_go.mod");
        for name in ["src/go.mod", "go.mod", "src/GO.mod"] {
            assert!(claimed(name).unwrap_err().to_string().contains("which a module names `_go.mod`"));
        }
        assert!(last_of(&form, &["src/"]).unwrap().contains("a module holds files only"));
    }
}
