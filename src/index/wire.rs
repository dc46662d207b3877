//! The lists as servers send them: go.dev's JSON, and the list of a module's versions.
//!
//! Strict about shape, tolerant about content: wrong types refuse the whole, while a row that gv has no use
//! for, or does not understand, is skipped. Unknown fields are future ones.

use std::borrow::Cow;
use std::collections::BTreeMap;

use gv_shim::version::Version;
use serde::Deserialize;

use super::{File, Form, Release, archive_name, archive_platform, file_name, parse_module_version};
use crate::download::sample;
use crate::platform::Platform;
use crate::sha256::Sha256;

#[derive(Deserialize)]
struct WireRelease<'a> {
    #[serde(borrow)]
    version: Cow<'a, str>,
    #[serde(default)]
    stable: bool,
    #[serde(borrow)]
    files: Vec<WireFile<'a>>,
}

#[derive(Deserialize)]
struct WireFile<'a> {
    #[serde(borrow)]
    filename: Cow<'a, str>,
    #[serde(borrow, default)]
    os: Cow<'a, str>,
    #[serde(borrow, default)]
    arch: Cow<'a, str>,
    #[serde(borrow, default)]
    sha256: Cow<'a, str>,
    #[serde(default)]
    size: u64,
    #[serde(borrow, default)]
    kind: Cow<'a, str>,
}

/// Reads `go.dev/dl/?mode=json`. The error is the reason.
pub(crate) fn parse_dl(bytes: &[u8]) -> Result<Vec<Release>, String> {
    let wire: Vec<WireRelease<'_>> = serde_json::from_slice(bytes)
        .map_err(|err| if bytes.trim_ascii_start().starts_with(b"[") { err.to_string() } else { not_json(bytes) })?;
    let mut releases: Vec<Release> = wire.iter().filter_map(release).collect();
    if releases.is_empty() {
        return Err("it names no release".to_owned());
    }
    sort(&mut releases);
    Ok(releases)
}

fn not_json(bytes: &[u8]) -> String {
    format!("it is not the JSON of an index but begins with {}", sample(bytes))
}

fn release(wire: &WireRelease<'_>) -> Option<Release> {
    let version = Version::from_go_name(wire.version.as_bytes())?;
    let files: Vec<File> = wire.files.iter().filter_map(|row| file(version, row)).collect();
    (!files.is_empty()).then_some(Release { version, stable: wire.stable, files })
}

fn file(version: Version, wire: &WireFile<'_>) -> Option<File> {
    let platform = archive_platform(&wire.os, &wire.arch)?;
    let filename = archive_name(version, &platform);
    if wire.kind != "archive" || wire.filename != filename {
        return None;
    }
    let sha256 = match &*wire.sha256 {
        "" => None,
        text => Some(Sha256::parse(text)?),
    };
    Some(File { filename, platform, form: Form::Archive, sha256, size: (wire.size > 0).then_some(wire.size) })
}

/// Reads `golang.org/toolchain/@v/list`: a version a line, perhaps followed by more words. The error is the reason.
pub(crate) fn parse_module_list(bytes: &[u8]) -> Result<Vec<Release>, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is not text".to_owned())?;
    let mut by_version: BTreeMap<Version, Vec<File>> = BTreeMap::new();
    for word in text.lines().filter_map(|line| line.split_ascii_whitespace().next()) {
        if let Some((version, platform)) = parse_module_version(word) {
            by_version.entry(version).or_default().push(module(version, platform));
        }
    }
    if by_version.is_empty() && !bytes.trim_ascii().is_empty() {
        return Err(format!("it names no toolchain and begins with {}", sample(bytes)));
    }
    let releases = by_version.into_iter().map(|(version, files)| Release { version, stable: false, files });
    Ok(releases.collect())
}

fn module(version: Version, platform: Platform) -> File {
    let filename = file_name(Form::Module, version, &platform);
    File { filename, platform, form: Form::Module, sha256: None, size: None }
}

/// Sorts by version. Rows of one version said twice are one release; of one file said twice, the first counts.
pub(crate) fn sort(releases: &mut Vec<Release>) {
    releases.sort_by_key(|release| release.version);
    releases.dedup_by(|again, first| {
        let same = again.version == first.version;
        if same {
            first.files.append(&mut again.files);
        }
        same
    });
    for release in releases {
        release.files.sort_by(|a, b| (&a.platform, a.form).cmp(&(&b.platform, b.form)));
        release.files.dedup_by(|again, first| (&again.platform, again.form) == (&first.platform, first.form));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "502fc16d5910562461e6a6631fb6377de2322aad7304bf2bcd23500ba9dab4a7";

    fn row(filename: &str, os: &str, arch: &str, sha256: &str) -> String {
        format!(
            r#"{{"filename":"{filename}","os":"{os}","arch":"{arch}","version":"x","sha256":"{sha256}","size":7,"kind":"archive"}}"#
        )
    }

    fn index(version: &str, rows: &[String]) -> String {
        format!(r#"[{{"version":"{version}","stable":true,"files":[{}]}}]"#, rows.join(","))
    }

    #[test]
    fn an_index_is_sorted_and_its_rows_are_read() {
        let one = index("go1.21.13", &[row("go1.21.13.linux-amd64.tar.gz", "linux", "amd64", HASH)]);
        let two = index("go1.20", &[row("go1.20.linux-armv6l.tar.gz", "linux", "armv6l", "")]);
        let both = format!("[{},{}]", &one[1..one.len() - 1], &two[1..two.len() - 1]);
        let releases = parse_dl(both.as_bytes()).unwrap();
        assert_eq!(releases[0].version, Version::release(1, 20, 0));
        // Row 14: an empty hash is none; it never equals anything.
        assert_eq!((releases[0].files[0].sha256, releases[0].files[0].platform.arch.as_str()), (None, "arm"));
        assert_eq!(releases[1].files[0].sha256, Sha256::parse(HASH));
        assert_eq!(releases[1].files[0].size, Some(7));
    }

    #[test]
    fn row_12_what_has_not_the_shape_of_an_index_is_refused_whole() {
        let deep = "[".repeat(100_000);
        for text in [
            "",
            "{}",
            "[]",
            "[1]",
            r#"[{"version":"go1.22.0"}]"#,
            r#"[{"version":"go1.22.0","files":[{"filename":5}]}]"#,
            r#"[{"version":"go1.22.0","files":[{"filename":"x","size":"big"}]}]"#,
            r#"[{"version":"go1.22.0","files":[]"#,
            deep.as_str(),
        ] {
            assert!(parse_dl(text.as_bytes()).is_err(), "{:?}", &text[..text.len().min(60)]);
        }
    }

    #[test]
    fn row_9_html_is_shown_for_what_it_is() {
        let error = parse_dl(b"<!DOCTYPE html>\n<title>Sign in").unwrap_err();
        assert!(error.contains("begins with `<!DOCTYPE html>.<title>Sign in`"), "{error}");
        assert!(parse_module_list(b"<!DOCTYPE html>").is_err());
    }

    #[test]
    fn row_13_a_row_outside_the_grammar_is_skipped() {
        let good = row("go1.22.0.linux-amd64.tar.gz", "linux", "amd64", HASH);
        for bad in [
            row("../go1.22.0.linux-amd64.tar.gz", "linux", "amd64", HASH),
            row("go1.22.0.linux-amd64.tar.gz\\u0000", "linux", "amd64", HASH),
            row("go1.22.0.linux-amd64.tar.gz", "linux", "amd64", "not a hash"),
            row("go1.22.0.hurd-amd64.tar.gz", "hurd", "amd64", HASH),
            row("go1.22.0.linux-vax.tar.gz", "linux", "vax", HASH),
            row("go1.22.1.linux-arm64.tar.gz", "linux", "arm64", HASH),
            row("go1.22.0.linux-arm64.tar.gz", "linux", "arm64", HASH).replace("archive", "poster"),
        ] {
            let releases = parse_dl(index("go1.22.0", &[bad.clone(), good.clone()]).as_bytes()).unwrap();
            assert_eq!(releases[0].files.len(), 1, "{bad}");
        }
        let future = good.replace("\"size\"", "\"flavour\":{\"a\":[1]},\"size\"");
        assert_eq!(parse_dl(index("go1.22.0", &[future]).as_bytes()).unwrap().len(), 1);
        for version in ["go1", "go1.9.2rc2", "go1.21", "1.22.0", "go1.22.0/../x", ""] {
            assert!(parse_dl(index(version, std::slice::from_ref(&good)).as_bytes()).is_err(), "{version:?}");
        }
    }

    #[test]
    fn a_list_of_module_versions_is_grouped() {
        let list =
            b"v0.0.1-go1.22.0.linux-amd64\nv0.0.1-go1.22.0.linux-arm64 2024-02-06\nv0.0.1-go1.9.2rc2.linux-amd64\n";
        let releases = parse_module_list(list).unwrap();
        assert_eq!((releases.len(), releases[0].files.len()), (1, 2));
        assert_eq!(releases[0].files[0].filename, "v0.0.1-go1.22.0.linux-amd64.zip");
        assert!(parse_module_list(b"").unwrap().is_empty());
    }
}
