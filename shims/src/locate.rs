//! Where the toolchain that was asked for lies: one lookup for each common answer.

use crate::call::Variables;
use crate::errno::Errno;
use crate::floor::Floor;
use crate::path::{Path, base};
use crate::resolve::Asked;
use crate::room::Room;
use crate::selector::Selector;
use crate::system::{Kind, System};
use crate::version::{Line, Version};

/// What a lookup found. Whether the program is really there shows when it is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found<'r> {
    /// A toolchain of the store, and its folder.
    Toolchain(Version, Path<'r>),
    /// The folder of a toolchain of the store without a version in its name: a linked one.
    Named(Path<'r>),
    /// A Go outside the store: the program itself.
    Foreign(Path<'r>),
    /// It takes a list of what is installed to say.
    Rare,
    /// There is no `current` and no other Go either.
    Nothing,
}

/// Where the links of a store lead is short: gv wrote it.
const LONGEST_LINK: usize = 256;

/// Looks up what was asked for. `binary` is the program, `go` or `gofmt`; it and `vars` matter only to the search for
/// a Go outside the store. Fails when a path is too long.
pub fn locate<'r, S: System>(
    system: &S,
    root: &[u8],
    asked: &Asked<'_>,
    vars: &Variables<'_>,
    binary: &[u8],
    room: &mut Room<'r>,
) -> Result<Found<'r>, Errno> {
    match asked {
        Asked::Selector(Selector::Exact(version)) => toolchain(root, *version, room),
        Asked::Selector(Selector::Line(line)) => match newest(system, root, *line, room.lend()) {
            Some(version) => toolchain(root, version, room),
            None => Ok(Found::Rare),
        },
        Asked::Selector(Selector::Named(name)) => {
            room.path(&[root, b"/toolchains/", name.as_bytes()]).map(Found::Named)
        }
        Asked::Selector(Selector::System) => Ok(foreign(system, root, vars, binary, room)),
        Asked::Floor(floor) => above(system, root, floor, room),
        Asked::Current => match current(system, root, room)? {
            Found::Nothing => Ok(foreign(system, root, vars, binary, room)),
            found => Ok(found),
        },
        Asked::Selector(Selector::Latest | Selector::OldStable | Selector::Range(_)) | Asked::FirstOf(_) => {
            Ok(Found::Rare)
        }
    }
}

/// `current`, or nothing.
pub fn current<'r, S: System>(system: &S, root: &[u8], room: &mut Room<'r>) -> Result<Found<'r>, Errno> {
    match linked(system, &[root, b"/active/current"], room.lend()) {
        Ok(Some(version)) => toolchain(root, version, room),
        Ok(None) => room.path(&[root, b"/current"]).map(Found::Named),
        Err(Errno::NAMETOOLONG) => Err(Errno::NAMETOOLONG),
        Err(_) => Ok(Found::Nothing),
    }
}

/// A toolchain that is new enough, but for the newest of all installed: that needs their list.
fn above<'r, S: System>(system: &S, root: &[u8], floor: &Floor, room: &mut Room<'r>) -> Result<Found<'r>, Errno> {
    match current(system, root, room)? {
        found @ Found::Toolchain(version, _) if version >= floor.version => return Ok(found),
        // Its VERSION file will tell; and a store without `current` is seldom.
        Found::Named(_) | Found::Nothing => return Ok(Found::Rare),
        _ => {}
    }
    let wanted = floor.toolchain();
    let exactly = toolchain(root, wanted, room)?;
    if let Found::Toolchain(_, folder) = exactly
        && system.stat(None, folder).is_ok()
    {
        return Ok(exactly);
    }
    match newest(system, root, wanted.line(), room.lend()) {
        Some(version) if version >= floor.version => toolchain(root, version, room),
        _ => Ok(Found::Rare),
    }
}

/// The folder of a version, whether or not it is there.
fn toolchain<'r>(root: &[u8], version: Version, room: &mut Room<'r>) -> Result<Found<'r>, Errno> {
    Ok(Found::Toolchain(version, room.path(&[root, b"/toolchains/", version.store().as_bytes()])?))
}

/// The newest release of a line, to which the line's link leads.
fn newest<S: System>(system: &S, root: &[u8], line: Line, room: Room<'_>) -> Option<Version> {
    linked(system, &[root, b"/toolchains/", line.name().as_bytes()], room).ok()?
}

/// The version that a link leads to; `None` if its target's name is none.
fn linked<S: System>(system: &S, link: &[&[u8]], mut room: Room<'_>) -> Result<Option<Version>, Errno> {
    let link = room.path(link)?;
    let target = room.zeroed(LONGEST_LINK)?;
    let len = system.read_link(link, target)?;
    Ok(Version::from_store_name(base(target.get(..len).unwrap_or_default())))
}

/// The first program of that name on PATH that is none of gv's, neither by its folder nor by itself.
pub fn foreign<'r, S: System>(
    system: &S,
    root: &[u8],
    vars: &Variables<'_>,
    binary: &[u8],
    room: &mut Room<'r>,
) -> Found<'r> {
    let identity = |room: &mut Room<'r>, parts: &[&[u8]]| {
        let path = room.lend().path(parts).ok()?;
        Some(system.stat(None, path).ok()?.identity)
    };
    let shims = identity(room, &[root, b"/shims"]);
    let shim = identity(room, &[root, b"/shims/go"]);
    for folder in vars.path.unwrap_or_default().split(|&byte| byte == b':') {
        // A relative folder depends on where one stands; the go command refuses to run from such a one too.
        if !folder.starts_with(b"/") {
            continue;
        }
        let Ok(Ok(status)) = room.lend().path(&[folder, b"/", binary]).map(|program| system.stat(None, program)) else {
            continue;
        };
        if status.kind != Kind::File || !status.executable || Some(status.identity) == shim {
            continue;
        }
        if shims.is_some() && identity(room, &[folder]) == shims {
            continue;
        }
        if let Ok(program) = room.path(&[folder, b"/", binary]) {
            return Found::Foreign(program);
        }
    }
    Found::Nothing
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made::{Made, Node};
    use crate::room::space;

    /// What was found, in words.
    fn located(made: &Made, asked: &Asked<'_>, path: &str) -> String {
        let vars = Variables { path: Some(path.as_bytes()), ..Variables::default() };
        let mut space = space();
        let said = |kind: &str, path: Path<'_>| format!("{kind} {}", String::from_utf8_lossy(path.as_bytes()));
        match locate(made, b"/gv", asked, &vars, b"go", &mut Room::new(&mut space)).unwrap() {
            Found::Toolchain(version, folder) => said(version.store().as_str(), folder),
            Found::Named(folder) => said("named", folder),
            Found::Foreign(program) => said("foreign", program),
            Found::Rare => "rare".to_owned(),
            Found::Nothing => "nothing".to_owned(),
        }
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
            let expected = version.map_or("rare".to_owned(), |version| format!("{version} /gv/toolchains/{version}"));
            assert_eq!(located(&store(), &asked, ""), expected, "{asked:?}");
        }
        assert_eq!(located(&store(), &selector("gotip"), ""), "named /gv/toolchains/gotip");
    }

    #[test]
    fn row_49_another_go_is_never_one_of_gvs_shims() {
        let made = Made::new("/bin").file("/gv/shims/go", "").file("/usr/bin/go", "").with("/opt/go", Node::Folder);
        let path = "bin::/gv/shims:/nowhere:/opt:/usr/bin";
        assert_eq!(located(&made, &Asked::Current, path), "foreign /usr/bin/go");
        assert_eq!(located(&made, &selector("system"), path), "foreign /usr/bin/go");
        assert_eq!(located(&made, &Asked::Current, "/gv/shims"), "nothing");
    }
}
