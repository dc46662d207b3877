//! Where the toolchain that was asked for lies: one lookup for each common answer.

use crate::call::Variables;
use crate::errno::Errno;
use crate::floor::Floor;
use crate::path::{Path, base};
use crate::resolve::Asked;
use crate::selector::Selector;
use crate::system::{Kind, System};
use crate::version::Version;

/// What a lookup found. Whether the program is really there shows when it is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// A toolchain of the store; the target is its folder.
    Toolchain(Version),
    /// A toolchain of the store without a version in its name: a linked one; the target is its folder.
    Named,
    /// A Go outside the store; the target is the program itself.
    Foreign,
    /// It takes a list of what is installed to say.
    Rare,
    /// There is no `current` and no other Go either.
    Nothing,
}

/// Looks up what was asked for and leaves its place in `target`. `binary` is the program, `go` or `gofmt`; it and
/// `vars` matter only to the search for a Go outside the store.
pub fn locate<S: System>(
    system: &S,
    root: &[u8],
    asked: &Asked<'_>,
    vars: &Variables<'_>,
    binary: &[u8],
    target: &mut Path,
) -> Result<Found, Errno> {
    match asked {
        Asked::Selector(Selector::Exact(version)) => toolchain(root, *version, target),
        Asked::Selector(Selector::Line(line)) => {
            target.set(&[root, b"/toolchains/", line.name().as_bytes()])?;
            match linked(system, target) {
                Ok(Some(version)) => toolchain(root, version, target),
                Ok(None) | Err(_) => Ok(Found::Rare),
            }
        }
        Asked::Selector(Selector::Named(name)) => {
            target.set(&[root, b"/toolchains/", name.as_bytes()])?;
            Ok(Found::Named)
        }
        Asked::Selector(Selector::System) => Ok(foreign(system, root, vars, binary, target)),
        Asked::Floor(floor) => above(system, root, floor, target),
        Asked::Current => match current(system, root, target)? {
            Found::Nothing => Ok(foreign(system, root, vars, binary, target)),
            found => Ok(found),
        },
        Asked::Selector(Selector::Latest | Selector::OldStable | Selector::Range(_)) | Asked::FirstOf(_) => {
            Ok(Found::Rare)
        }
    }
}

/// `current`, or nothing.
pub fn current<S: System>(system: &S, root: &[u8], target: &mut Path) -> Result<Found, Errno> {
    target.set(&[root, b"/active/current"])?;
    match linked(system, target) {
        Ok(Some(version)) => toolchain(root, version, target),
        Ok(None) => {
            target.set(&[root, b"/current"])?;
            Ok(Found::Named)
        }
        Err(_) => Ok(Found::Nothing),
    }
}

/// A toolchain that is new enough, but for the newest of all installed: that needs their list.
fn above<S: System>(system: &S, root: &[u8], floor: &Floor, target: &mut Path) -> Result<Found, Errno> {
    match current(system, root, target)? {
        found @ Found::Toolchain(version) if version >= floor.version => return Ok(found),
        // Its VERSION file will tell.
        Found::Named => return Ok(Found::Rare),
        _ => {}
    }
    let wanted = floor.toolchain();
    toolchain(root, wanted, target)?;
    if system.stat(target).is_ok() {
        return Ok(Found::Toolchain(wanted));
    }
    target.set(&[root, b"/toolchains/", wanted.line().name().as_bytes()])?;
    match linked(system, target) {
        Ok(Some(version)) if version >= floor.version => toolchain(root, version, target),
        _ => Ok(Found::Rare),
    }
}

/// The folder of a version, whether or not it is there.
fn toolchain(root: &[u8], version: Version, target: &mut Path) -> Result<Found, Errno> {
    target.set(&[root, b"/toolchains/", version.store().as_bytes()])?;
    Ok(Found::Toolchain(version))
}

/// The version that a link leads to; `None` if its target's name is none.
fn linked<S: System>(system: &S, link: &Path) -> Result<Option<Version>, Errno> {
    let mut text = Path::new();
    system.read_link(link, &mut text)?;
    Ok(Version::from_store_name(base(text.as_bytes())))
}

/// The first program of that name on PATH that is none of gv's, neither by its folder nor by itself.
pub fn foreign<S: System>(system: &S, root: &[u8], vars: &Variables<'_>, binary: &[u8], target: &mut Path) -> Found {
    let identity = |path: &Path| system.stat(path).map(|status| status.identity).ok();
    let shims = target.set(&[root, b"/shims"]).ok().and_then(|()| identity(target));
    let shim = target.set(&[root, b"/shims/go"]).ok().and_then(|()| identity(target));
    for folder in vars.path.unwrap_or_default().split(|&byte| byte == b':') {
        // A relative folder depends on where one stands; the go command refuses to run from such a one too.
        if !folder.starts_with(b"/") || target.set(&[folder, b"/", binary]).is_err() {
            continue;
        }
        let Ok(status) = system.stat(target) else { continue };
        if status.kind != Kind::File || !status.executable || Some(status.identity) == shim {
            continue;
        }
        target.truncate(folder.len());
        if shims.is_some() && identity(target) == shims {
            continue;
        }
        if target.set(&[folder, b"/", binary]).is_ok() {
            return Found::Foreign;
        }
    }
    Found::Nothing
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made::{Made, Node};

    fn located(made: &Made, asked: &Asked<'_>, path: &str) -> (Found, String) {
        let vars = Variables { path: Some(path.as_bytes()), ..Variables::default() };
        let mut target = Path::new();
        let found = locate(made, b"/gv", asked, &vars, b"go", &mut target).unwrap();
        (found, String::from_utf8(target.as_bytes().to_vec()).unwrap())
    }

    fn selector(text: &str) -> Asked<'_> {
        Asked::Selector(Selector::parse(text).unwrap())
    }

    fn floor(text: &str) -> Asked<'static> {
        Asked::Floor(Floor { version: Version::parse(text.as_bytes()).unwrap(), line: 1 })
    }

    fn store() -> Made {
        Made::new("/").store(&["1.22.3", "1.24.1", "1.23.9"]).with("/gv/toolchains/1.23", Node::Link("1.23.9"))
    }

    #[test]
    fn common_answers_are_one_lookup_and_rare_ones_are_not() {
        for (asked, version) in [
            (selector("1.24.1"), Some("1.24.1")),
            (selector("1.23"), Some("1.23.9")),
            (Asked::Current, Some("1.22.3")),
            (floor("1.21"), Some("1.22.3")),
            (floor("1.22.3"), Some("1.22.3")),
            (floor("1.24.1"), Some("1.24.1")),
            (floor("1.23.4"), Some("1.23.9")),
            (floor("1.23"), Some("1.23.9")),
            (floor("1.24"), None),
            (floor("1.23.10"), None),
            (selector("1.24"), None),
            (selector("latest"), None),
            (selector(">=1.21"), None),
            (Asked::FirstOf("1.22 1.23"), None),
        ] {
            let (found, target) = located(&store(), &asked, "");
            match version {
                None => assert_eq!(found, Found::Rare, "{asked:?}"),
                Some(version) => {
                    assert!(matches!(found, Found::Toolchain(_)), "{asked:?}");
                    assert_eq!(target, format!("/gv/toolchains/{version}"));
                }
            }
        }
        assert_eq!(located(&store(), &selector("gotip"), ""), (Found::Named, "/gv/toolchains/gotip".to_owned()));
    }

    #[test]
    fn row_49_another_go_is_never_one_of_gvs_shims() {
        let made = Made::new("/bin").file("/gv/shims/go", "").file("/usr/bin/go", "").with("/opt/go", Node::Folder);
        let path = "bin::/gv/shims:/nowhere:/opt:/usr/bin";
        assert_eq!(located(&made, &Asked::Current, path), (Found::Foreign, "/usr/bin/go".to_owned()));
        assert_eq!(located(&made, &selector("system"), path), (Found::Foreign, "/usr/bin/go".to_owned()));
        assert_eq!(located(&made, &Asked::Current, "/gv/shims").0, Found::Nothing);
    }
}
