//! Settings: what they are, where each value came from, and what it means.
//!
//! The file is `$XDG_CONFIG_HOME/gv/config.toml`; a variable in the environment goes before it. The shim reads
//! neither.

mod trust;

use std::fmt;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

pub use trust::Trust;

use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::fs;

/// One setting: a row of [`SETTINGS`].
#[derive(Debug)]
pub struct Setting {
    /// The name in the file, with its table: `cache.keep`.
    pub key: &'static str,
    /// The variable that goes before the file.
    pub variable: &'static str,
    /// The value without either, as the file would spell it.
    pub default: &'static str,
    /// What it decides.
    pub help: &'static str,
    kind: Kind,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Trust,
    Sources,
    Switch,
    Count,
    Text,
}

const fn setting(
    key: &'static str,
    variable: &'static str,
    default: &'static str,
    kind: Kind,
    help: &'static str,
) -> Setting {
    Setting { key, variable, default, help, kind }
}

/// Every setting there is.
pub const SETTINGS: &[Setting] = &[
    setting(
        "trust",
        "GV_TRUST",
        "any",
        Kind::Trust,
        "proof that an install needs: any (signature or checksum database), all (both), checksum (neither: unproven)",
    ),
    setting("sources", "GV_SOURCES", "dl\ngoproxy", Kind::Sources, "where toolchains come from, in order"),
    setting("offline", "GV_OFFLINE", "false", Kind::Switch, "use only what is on this machine"),
    setting("cache.keep", "GV_CACHE_KEEP", "false", Kind::Switch, "keep archives after they were installed"),
    setting(
        "cache.index_seconds",
        "GV_CACHE_INDEX_SECONDS",
        "3600",
        Kind::Count,
        "seconds for which a fetched index is not asked for again",
    ),
    setting(
        "install.sync",
        "GV_INSTALL_SYNC",
        "true",
        Kind::Switch,
        "make an install survive a power cut; off only for machines that are thrown away",
    ),
    setting(
        "install.writers",
        "GV_INSTALL_WRITERS",
        "2",
        Kind::Count,
        "threads that write files, and inflate those of a module",
    ),
    setting("lock.timeout", "GV_LOCK_TIMEOUT", "600", Kind::Count, "seconds to wait for another gv"),
    setting("network.proxy", "GV_PROXY", "", Kind::Text, "proxy for all requests, instead of HTTPS_PROXY and its kin"),
    setting("network.ca_file", "GV_CA_FILE", "", Kind::Text, "further certificate authorities, PEM"),
    setting("network.client_cert", "GV_CLIENT_CERT", "", Kind::Text, "client certificate and key, PEM"),
    setting("network.connect_seconds", "GV_CONNECT_SECONDS", "10", Kind::Count, "seconds to wait for a connection"),
    setting(
        "network.stall_seconds",
        "GV_STALL_SECONDS",
        "30",
        Kind::Count,
        "seconds without enough data after which a transfer counts as stalled",
    ),
    setting("network.retries", "GV_RETRIES", "4", Kind::Count, "tries after a transient failure"),
];

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nobody set it.
    Default,
    /// A line of the file.
    File(PathBuf, usize),
    /// A variable of the environment.
    Variable(&'static str),
    /// An option of the command.
    Option(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Default => f.write_str("default"),
            Origin::File(path, line) => write!(f, "{}:{line}", path.display()),
            Origin::Variable(name) => write!(f, "${name}"),
            Origin::Option(name) => f.write_str(name),
        }
    }
}

/// A setting's value, as text that was checked, and where it came from.
#[derive(Clone, Debug)]
pub struct Value {
    /// As the file would spell it; the items of a list are lines.
    pub text: String,
    /// Who set it.
    pub origin: Origin,
}

impl Value {
    /// For people and programs to see: credentials in URLs are masked.
    pub fn shown(&self) -> String {
        let mut shown = String::new();
        let mut rest = self.text.as_str();
        while let Some(at) = rest.find("://") {
            let (scheme, behind) = rest.split_at(at + "://".len());
            let authority = behind.find(['/', '|', ',', '\n']).unwrap_or(behind.len());
            let host = behind[..authority].rfind('@').map_or(0, |at| at + 1);
            shown.push_str(scheme);
            shown.push_str(if host > 0 { "***@" } else { "" });
            shown.push_str(&behind[host..authority]);
            rest = &behind[authority..];
        }
        shown + rest
    }
}

/// All settings with their values.
#[derive(Clone, Debug)]
pub struct Config {
    values: Vec<Value>,
}

/// Where the file lies, whether it is there or not.
pub fn path(env: &Environment) -> Result<PathBuf> {
    let dir = match env.absolute("XDG_CONFIG_HOME") {
        Some(dir) => dir.to_path_buf(),
        None => env.home()?.join(".config"),
    };
    Ok(dir.join("gv/config.toml"))
}

impl Config {
    /// Reads file and environment.
    ///
    /// # Errors
    /// [`crate::error::Exit::Usage`] names file and line of what has no meaning.
    pub fn load(env: &Environment) -> Result<Config> {
        let mut values: Vec<Value> = SETTINGS
            .iter()
            .map(|setting| Value { text: setting.default.to_owned(), origin: Origin::Default })
            .collect();
        let path = path(env)?;
        if let Some(text) = fs::read_text(&path)? {
            read_file(&text, &path, &mut values)?;
        }
        for (setting, value) in SETTINGS.iter().zip(&mut values) {
            if let Some(text) = env.var(setting.variable) {
                let origin = Origin::Variable(setting.variable);
                // Passed over, it would leave a weaker setting in force.
                let text = text.to_str().ok_or_else(|| setting.refuse("bytes that are no UTF-8", &origin))?;
                *value = setting.typed(text, origin)?;
            }
        }
        Ok(Config { values })
    }

    /// Every setting with its value.
    pub fn rows(&self) -> impl Iterator<Item = (&'static Setting, &Value)> {
        SETTINGS.iter().zip(&self.values)
    }

    /// The value of a setting by its key, for `gv config KEY`.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.rows().find(|(setting, _)| setting.key == key).map(|(_, value)| value)
    }

    /// An option of the command goes before everything else.
    pub fn set(&mut self, key: &str, text: &str, option: &'static str) -> Result<()> {
        let origin = Origin::Option(option);
        let (setting, value) = SETTINGS
            .iter()
            .zip(&mut self.values)
            .find(|(setting, _)| setting.key == key)
            .ok_or_else(|| unknown(key, &origin))?;
        *value = setting.typed(text, origin)?;
        Ok(())
    }

    /// `trust`.
    pub fn trust(&self) -> Trust {
        // Every value was checked when it was read.
        Trust::parse(self.text("trust")).unwrap_or(Trust::Any)
    }

    /// A list of words.
    pub fn words(&self, key: &str) -> Vec<String> {
        self.text(key).lines().map(str::to_owned).collect()
    }

    /// A switch.
    pub fn is_on(&self, key: &str) -> bool {
        self.text(key) == "true"
    }

    /// A number.
    pub fn count(&self, key: &str) -> u64 {
        self.text(key).parse().unwrap_or_default()
    }

    /// A text; `None` if it is empty.
    pub fn optional(&self, key: &str) -> Option<&str> {
        Some(self.text(key)).filter(|text| !text.is_empty())
    }

    fn text(&self, key: &str) -> &str {
        self.get(key).map_or("", |value| &value.text)
    }
}

impl Setting {
    /// A value as a variable or an option spells it: the items of a list stand between commas.
    fn typed(&self, text: &str, origin: Origin) -> Result<Value> {
        let text = match self.kind {
            Kind::Sources => {
                text.split(',').map(str::trim).filter(|item| !item.is_empty()).collect::<Vec<_>>().join("\n")
            }
            _ => text.to_owned(),
        };
        self.check(&text, &origin)?;
        Ok(Value { text, origin })
    }

    fn check(&self, text: &str, origin: &Origin) -> Result<()> {
        let fine = match self.kind {
            Kind::Trust => Trust::parse(text).is_some(),
            Kind::Switch => matches!(text, "true" | "false"),
            Kind::Count => text.parse::<u32>().is_ok(),
            Kind::Sources => !text.trim().is_empty(),
            Kind::Text => true,
        };
        if fine { Ok(()) } else { Err(self.refuse(&format!("`{text}`"), origin)) }
    }

    fn refuse(&self, found: &str, origin: &Origin) -> Error {
        let wanted = match self.kind {
            Kind::Trust => "any, all or checksum",
            Kind::Switch => "true or false",
            Kind::Count => "a number",
            Kind::Sources => "a list of sources",
            Kind::Text => "text",
        };
        Error::usage(format!("{origin}: {} has to be {wanted}, not {found}", self.key))
            .hint("`gv config` shows every setting")
    }
}

fn unknown(key: &str, origin: &Origin) -> Error {
    let near =
        SETTINGS.iter().map(|setting| setting.key).find(|known| known.rsplit('.').next() == key.rsplit('.').next());
    let error = Error::usage(format!("{origin}: there is no setting `{key}`"));
    if let Some(near) = near {
        return error.hint(format!("did you mean `{near}`?"));
    }
    let known: Vec<&str> = SETTINGS.iter().map(|setting| setting.key).collect();
    error.hint(format!("the settings are {}", known.join(", ")))
}

fn read_file(text: &str, path: &Path, values: &mut [Value]) -> Result<()> {
    let line_at = |offset: usize| text[..offset.min(text.len())].matches('\n').count() + 1;
    let table = DeTable::parse(text).map_err(|err| {
        let line = err.span().map_or(1, |span| line_at(span.start));
        Error::usage(format!("{}:{line}: {}", path.display(), err.message()))
    })?;
    let mut rows = Vec::new();
    flatten("", table.get_ref(), &mut rows);
    for (key, offset, value) in rows {
        let origin = Origin::File(path.to_path_buf(), line_at(offset));
        let index = SETTINGS.iter().position(|setting| setting.key == key).ok_or_else(|| unknown(&key, &origin))?;
        let setting = &SETTINGS[index];
        let text = spelled(value).ok_or_else(|| setting.refuse(&format!("a {}", value.type_str()), &origin))?;
        setting.check(&text, &origin)?;
        values[index] = Value { text, origin };
    }
    Ok(())
}

fn flatten<'a>(prefix: &str, table: &'a DeTable<'a>, rows: &mut Vec<(String, usize, &'a DeValue<'a>)>) {
    for (key, value) in table {
        let name = if prefix.is_empty() { key.get_ref().to_string() } else { format!("{prefix}.{}", key.get_ref()) };
        match value.get_ref() {
            DeValue::Table(inner) => flatten(&name, inner, rows),
            other => rows.push((name, key.span().start, other)),
        }
    }
}

fn spelled(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) => Some(number.to_string()),
        DeValue::Boolean(on) => Some(on.to_string()),
        DeValue::Array(items) => {
            let words: Option<Vec<String>> = items.iter().map(|item| spelled(item.get_ref())).collect();
            Some(words?.join("\n"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str, vars: &[(&str, &str)]) -> Result<Config> {
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path().to_str().unwrap();
        std::fs::create_dir_all(dir.path().join("gv")).unwrap();
        std::fs::write(dir.path().join("gv/config.toml"), text).unwrap();
        let vars = vars.iter().copied().chain([("XDG_CONFIG_HOME", home)]);
        Config::load(&Environment::from_vars(vars))
    }

    #[test]
    fn the_environment_goes_before_the_file_and_the_file_before_the_default() {
        let config = load("trust = \"all\"\n\n[cache]\nkeep = true\n", &[("GV_TRUST", "checksum")]).unwrap();
        assert_eq!(config.trust(), Trust::Checksum);
        assert!(config.is_on("cache.keep"));
        assert!(config.get("cache.keep").unwrap().origin.to_string().ends_with("config.toml:4"));
        assert_eq!(config.get("trust").unwrap().origin, Origin::Variable("GV_TRUST"));
        assert_eq!(config.count("lock.timeout"), 600);
    }

    #[test]
    fn what_has_no_meaning_is_named_with_its_line() {
        for (text, expected) in [
            ("trust = \"maybe\"", "config.toml:1: trust has to be any, all or checksum, not `maybe`"),
            ("\n[cache]\nkeep = 1", "config.toml:3: cache.keep has to be true or false, not `1`"),
            ("keep = true", "config.toml:1: there is no setting `keep`"),
            ("sources = []", "config.toml:1: sources has to be a list of sources"),
            ("a = \n", "config.toml:1: "),
        ] {
            let message = load(text, &[]).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        }
    }

    #[test]
    fn credentials_are_not_shown() {
        let text = "dl\ngoproxy+https://me:se@cret@a.example/x,https://b.example|direct\nhttp://u:p@c.example";
        let value = Value { text: text.to_owned(), origin: Origin::Default };
        assert_eq!(value.shown(), "dl\ngoproxy+https://***@a.example/x,https://b.example|direct\nhttp://***@c.example");
    }

    #[test]
    fn sources_are_a_list() {
        let config = load("sources = [\"dir:/srv/go\", \"dl\"]", &[]).unwrap();
        assert_eq!(config.words("sources"), ["dir:/srv/go", "dl"]);
    }

    #[test]
    fn every_default_has_a_meaning() {
        for setting in SETTINGS {
            setting.check(setting.default, &Origin::Default).unwrap();
        }
    }
}
