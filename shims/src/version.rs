//! Go's versions: their grammar, their order and their two spellings.
//!
//! The rules are those of Go's `internal/gover`: a version is `MAJOR.MINOR`, then nothing, `.PATCH`, or a
//! pre-release such as `rc2`. Up to 1.20 the first release of a line has no patch (`1.20` *is* `1.20.0`);
//! from 1.21 it is `1.21.0`, and `1.21` alone names the language, which is older than every toolchain of its line.

use core::fmt;

/// The kind of a version within its line. The order of the variants is the order of the releases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// The language itself (`1.21` in go.mod), older than every toolchain that speaks it.
    Language,
    /// `1.21alpha1`; none was ever published, but the grammar has it.
    Alpha(u16),
    /// `1.21beta1`.
    Beta(u16),
    /// `1.21rc2`.
    Rc(u16),
    /// `1.21.0` and its patch releases.
    Release,
}

/// A version of Go. The order of the fields *is* `1.21 < 1.21rc1 < 1.21.0 < 1.21.1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// 1, until there is a Go 2.
    pub major: u16,
    /// The line: 22 in 1.22.3.
    pub minor: u16,
    /// Language, pre-release or release.
    pub stage: Stage,
    /// The patch of a release, otherwise 0.
    pub patch: u16,
}

/// The first line whose first release is called `1.N.0`.
const FIRST_WITH_PATCH_ZERO: u16 = 21;

impl Version {
    /// The release `major.minor.patch`.
    pub const fn release(major: u16, minor: u16, patch: u16) -> Version {
        Version { major, minor, stage: Stage::Release, patch }
    }

    /// Reads Go's grammar without a `go` in front: `1.20`, `1.20.0`, `1.22.3`, `1.21rc2`, and `1.21`, the language.
    ///
    /// Numbers have no leading zeros and fit 16 bits; anything else, a suffix included, is `None`.
    pub fn parse(text: &[u8]) -> Option<Version> {
        let (major, rest) = number(text)?;
        let (minor, rest) = number(rest.strip_prefix(b".")?)?;
        if rest.is_empty() {
            let old = (major, minor) < (1, FIRST_WITH_PATCH_ZERO);
            let stage = if old { Stage::Release } else { Stage::Language };
            return Some(Version { major, minor, stage, patch: 0 });
        }
        if let Some(patch) = rest.strip_prefix(b".") {
            let (patch, rest) = number(patch)?;
            return rest.is_empty().then_some(Version::release(major, minor, patch));
        }
        let stage = pre_release(rest)?;
        Some(Version { major, minor, stage, patch: 0 })
    }

    /// Reads a toolchain's name, `go1.22.3`. The language alone (`go1.21`) names no toolchain and is `None`.
    pub fn from_go_name(name: &[u8]) -> Option<Version> {
        Version::parse(name.strip_prefix(b"go")?).filter(|version| !version.is_language())
    }

    /// Reads the store's spelling, as the folders under `toolchains/` have it: always three parts, or a pre-release.
    pub fn from_store_name(name: &[u8]) -> Option<Version> {
        Version::parse(name).filter(|version| version.store().as_bytes() == name && !version.is_language())
    }

    /// Whether this is the language alone, older than every toolchain of its line.
    pub fn is_language(&self) -> bool {
        self.stage == Stage::Language
    }

    /// Whether this is an alpha, beta or release candidate.
    pub fn is_pre_release(&self) -> bool {
        matches!(self.stage, Stage::Alpha(_) | Stage::Beta(_) | Stage::Rc(_))
    }

    /// The first toolchain at or above this version that has a name: `1.21` becomes `1.21.0`, all else is itself.
    #[must_use]
    pub fn first_toolchain(self) -> Version {
        if self.is_language() { Version::release(self.major, self.minor, 0) } else { self }
    }

    /// The line that this version belongs to.
    pub fn line(&self) -> Line {
        Line { major: self.major, minor: self.minor }
    }

    /// The store's spelling, always three parts: `1.20.0`, `1.22.3`, `1.21rc2`.
    pub fn store(&self) -> Name {
        self.spell(true)
    }

    /// Go's own spelling: `go1.20`, `go1.22.3`, `go1.21rc2`.
    pub fn go(&self) -> Name {
        self.spell(false)
    }

    fn spell(&self, store: bool) -> Name {
        let mut name = Name::default();
        if !store {
            name.push(b"go");
        }
        name.push_number(self.major);
        name.push(b".");
        name.push_number(self.minor);
        let (word, number) = match self.stage {
            Stage::Language => return name,
            Stage::Alpha(n) => (&b"alpha"[..], n),
            Stage::Beta(n) => (&b"beta"[..], n),
            Stage::Rc(n) => (&b"rc"[..], n),
            Stage::Release if !store && self.patch == 0 && (self.major, self.minor) < (1, FIRST_WITH_PATCH_ZERO) => {
                return name;
            }
            Stage::Release => (&b"."[..], self.patch),
        };
        name.push(word);
        name.push_number(number);
        name
    }
}

/// The store's spelling.
impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.store().as_str())
    }
}

/// A line of releases, such as 1.22.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Line {
    /// 1, until there is a Go 2.
    pub major: u16,
    /// 22 in 1.22.
    pub minor: u16,
}

impl Line {
    /// Reads `1.22`.
    pub fn parse(text: &[u8]) -> Option<Line> {
        let (major, rest) = number(text)?;
        let (minor, rest) = number(rest.strip_prefix(b".")?)?;
        rest.is_empty().then_some(Line { major, minor })
    }

    /// The name of the line's link under `toolchains/`: `1.22`.
    pub fn name(&self) -> Name {
        let mut name = Name::default();
        name.push_number(self.major);
        name.push(b".");
        name.push_number(self.minor);
        name
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name().as_str())
    }
}

/// The longest spelling: `go`, three numbers of five digits, `.` and `alpha`.
const LONGEST: usize = 2 + 5 + 1 + 5 + 5 + 5;

/// A spelled version, kept without a heap.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Name {
    bytes: [u8; LONGEST + 1],
    len: u8,
}

impl Name {
    /// A short name, of [`LONGEST`] bytes at most.
    pub(crate) fn of(text: &[u8]) -> Name {
        let mut name = Name::default();
        name.push(text);
        name
    }

    /// The spelling as bytes; always ASCII.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }

    /// The spelling as text.
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }

    fn push(&mut self, text: &[u8]) {
        for &byte in text {
            self.bytes[usize::from(self.len)] = byte;
            self.len += 1;
        }
    }

    fn push_number(&mut self, number: u16) {
        let mut divisor = 10_000;
        while divisor > 1 && number < divisor {
            divisor /= 10;
        }
        while divisor > 0 {
            // A digit, so it fits.
            #[allow(clippy::cast_possible_truncation)]
            self.push(&[b'0' + (number / divisor % 10) as u8]);
            divisor /= 10;
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

fn pre_release(text: &[u8]) -> Option<Stage> {
    type Kind = (&'static [u8], fn(u16) -> Stage);
    const KINDS: [Kind; 3] = [(b"alpha", Stage::Alpha), (b"beta", Stage::Beta), (b"rc", Stage::Rc)];
    KINDS.iter().find_map(|(word, stage)| {
        let (n, rest) = number(text.strip_prefix(*word)?)?;
        rest.is_empty().then(|| stage(n))
    })
}

/// A decimal number without leading zeros at the start of `text`, and what follows it.
fn number(text: &[u8]) -> Option<(u16, &[u8])> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = text.split_at(digits);
    if digits.is_empty() || (digits[0] == b'0' && digits.len() > 1) {
        return None;
    }
    let mut value: u16 = 0;
    for digit in digits {
        value = value.checked_mul(10)?.checked_add(u16::from(digit - b'0'))?;
    }
    Some((value, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    extern crate std;
    use std::string::ToString;
    use std::vec::Vec;

    fn v(text: &str) -> Version {
        Version::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn the_order_is_that_of_gover() {
        let ascending = [
            "1.20rc3",
            "1.20",
            "1.20.1",
            "1.21",
            "1.21beta1",
            "1.21rc1",
            "1.21rc2",
            "1.21.0",
            "1.21.1",
            "1.21.10",
            "1.22",
            "2.0",
        ];
        let versions: Vec<Version> = ascending.iter().map(|text| v(text)).collect();
        assert!(versions.is_sorted_by(|a, b| a < b));
        assert_eq!(v("1.20"), v("1.20.0"));
    }

    #[test]
    fn each_version_has_two_spellings() {
        for (text, store, go) in [
            ("1.20", "1.20.0", "go1.20"),
            ("1.20.14", "1.20.14", "go1.20.14"),
            ("1.21.0", "1.21.0", "go1.21.0"),
            ("1.21rc2", "1.21rc2", "go1.21rc2"),
            ("1.21", "1.21", "go1.21"),
            ("65535.65535alpha65535", "65535.65535alpha65535", "go65535.65535alpha65535"),
        ] {
            assert_eq!((v(text).to_string().as_str(), v(text).go().as_str()), (store, go));
        }
    }

    #[test]
    fn what_is_not_a_version_is_refused() {
        for text in [
            "",
            "1",
            "1.",
            "1.22.",
            "01.2",
            "1.022",
            "1.22.03",
            "1.22rc",
            "1.22rc01",
            "1.9.2rc2",
            "1.22.3-custom",
            "1.22.3 ",
            "1.65536",
            "v1.2",
            "go1.22.3",
            "1.22.3.4",
            "1.-2",
            "1.22x1",
        ] {
            assert_eq!(Version::parse(text.as_bytes()), None, "{text:?}");
        }
        assert_eq!(Version::from_go_name(b"go1.21"), None);
        assert_eq!(Version::from_go_name(b"go1.20"), Some(Version::release(1, 20, 0)));
        assert_eq!(Version::from_store_name(b"1.20"), None);
        assert_eq!(Version::from_store_name(b"1.20.0"), Some(Version::release(1, 20, 0)));
    }
}
