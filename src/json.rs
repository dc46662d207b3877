//! What `--json` prints: documents of the form `{"gv": 1, "<kind>": …}`.
//!
//! The number is the version of the format. Within it, fields are added but never renamed, removed or given
//! another meaning.

use std::path::Path;

use serde::Serialize;
use serde_json::{Value, json};

use crate::store::{Generation, Summary};

/// The version of the format.
pub const FORMAT: u32 = 1;

/// One document with its payload under `kind`.
pub fn document(kind: &str, payload: &impl Serialize) -> String {
    documents(&[(kind, serde_json::to_value(payload).unwrap_or(Value::Null))])
}

/// One document with several payloads.
pub fn documents(payloads: &[(&str, Value)]) -> String {
    let mut document = serde_json::Map::new();
    document.insert("gv".into(), FORMAT.into());
    document.extend(payloads.iter().map(|(kind, payload)| ((*kind).into(), payload.clone())));
    format!("{:#}", Value::Object(document))
}

/// A path as JSON can hold it: text, in which what is not UTF-8 becomes U+FFFD.
pub fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// The generations, oldest first, each with `active`.
pub fn history(history: &[Generation], active: Option<u64>) -> Value {
    history.iter().map(|generation| self::generation(generation, Some(generation.number) == active)).collect()
}

/// One generation. The first has no previous version: every field is there all the same.
pub fn generation(generation: &Generation, active: bool) -> Value {
    let mut value = serde_json::to_value(generation).unwrap_or(Value::Null);
    value["active"] = active.into();
    value["previous"] = generation.previous.clone().into();
    value
}

/// An installed toolchain; `summary` is its receipt, where there is one.
pub fn installed(version: &str, path: &Path, summary: Option<&Summary>) -> Value {
    json!({
        "version": version,
        "path": shown(path),
        "proof": summary.map_or("unproven", |summary| summary.proof.word()),
        "form": summary.map(|summary| &summary.form),
        "platform": summary.map(|summary| &summary.platform),
        "size": summary.map(|summary| summary.unpacked_size),
        "installed_at": summary.map(|summary| &summary.installed_at),
        "h1": summary.and_then(|summary| summary.h1.as_ref()),
        "source": summary.map(|summary| &summary.source),
    })
}
