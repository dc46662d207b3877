//! Selectors against a list of versions, be it what is installed or what is published.

use gv_shim::floor::Floor;
use gv_shim::selector::Selector;
use gv_shim::version::{Line, Stage, Version};
use semver::VersionReq;

use crate::error::{Error, Result};

/// Reads a selector as a person typed it, and says what is wrong with one that has no meaning.
pub fn parse(text: &str) -> Result<Selector<'_>> {
    let selector = Selector::parse(text).ok_or_else(|| {
        Error::usage(format!("\"{}\" is not a version", text.escape_debug()))
            .hint("a version looks like 1.22.3, 1.22, latest or '>=1.21, <1.23'")
    })?;
    if let Selector::Range(range) = selector {
        requirement(range).map_err(|err| {
            Error::usage(format!("\"{range}\" is not a range of versions"))
                .because(err)
                .hint("a range looks like '>=1.21, <1.23' or '~1.21.4'")
        })?;
    }
    Ok(selector)
}

/// The version of a list that a selector means, the newest if there are several; the list may be in any order.
///
/// Pre-releases are chosen only when they are named. `system`, names, and ranges without meaning choose nothing.
pub fn select(selector: &Selector<'_>, versions: &[Version]) -> Option<Version> {
    match selector {
        Selector::Exact(version) => versions.iter().copied().find(|listed| listed == version),
        Selector::Line(line) => newest(versions, |version| version.line() == *line),
        Selector::Latest => newest(versions, |_| true),
        Selector::OldStable => {
            let latest: Line = newest(versions, |_| true)?.line();
            newest(versions, |version| version.line() < latest)
        }
        Selector::Range(range) => {
            let requirement = requirement(range).ok()?;
            versions.iter().copied().filter(|version| requirement.matches(&mapped(*version))).max()
        }
        Selector::System | Selector::Named(_) => None,
    }
}

/// The installed version that meets a floor: exactly the toolchain it means, else the newest of that line, else the
/// newest of all.
pub(super) fn above(floor: &Floor, installed: &[Version]) -> Option<Version> {
    let wanted = floor.toolchain();
    let enough = |version: Version| version >= floor.version;
    select(&Selector::Exact(wanted), installed)
        .or_else(|| newest(installed, |version| version.line() == wanted.line() && enough(version)))
        .or_else(|| newest(installed, enough))
}

fn newest(versions: &[Version], accepts: impl Fn(Version) -> bool) -> Option<Version> {
    versions.iter().copied().filter(|&version| version.stage == Stage::Release && accepts(version)).max()
}

/// A range in semver's terms: comparators with a comma or white space between them, Go's spelling of pre-releases.
fn requirement(range: &str) -> std::result::Result<VersionReq, semver::Error> {
    let is_operator = |c: char| matches!(c, '<' | '>' | '=' | '~' | '^');
    let mut comparators: Vec<String> = Vec::new();
    let mut rest = range.trim_start_matches([' ', ',']);
    while !rest.is_empty() {
        let (operator, behind) = rest.split_at(rest.find(|c| !is_operator(c)).unwrap_or(rest.len()));
        let behind = behind.trim_start();
        let end = behind.find(|c: char| c == ' ' || c == ',' || is_operator(c)).unwrap_or(behind.len());
        let (version, behind) = behind.split_at(end);
        // Without an operator a version means itself, as everywhere else in gv, and not semver's `^`.
        let operator = if operator.is_empty() { "=" } else { operator };
        comparators.push(format!("{operator}{}", spelled(version)));
        rest = behind.trim_start_matches([' ', ',']);
    }
    VersionReq::parse(&comparators.join(", "))
}

/// `1.21rc2` as `1.21.0-rc.2`; everything else as it stands.
fn spelled(version: &str) -> String {
    let bare = version.strip_prefix("go").unwrap_or(version);
    match Version::parse(bare.as_bytes()) {
        Some(version) if version.is_pre_release() => mapped(version).to_string(),
        _ => bare.to_owned(),
    }
}

/// A version as semver orders it.
fn mapped(version: Version) -> semver::Version {
    let mut mapped = semver::Version::new(version.major.into(), version.minor.into(), version.patch.into());
    let label = match version.stage {
        Stage::Alpha(n) => format!("alpha.{n}"),
        Stage::Beta(n) => format!("beta.{n}"),
        Stage::Rc(n) => format!("rc.{n}"),
        Stage::Language | Stage::Release => return mapped,
    };
    // A word and a number are always a pre-release of semver's grammar.
    mapped.pre = semver::Prerelease::new(&label).unwrap_or_default();
    mapped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> Vec<Version> {
        text.split(' ').map(|name| Version::from_store_name(name.as_bytes()).unwrap()).collect()
    }

    fn chosen(selector: &str, versions: &str) -> Option<String> {
        select(&parse(selector).unwrap(), &list(versions)).map(|version| version.to_string())
    }

    #[test]
    fn a_selector_chooses_the_newest_that_it_means() {
        let versions = "1.20.0 1.22.10 1.21.4 1.22.3 1.21.13 1.23rc1 1.21rc2";
        for (selector, version) in [
            ("1.22.3", Some("1.22.3")),
            ("1.22.4", None),
            ("1.22", Some("1.22.10")),
            ("1.23", None),
            ("1.23rc1", Some("1.23rc1")),
            ("go1.20", Some("1.20.0")),
            ("latest", Some("1.22.10")),
            ("oldstable", Some("1.21.13")),
            (">=1.21, <1.22", Some("1.21.13")),
            (">=1.21 <1.22", Some("1.21.13")),
            (">= 1.21 , < 1.22", Some("1.21.13")),
            ("~1.21.4", Some("1.21.13")),
            ("=1.21.4", Some("1.21.4")),
            ("^1.20", Some("1.22.10")),
            (">1.22.3", Some("1.22.10")),
            (">=1.23", None),
            (">=1.23rc1", Some("1.23rc1")),
            ("=1.21rc2", Some("1.21rc2")),
            ("<1.21", Some("1.20.0")),
            ("system", None),
            ("gotip", None),
        ] {
            assert_eq!(chosen(selector, versions).as_deref(), version, "{selector}");
        }
        assert_eq!(select(&Selector::OldStable, &list("1.22.3 1.22.4")), None);
        assert_eq!(select(&Selector::Latest, &[]), None);
    }

    #[test]
    fn a_range_without_meaning_is_explained() {
        for range in [">=", "~x.y", "<1.2.3.4", ">=1.21,,<", "=>1.21"] {
            assert_eq!(parse(range).unwrap_err().exit(), crate::error::Exit::Usage, "{range}");
        }
    }

    #[test]
    fn a_floor_is_met_exactly_then_within_the_line_then_by_the_newest() {
        let floor = |text: &str| Floor { version: Version::parse(text.as_bytes()).unwrap(), line: 1 };
        let versions = list("1.21rc2 1.21.13 1.22.3 1.22.10 1.24.1 1.25rc1");
        let met = |text| above(&floor(text), &versions).map(|version| version.to_string());
        assert_eq!(met("1.22.3").as_deref(), Some("1.22.3"));
        assert_eq!(met("1.22").as_deref(), Some("1.22.10"));
        assert_eq!(met("1.22.11").as_deref(), Some("1.24.1"));
        assert_eq!(met("1.23").as_deref(), Some("1.24.1"));
        assert_eq!(met("1.21rc2").as_deref(), Some("1.21rc2"));
        assert_eq!(met("1.25"), None);
    }
}
