//! The writer of tar, read back by the tar crate.

use std::io::Read;

use crate::support::tar::{Entry, archive};

#[test]
fn a_pax_record_counts_its_own_digits() {
    let long = "x".repeat(94);
    let entries = [
        Entry::pax(&[("path", "go/short")]),
        Entry::file("a", "1"),
        Entry::pax(&[("path", &long)]),
        Entry::file("b", "2"),
    ];
    let bytes = archive(&entries);
    let mut reader = tar::Archive::new(bytes.as_slice());
    let found: Vec<(String, String)> = reader
        .entries()
        .unwrap()
        .map(|entry| {
            let mut entry = entry.unwrap();
            let mut text = String::new();
            entry.read_to_string(&mut text).unwrap();
            (entry.path().unwrap().display().to_string(), text)
        })
        .collect();
    assert_eq!(found, [("go/short".to_owned(), "1".to_owned()), (long, "2".to_owned())]);
}

#[test]
fn a_long_name_is_split_at_a_folder() {
    let name = format!("go/{}/{}", "d".repeat(90), "f".repeat(40));
    let bytes = archive(&[Entry::file(&name, "")]);
    let mut reader = tar::Archive::new(bytes.as_slice());
    assert_eq!(reader.entries().unwrap().next().unwrap().unwrap().path().unwrap().to_str(), Some(name.as_str()));
}
