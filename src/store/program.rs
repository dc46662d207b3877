//! gv's own copy in `bin/`, which the shims hand over to: refreshed by any newer gv, and never by an older one.

use std::cmp::Ordering;
use std::io::Read;
use std::path::Path;

use crate::error::{At, Result};
use crate::fs;

use super::Layout;

/// The name under which the shims folder offers gv itself.
const MANAGER: &str = "gv";

/// What stands before and behind the version in gv's own bytes, so that a gv can be asked for its version without
/// being run: what stands in `bin/` may hang, or be no gv at all.
const BEFORE: &[u8] = b"\x1egv-version ";
const BEHIND: u8 = b'\x1e';

/// This gv's mark. It is found in every program that this module is linked into.
static MARK: &str = concat!("\x1egv-version ", env!("CARGO_PKG_VERSION"), "\x1e");

/// No version is longer.
const LONGEST_VERSION: usize = 64;

/// Puts gv into `bin/`, and a link to it into `shims/`, the one folder on PATH.
pub fn install(layout: &Layout, program: &Path) -> Result<()> {
    let target = layout.program();
    fs::create_dir_all(target.parent().unwrap_or(layout.root()))?;
    if !fs::is_same_file(program, &target) && !holds_the_same(&target, program)? {
        fs::copy_program(program, &target)?;
    }
    fs::create_dir_all(&layout.shims())?;
    let (own, link) = (Path::new("../bin/gv"), layout.shims().join(MANAGER));
    if fs::read_link(&link)?.as_deref() == Some(own) { Ok(()) } else { fs::link_symbolic(own, &link) }
}

/// Whether a file is there, with the bytes of `program`: where none is, nothing is read.
fn holds_the_same(target: &Path, program: &Path) -> Result<bool> {
    let Some(bytes) = fs::read_bytes(target)? else { return Ok(false) };
    Ok(fs::read_bytes(program)?.as_ref() == Some(&bytes))
}

/// Puts gv into `bin/` where none is, and replaces an older one: by its version, or of one version the one that was put
/// there before this one was built or installed. `gv setup` goes back to an older one.
pub fn refresh(layout: &Layout, program: &Path) -> Result<()> {
    let target = layout.program();
    let Ok(ours) = std::fs::metadata(program) else { return Ok(()) };
    let Ok(theirs) = std::fs::metadata(&target) else { return install(layout, program) };
    let ours_at = ours.modified().at("read", program)?;
    let theirs_at = theirs.modified().at("read", &target)?;
    // A copy keeps the time of what it was copied from.
    if fs::is_same_file(program, &target) || (ours.len() == theirs.len() && ours_at == theirs_at) {
        return Ok(());
    }
    // What has no mark is no gv, so it is older than any.
    let order = version_of(&target)?.map_or(Ordering::Less, |theirs| Some(theirs).cmp(&own_version()));
    match order {
        Ordering::Greater => Ok(()),
        Ordering::Equal if ours_at < theirs_at => Ok(()),
        Ordering::Equal | Ordering::Less => fs::copy_program(program, &target),
    }
}

/// Read from the mark, which keeps the mark in the program: what nothing reads would not be linked.
fn own_version() -> Option<semver::Version> {
    version_in(std::hint::black_box(MARK).as_bytes())
}

/// The version of a gv by its mark; `None` if it has none.
fn version_of(program: &Path) -> Result<Option<semver::Version>> {
    let Some(mut file) = fs::open_regular(program)? else { return Ok(None) };
    let mut bytes = Vec::new();
    loop {
        // A mark may lie across two pieces.
        let overlap = bytes.len().min(BEFORE.len() + LONGEST_VERSION);
        bytes.drain(..bytes.len() - overlap);
        let count = file.by_ref().take(1 << 20).read_to_end(&mut bytes).at("read", program)?;
        let version = version_in(&bytes);
        if version.is_some() || count == 0 {
            return Ok(version);
        }
    }
}

/// The first whole mark in these bytes. The constants of this module are in the program as well, and are none.
fn version_in(bytes: &[u8]) -> Option<semver::Version> {
    let starts = bytes.iter().enumerate().filter(|(_, byte)| **byte == BEFORE[0]).map(|(at, _)| &bytes[at..]);
    starts.filter_map(|rest| rest.strip_prefix(BEFORE)).find_map(|rest| {
        let length = rest.iter().take(LONGEST_VERSION).position(|byte| *byte == BEHIND)?;
        semver::Version::parse(std::str::from_utf8(&rest[..length]).ok()?).ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_from_a_mark_and_from_nothing_less() {
        assert_eq!(own_version(), semver::Version::parse(env!("CARGO_PKG_VERSION")).ok());
        let version = |text: &[u8]| version_in(text).map(|version| version.to_string());
        assert_eq!(version(b"\x1e\x1egv-version x\x1egv-version 1.2.3-rc.1\x1e").as_deref(), Some("1.2.3-rc.1"));
        for text in [&b""[..], b"1.2.3", b"\x1egv-version 1.2.3", b"\x1egv-version 1.2\x1e", b"\x1egv-version \xff\x1e"]
        {
            assert_eq!(version(text), None);
        }
    }

    #[test]
    fn a_mark_is_found_wherever_it_lies() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("gv");
        for before in [0, (1 << 20) - 5, (1 << 20) + 17, 3 << 20] {
            let mut bytes = vec![BEFORE[0]; before];
            bytes.extend(b"\x1egv-version 7.8.9\x1e and more");
            std::fs::write(&path, bytes).unwrap();
            assert_eq!(version_of(&path).unwrap(), semver::Version::parse("7.8.9").ok(), "{before}");
        }
    }
}
