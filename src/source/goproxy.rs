//! Module proxies: a GOPROXY list, and who is asked after whom.

use gv_shim::version::Version;

use super::setting::Setting;
use super::sumdb::{NAME, SumDb};
use super::tree::Tree;
use super::{Access, Index, Offer, modules};
use crate::download::Place;
use crate::error::{Error, Result};
use crate::net::{Client, Early, Failure, Kind, Outcome};
use crate::platform::Platform;

/// What `direct` leads to: the module's own page says that it is found there.
const DIRECT: &str = "https://go.dev/dl/mod";

/// The answer to `/supported` is empty.
const LARGEST_SUPPORTED: usize = 64 << 10;

/// A GOPROXY list, as Go defines it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoProxy {
    links: Vec<Link>,
    setting: Setting,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Link {
    target: Target,
    /// The entry was followed by `|`: the next one is asked after any error, not only after 404 and 410.
    forgiving: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Target {
    Proxy(Tree),
    Direct,
    Off,
}

impl GoProxy {
    /// Reads the grammar of Go's own `proxyList`: entries parted by `,` or `|`, ending at `direct` or `off`.
    pub(super) fn parse(setting: Setting) -> Result<GoProxy> {
        let mut links = Vec::new();
        let mut rest = setting.value.as_str();
        while !rest.is_empty() {
            let end = rest.find([',', '|']).unwrap_or(rest.len());
            let forgiving = rest[end..].starts_with('|');
            let entry = rest[..end].trim();
            rest = rest.get(end + 1..).unwrap_or_default();
            if entry.is_empty() {
                continue;
            }
            let target =
                target(entry).map_err(|error| error.during(format!("cannot use GOPROXY of {}", setting.origin)))?;
            // What follows these two is ignored, as Go does.
            let last = target == Target::Off || target == Target::Direct;
            links.push(Link { target, forgiving });
            if last {
                break;
            }
        }
        if links.is_empty() {
            return Err(Error::usage(format!("GOPROXY of {} has no entries", setting.origin)));
        }
        Ok(GoProxy { links, setting })
    }

    /// The list without credentials, and where it was set.
    pub(super) fn describe(&self) -> String {
        let names: Vec<String> = self.links.iter().map(|link| link.target.name()).collect();
        format!("GOPROXY {} ({})", names.join(", "), self.setting.origin)
    }

    pub(super) fn is_local(&self) -> bool {
        self.links.iter().all(|link| matches!(link.target, Target::Proxy(Tree::Folder(_))))
    }

    /// The toolchains that the proxy lists.
    pub(super) fn list(&self, access: &Access<'_>) -> Result<Index> {
        Ok(self.each(|tree| modules::list(access, tree))?)
    }

    /// The module of a version for a platform; `None` if the proxies say that there is none.
    pub(super) fn find(&self, access: &Access<'_>, version: Version, platform: &Platform) -> Result<Option<Offer>> {
        let found = self.each(|tree| {
            modules::check(access, tree, version, platform)?;
            Ok(modules::offer(tree, version, platform))
        });
        super::side::optional(found)
    }

    /// The module at the first proxy, for which its `.info` will be asked meanwhile.
    pub(super) fn ask_early(&self, access: &Access<'_>, version: Version, platform: &Platform) -> Option<Early> {
        let Link { target: Target::Proxy(tree), .. } = self.links.first()? else { return None };
        let Place::Url(url) = modules::offer(tree, version, platform).artefact.place else { return None };
        // Whatever is in the way is told when the module is really asked for.
        access.client.ask_early(&url).ok()
    }

    /// The road to the checksum database that the go command would take: the first proxy that supports it, and
    /// the database itself when all of them say that they do not, or at `direct` and `off`.
    pub(super) fn sumdb<'a>(&self, access: &Access<'a>) -> Result<SumDb<'a>> {
        let road = self.walk(|target| match target {
            Target::Proxy(tree) => supports_sumdb(access.client, tree).map(|()| tree.clone()),
            Target::Direct | Target::Off => Err(off(&self.setting, Kind::NotFound)),
        });
        match road {
            Ok(tree) => Ok(SumDb::within(access.client, &tree)),
            Err(failure) if failure.is_not_found() => SumDb::direct(access.client),
            Err(failure) => Err(failure.error),
        }
    }

    /// Asks the proxies for something of the module.
    fn each<T>(&self, mut ask: impl FnMut(&Tree) -> Outcome<T>) -> Outcome<T> {
        let direct = Tree::parse(DIRECT).map_err(|error| Failure { kind: Kind::Local, error })?;
        // After other entries `off` only ends the list; alone it is a prohibition.
        let kind = if self.links.len() == 1 { Kind::Unavailable } else { Kind::NotFound };
        self.walk(|target| match target {
            Target::Proxy(tree) => ask(tree),
            Target::Direct => ask(&direct),
            Target::Off => Err(off(&self.setting, kind)),
        })
    }

    /// Goes through the entries as Go's `TryProxies` does, and returns the error that says most. Unlike there, "not
    /// found" stands when only `direct` is left and cannot be reached: proxies and go.dev have the same toolchains.
    fn walk<T>(&self, mut ask: impl FnMut(&Target) -> Outcome<T>) -> Outcome<T> {
        let mut best: Option<Failure> = None;
        for Link { target, forgiving } in &self.links {
            let failure = match ask(target) {
                Ok(value) => return Ok(value),
                Err(failure) => failure,
            };
            let local = failure.kind == Kind::Local;
            let stop = local || !(failure.is_not_found() || *forgiving);
            let says_more = match (&best, target) {
                (None, _) => true,
                (Some(best), Target::Direct) => failure.is_not_found() || !best.is_not_found(),
                (Some(_), _) => !failure.is_not_found(),
            };
            if says_more || local {
                best = Some(failure);
            }
            if stop {
                break;
            }
        }
        Err(best.unwrap_or_else(|| off(&self.setting, Kind::Unavailable)))
    }
}

fn supports_sumdb(client: &Client, tree: &Tree) -> Outcome<()> {
    match tree {
        Tree::Folder(dir) if dir.join("sumdb").join(NAME).is_dir() => Ok(()),
        _ => tree.get(client, &format!("sumdb/{NAME}/supported"), LARGEST_SUPPORTED).map(drop),
    }
}

impl Target {
    fn name(&self) -> String {
        match self {
            Target::Proxy(tree) => tree.to_string(),
            Target::Direct => "direct".to_owned(),
            Target::Off => "off".to_owned(),
        }
    }
}

fn target(entry: &str) -> Result<Target> {
    match entry {
        "off" => Ok(Target::Off),
        "direct" => Ok(Target::Direct),
        // Go takes a name with a dot, a colon or a slash for a URL without its scheme.
        _ if entry.contains(['.', ':', '/']) && !entry.contains(":/") && !entry.starts_with('/') => {
            Tree::parse(&format!("https://{entry}")).map(Target::Proxy)
        }
        _ => Tree::parse(entry).map(Target::Proxy),
    }
}

fn off(setting: &Setting, kind: Kind) -> Failure {
    let error = Error::network(format!("GOPROXY=off of {} forbids to ask module proxies", setting.origin))
        .hint("change GOPROXY, or name another source");
    Failure { kind, error }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::download::Place;
    use crate::error::Exit;
    use crate::net::testing::{self, Server, reply};
    use std::time::Duration;

    fn parse(value: &str) -> Result<GoProxy> {
        GoProxy::parse(Setting { value: value.to_owned(), origin: "the test".to_owned() })
    }

    fn linux() -> Platform {
        Platform { os: "linux".to_owned(), arch: "amd64".to_owned() }
    }

    fn find(value: &str) -> Result<Option<Offer>> {
        let (client, dir) = (testing::client(), tempfile::tempdir().unwrap());
        let access = Access { client: &client, cache: dir.path(), max_age: Duration::ZERO };
        parse(value)?.find(&access, Version::release(1, 22, 0), &linux())
    }

    fn answering(status: &'static str) -> Server {
        Server::start(move |_, request, stream| match testing::path(request) {
            "/golang.org/toolchain/@v/v0.0.1-go1.22.0.linux-amd64.info" => {
                reply(stream, status, &[], br#"{"Version":"v0.0.1-go1.22.0.linux-amd64","Time":"x"}"#);
            }
            "/sumdb/sum.golang.org/supported" => reply(stream, status, &[], b""),
            "/sumdb/sum.golang.org/latest" => reply(stream, status, &[], b"tree"),
            _ => reply(stream, "404 Not Found", &[], b""),
        })
    }

    #[test]
    fn the_grammar_is_gos() {
        let names = |value: &str| -> Vec<String> {
            parse(value).unwrap().links.iter().map(|link| link.target.name()).collect()
        };
        assert_eq!(
            names("https://a.example, b.example|direct,https://c.example"),
            ["https://a.example/", "https://b.example/", "direct"]
        );
        assert_eq!(names("file:///srv/proxy,off,direct"), ["/srv/proxy", "off"]);
        for value in [",", " ", "noproxy", "ftp://a.example", "/srv/proxy", "file://host/x", "https://"] {
            assert_eq!(parse(value).unwrap_err().exit(), Exit::Usage, "{value:?}");
        }
    }

    #[test]
    fn a_comma_goes_on_after_not_found_and_a_bar_after_any_error() {
        let (there, missing, broken) = (answering("200 OK"), answering("404 No"), answering("403 No"));
        let (there, missing, broken) = (there.url(""), missing.url(""), broken.url(""));
        let from = |value: String| match find(&value).unwrap().unwrap().artefact.place {
            Place::Url(url) => url.to_string(),
            Place::File(path) => path.display().to_string(),
        };
        assert!(from(format!("{missing},{there}")).starts_with(&there));
        assert!(from(format!("{broken}|{missing},{there}")).starts_with(&there));
        assert_eq!(find(&format!("{broken},{there}")).unwrap_err().exit(), Exit::Network);
        assert!(find(&format!("{missing},off")).unwrap().is_none());
        assert!(find(&format!("{broken}|off")).unwrap_err().to_string().contains("403"));
        // The bar after the second entry does not excuse the first.
        assert_eq!(find(&format!("{broken},{missing}|{there}")).unwrap_err().exit(), Exit::Network);
        assert!(find(&format!("{missing},https://gv.invalid")).is_err());
        assert!(find("off").unwrap_err().message().contains("GOPROXY=off"));
    }

    #[test]
    fn row_11_a_version_that_is_refused_and_not_listed_is_not_there() {
        let server = Server::start(|_, request, stream| match testing::path(request) {
            "/golang.org/toolchain/@v/list" => reply(stream, "200 OK", &[], b"v0.0.1-go1.21.0.linux-amd64\n"),
            _ => reply(stream, "403 Forbidden", &[], b""),
        });
        assert!(find(&server.url("")).unwrap().is_none());
    }

    #[test]
    fn row_9_an_info_that_names_no_version_is_refused() {
        let server = Server::start(|_, _, stream| reply(stream, "200 OK", &[], b"<!DOCTYPE html>"));
        let error = find(&server.url("")).unwrap_err();
        assert_eq!(error.exit(), Exit::Untrusted);
        assert!(error.to_string().contains("<!DOCTYPE html>"), "{error}");
    }

    #[test]
    fn the_checksum_database_is_reached_as_the_go_command_does() {
        let (there, missing, broken) = (answering("200 OK"), answering("404 No"), answering("403 No"));
        let client = testing::client();
        let access = Access { client: &client, cache: "/nowhere".as_ref(), max_age: Duration::ZERO };
        let road = |value: String| parse(&value).unwrap().sumdb(&access);
        let through = road(format!("{},{},direct", missing.url(""), there.url(""))).unwrap();
        assert_eq!(through.place(), there.url("/sumdb/sum.golang.org"));
        assert_eq!(through.get("/latest").unwrap(), b"tree");
        assert_eq!(road(missing.url("")).unwrap().place(), "https://sum.golang.org/");
        assert_eq!(road("off".to_owned()).unwrap().place(), "https://sum.golang.org/");
        assert!(road(format!("{},direct", broken.url(""))).is_err());
    }

    #[test]
    fn a_proxy_in_a_folder_is_asked_by_its_files() {
        let dir = tempfile::tempdir().unwrap();
        let modules = dir.path().join("golang.org/toolchain/@v");
        std::fs::create_dir_all(&modules).unwrap();
        let value = format!("file://{}", dir.path().display());
        assert!(find(&value).unwrap().is_none());
        std::fs::write(modules.join("v0.0.1-go1.22.0.linux-amd64.zip"), "").unwrap();
        let offer = find(&value).unwrap().unwrap();
        assert_eq!(offer.artefact.place, Place::File(modules.join(&offer.filename)));
    }
}
