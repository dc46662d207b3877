//! `.netrc`: user and password by host, as curl and the go command read it; sent over https alone.

use std::path::PathBuf;

use crate::environment::Environment;
use crate::error::Result;
use crate::fs;

/// The entries of a `.netrc` file, in its order.
#[derive(Clone, Default)]
pub(super) struct Netrc {
    entries: Vec<Entry>,
}

#[derive(Clone, Default)]
struct Entry {
    /// `None` is `default`, which matches every host.
    host: Option<String>,
    login: Option<String>,
    password: Option<String>,
}

impl Netrc {
    /// Reads `$NETRC`, else `~/.netrc`; a file that is not there holds nothing.
    pub(super) fn load(environment: &Environment) -> Result<Netrc> {
        let home = environment.absolute("HOME").map(|home| home.join(".netrc"));
        match environment.var("NETRC").map(PathBuf::from).or(home) {
            Some(path) => Ok(fs::read_text(&path)?.map(|text| Netrc::parse(&text)).unwrap_or_default()),
            None => Ok(Netrc::default()),
        }
    }

    fn parse(text: &str) -> Netrc {
        let mut entries: Vec<Entry> = Vec::new();
        let text = without_macros(text);
        let mut tokens = text.split_ascii_whitespace();
        while let Some(token) = tokens.next() {
            match (token, entries.last_mut()) {
                ("machine", _) => {
                    entries.push(Entry { host: tokens.next().map(str::to_ascii_lowercase), ..Entry::default() });
                }
                ("default", _) => entries.push(Entry::default()),
                ("login", Some(entry)) => entry.login = tokens.next().map(str::to_owned),
                ("password", Some(entry)) => entry.password = tokens.next().map(str::to_owned),
                ("account", _) => drop(tokens.next()),
                _ => {}
            }
        }
        Netrc { entries }
    }

    /// User and password for a host: its own entry, or the default one.
    pub(super) fn credentials(&self, host: &str) -> Option<(&str, Option<&str>)> {
        let entry = self.entries.iter().find(|entry| entry.host.as_deref().is_none_or(|name| name == host))?;
        Some((entry.login.as_deref()?, entry.password.as_deref()))
    }
}

/// Takes out macro definitions, which last to the next empty line, and comment lines.
fn without_macros(text: &str) -> String {
    let mut kept = String::new();
    let mut in_macro = false;
    for line in text.lines() {
        let start = line.trim_start();
        in_macro = (in_macro && !start.is_empty()) || start.starts_with("macdef");
        if !in_macro && !start.starts_with('#') {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_gets_its_own_entry_and_else_the_default() {
        let netrc = Netrc::parse(
            "# machine no.example login x password y\nmachine A.example login me password s3cret account x\n\
             macdef init\nmachine evil.example login a password b\n\nmachine b.example\n login you\n\
             default login anonymous password p",
        );
        assert_eq!(netrc.credentials("a.example"), Some(("me", Some("s3cret"))));
        assert_eq!(netrc.credentials("b.example"), Some(("you", None)));
        assert_eq!(netrc.credentials("evil.example"), Some(("anonymous", Some("p"))));
    }

    #[test]
    fn no_file_and_no_entry_mean_no_credentials() {
        let none: [(&str, &str); 0] = [];
        assert_eq!(Netrc::load(&Environment::from_vars(none)).unwrap().credentials("h"), None);
        assert_eq!(Netrc::parse("machine h password alone").credentials("h"), None);
        assert_eq!(Netrc::parse("machine").credentials("h"), None);
    }
}
