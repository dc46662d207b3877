//! A URL that can be printed: credentials and query are never shown.

use std::fmt;

use crate::error::{Error, Result};

/// An `http` or `https` URL. Its `Display` leaves out user, password, query and fragment.
#[derive(Clone, PartialEq, Eq)]
pub struct Url(reqwest::Url);

impl Url {
    /// Reads a URL that the user gave. Only `http` and `https` are accepted.
    pub fn parse(text: &str) -> Result<Url> {
        match reqwest::Url::parse(text) {
            Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(Url(url)),
            Ok(url) => Err(Error::usage(format!("a URL of scheme `{}` cannot be fetched", url.scheme()))
                .hint("use an https:// URL, or file:// and dir: for folders")),
            Err(err) => Err(Error::usage(format!("not a URL: {err}"))),
        }
    }

    /// The URL of `path` below this one. `path` is made of plain names and `/` by the caller.
    #[must_use]
    pub fn below(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        let base = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{base}/{path}"));
        Url(url)
    }

    /// This URL with a query; it replaces any that was there.
    #[must_use]
    pub fn with_query(&self, query: &str) -> Url {
        let mut url = self.0.clone();
        url.set_query(Some(query));
        Url(url)
    }

    /// Where a redirect from here to `location` leads, if gv follows it: nothing but http and https, never from
    /// https to http, and credentials that a server puts there are dropped.
    pub(super) fn redirect(&self, location: &str) -> std::result::Result<Url, String> {
        let mut next = self.0.join(location).map_err(|err| format!("it redirects to no URL ({err})"))?;
        match (self.0.scheme(), next.scheme()) {
            (_, "https") | ("http", "http") => {}
            ("https", "http") => return Err("it redirects from https to http".to_owned()),
            (_, scheme) => return Err(format!("it redirects to a URL of scheme `{scheme}`")),
        }
        let same_origin = self.0.origin() == next.origin();
        let (user, password) = if same_origin { (self.0.username(), self.0.password()) } else { ("", None) };
        // Cannot fail: an http URL always has a host.
        let _ = next.set_username(user);
        let _ = next.set_password(password);
        Ok(Url(next))
    }

    /// Whether the transport is encrypted.
    pub fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// The host's name or address.
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// The path, percent-encoded.
    pub fn path(&self) -> &str {
        self.0.path()
    }

    /// Whether the URL itself carries a user or password.
    pub(super) fn has_credentials(&self) -> bool {
        !self.0.username().is_empty() || self.0.password().is_some()
    }

    pub(super) fn inner(&self) -> &reqwest::Url {
        &self.0
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.0.scheme(), self.host())?;
        if let Some(port) = self.0.port() {
            write!(f, ":{port}")?;
        }
        f.write_str(self.0.path())
    }
}

impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Url({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_never_shown() {
        let url = Url::parse("https://me:secret@host.example:8443/a/b?token=secret#x").unwrap();
        assert_eq!(url.to_string(), "https://host.example:8443/a/b");
        assert_eq!(format!("{url:?}"), "Url(https://host.example:8443/a/b)");
    }

    #[test]
    fn only_http_and_https_are_fetched() {
        for text in ["ftp://h/x", "file:///etc/passwd", "javascript:1", "no url", ""] {
            assert!(Url::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_redirect_never_leaves_https_and_never_keeps_credentials_for_another_host() {
        let url = Url::parse("https://me:secret@a.example/x").unwrap();
        assert!(url.redirect("http://a.example/y").is_err());
        assert!(url.redirect("file:///etc/passwd").is_err());
        assert!(!url.redirect("https://b.example/").unwrap().has_credentials());
        assert!(!url.redirect("https://u:p@b.example/").unwrap().has_credentials());
        assert!(url.redirect("/y").unwrap().has_credentials());
    }

    #[test]
    fn a_path_is_put_below_a_base_with_or_without_a_slash() {
        for base in ["https://h/p", "https://h/p/"] {
            assert_eq!(Url::parse(base).unwrap().below("@v/list").to_string(), "https://h/p/@v/list");
        }
    }
}
