//! How Go writes names and numbers into the paths of a checksum database.

use crate::error::{Error, Result};

/// The path that asks for a module's record: upper-case letters are written as `!` and the lower-case letter,
/// since module caches lie on file systems that do not tell them apart.
pub fn lookup_path(module: &str, version: &str) -> Result<String> {
    Ok(format!("/lookup/{}@{}", escaped(module, "/-._~")?, escaped(version, "-._+~")?))
}

/// Only letters, digits and the characters of `also`, and no path element that leads elsewhere.
fn escaped(text: &str, also: &str) -> Result<String> {
    let known = |c: char| c.is_ascii_alphanumeric() || also.contains(c);
    let plain = |element: &str| !element.is_empty() && !element.starts_with('.') && !element.ends_with('.');
    if !text.chars().all(known) || !text.split('/').all(plain) {
        return Err(Error::usage(format!(
            "{} is no name of a module or version",
            crate::verify::excerpt(text.as_bytes())
        )));
    }
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_uppercase() {
            escaped.push('!');
        }
        escaped.push(c.to_ascii_lowercase());
    }
    Ok(escaped)
}

/// A number in groups of three digits, `x001/x234/067`, so that no folder grows beyond a thousand names.
pub(super) fn thousands(number: u64) -> String {
    let mut path = format!("{:03}", number % 1000);
    let mut rest = number / 1000;
    while rest > 0 {
        path = format!("x{:03}/{path}", rest % 1000);
        rest /= 1000;
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_that_go_asks_for() {
        let path = lookup_path("golang.org/toolchain", "v0.0.1-go1.22.0.linux-amd64").unwrap();
        assert_eq!(path, "/lookup/golang.org/toolchain@v0.0.1-go1.22.0.linux-amd64");
        assert_eq!(
            lookup_path("github.com/Azure/x", "v1.0.0-RC1").unwrap(),
            "/lookup/github.com/!azure/x@v1.0.0-!r!c1"
        );
        assert_eq!((thousands(5), thousands(126_640)), ("005".to_owned(), "x126/640".to_owned()));
        assert_eq!(thousands(1_234_067), "x001/x234/067");
    }

    #[test]
    fn nothing_else_becomes_part_of_a_path() {
        for (module, version) in
            [("a/../b", "v1"), ("a//b", "v1"), ("a", "v1/x"), ("a!b", "v1"), ("a", ""), ("a b", "v1")]
        {
            assert!(lookup_path(module, version).is_err(), "{module} {version}");
        }
    }
}
