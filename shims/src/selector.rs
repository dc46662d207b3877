//! Selectors: what a person or a version file may ask for.

use crate::version::{Line, Version};

/// What was asked for, before it is known which toolchain that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selector<'a> {
    /// `1.22.3`, `go1.22.3`, `1.22rc1`, `1.20.0`, and `go1.20`, the release of that name.
    Exact(Version),
    /// `1.22`, `1.22.x`, `1.20`, and `go1.21` or later without a patch: the newest release of the line.
    Line(Line),
    /// `latest` or `stable`: the newest release.
    Latest,
    /// `oldstable`: the newest release of the line before the newest.
    OldStable,
    /// `>=1.21, <1.23`, `~1.21.4`, `^1.21`: semver's ranges, kept as typed.
    Range(&'a str),
    /// `system`: the first other `go` on PATH.
    System,
    /// The name of a linked toolchain: a letter, then letters, digits, `.`, `_` and `-`, 64 bytes at most.
    Named(&'a str),
}

/// The longest selector, in bytes.
pub const LONGEST: usize = 128;

impl<'a> Selector<'a> {
    /// Reads a selector; white space around it is the caller's to remove. `None` for what is not one.
    pub fn parse(text: &'a str) -> Option<Selector<'a>> {
        if text.is_empty() || text.len() > LONGEST {
            return None;
        }
        if matches!(text.as_bytes()[0], b'<' | b'>' | b'=' | b'~' | b'^') {
            return range(text).then_some(Selector::Range(text));
        }
        match text {
            "latest" | "stable" => return Some(Selector::Latest),
            "oldstable" => return Some(Selector::OldStable),
            "system" => return Some(Selector::System),
            _ => {}
        }
        let bare = text.strip_prefix("go").unwrap_or(text);
        if bare.as_bytes().first().is_some_and(u8::is_ascii_digit) {
            return numeric(bare, bare.len() != text.len());
        }
        named(text).then_some(Selector::Named(text))
    }
}

/// A selector that begins with a digit. `go1.20` is a release and `1.20` a line, since only the former is a name of Go's.
fn numeric<'a>(text: &str, go_prefix: bool) -> Option<Selector<'a>> {
    if let Some(line) = text.strip_suffix(".x") {
        return Line::parse(line.as_bytes()).map(Selector::Line);
    }
    let version = Version::parse(text.as_bytes())?;
    match Line::parse(text.as_bytes()) {
        Some(line) if version.is_language() || !go_prefix => Some(Selector::Line(line)),
        _ => Some(Selector::Exact(version)),
    }
}

/// Only the alphabet of a range: whether it means something is for the manager to say, which can explain.
fn range(text: &str) -> bool {
    text.bytes().all(|b| {
        b.is_ascii_alphanumeric() || matches!(b, b'<' | b'>' | b'=' | b'~' | b'^' | b'.' | b',' | b' ' | b'*' | b'-')
    })
}

fn named(text: &str) -> bool {
    text.len() <= 64
        && text.as_bytes()[0].is_ascii_alphabetic()
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read() {
        let line = |minor| Some(Selector::Line(Line { major: 1, minor }));
        let exact = |minor, patch| Some(Selector::Exact(Version::release(1, minor, patch)));
        assert_eq!(Selector::parse("1.22.3"), exact(22, 3));
        assert_eq!(Selector::parse("go1.22.3"), exact(22, 3));
        assert_eq!(Selector::parse("1.20.0"), exact(20, 0));
        assert_eq!(Selector::parse("go1.20"), exact(20, 0));
        assert_eq!(Selector::parse("1.20"), line(20));
        assert_eq!(Selector::parse("1.22"), line(22));
        assert_eq!(Selector::parse("1.22.x"), line(22));
        assert_eq!(Selector::parse("go1.21"), line(21));
        assert_eq!(Selector::parse("1.22rc1").map(|s| matches!(s, Selector::Exact(_))), Some(true));
        assert_eq!(Selector::parse("stable"), Some(Selector::Latest));
        assert_eq!(Selector::parse("oldstable"), Some(Selector::OldStable));
        assert_eq!(Selector::parse("system"), Some(Selector::System));
        assert_eq!(Selector::parse(">=1.21, <1.23"), Some(Selector::Range(">=1.21, <1.23")));
        assert_eq!(Selector::parse("gotip"), Some(Selector::Named("gotip")));
    }

    #[test]
    fn what_is_not_a_selector_is_refused() {
        for text in [
            "",
            " ",
            "1",
            "1.22.3 ",
            "../../evil",
            "$(x)",
            "1.22\0",
            "go1",
            "1.x",
            "1.22.3.x",
            "1.22rc1.x",
            "-rf",
            ">1.2;x",
            "é",
            "a/b",
            ".hidden",
        ] {
            assert_eq!(Selector::parse(text), None, "{text:?}");
        }
    }
}
