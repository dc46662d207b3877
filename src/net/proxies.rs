//! Which proxy a request goes through: the configuration's, else the environment's usual variables.

use reqwest::{NoProxy, Proxy};

use super::{NetConfig, Url};
use crate::environment::Environment;
use crate::error::{Error, Result};

/// The schemes that a proxy may have.
const SCHEMES: [&str; 6] = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"];

type Make = fn(String) -> reqwest::Result<Proxy>;

/// What each kind of variable applies to. Upper case is looked at first, as Go does.
const VARIABLES: [(&str, &str, Make); 3] = [
    ("HTTPS_PROXY", "https_proxy", Proxy::https),
    ("HTTP_PROXY", "http_proxy", Proxy::http),
    ("ALL_PROXY", "all_proxy", Proxy::all),
];

/// The proxies in the order in which they are tried; the first that covers a URL serves it.
pub(super) fn proxies(config: &NetConfig, environment: &Environment) -> Result<Vec<Proxy>> {
    let except = either(environment, "NO_PROXY", "no_proxy").and_then(NoProxy::from_string);
    if let Some(proxy) = &config.proxy {
        return Ok(vec![proxy_for(proxy, "the configuration's proxy", Proxy::all)?.no_proxy(except)]);
    }
    let mut proxies = Vec::new();
    for (upper, lower, make) in VARIABLES {
        if let Some(value) = either(environment, upper, lower) {
            proxies.push(proxy_for(value, upper, make)?.no_proxy(except.clone()));
        }
    }
    Ok(proxies)
}

/// Names the proxy that covers `url`, for messages; without credentials. Which hosts go round it is decided by the
/// library; networks in `NO_PROXY` are not looked at here.
pub(super) fn describe(config: &NetConfig, environment: &Environment, url: &Url) -> Option<String> {
    if either(environment, "NO_PROXY", "no_proxy").is_some_and(|list| excepts(list, url.host())) {
        return None;
    }
    let own = if url.is_https() { &VARIABLES[0] } else { &VARIABLES[1] };
    let value = config
        .proxy
        .as_deref()
        .or_else(|| either(environment, own.0, own.1))
        .or_else(|| either(environment, "ALL_PROXY", "all_proxy"))?;
    let proxy = reqwest::Url::parse(&with_scheme(value)).ok()?;
    let port = proxy.port().map(|port| format!(":{port}")).unwrap_or_default();
    Some(format!("{}://{}{port}", proxy.scheme(), proxy.host_str()?))
}

fn excepts(list: &str, host: &str) -> bool {
    list.split(',').map(|entry| entry.trim().trim_start_matches('.')).filter(|entry| !entry.is_empty()).any(|entry| {
        entry == "*" || host.strip_suffix(entry).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    })
}

fn proxy_for(value: &str, origin: &str, make: Make) -> Result<Proxy> {
    let url = with_scheme(value);
    let scheme_known = reqwest::Url::parse(&url).is_ok_and(|url| SCHEMES.contains(&url.scheme()));
    match make(url) {
        Ok(proxy) if scheme_known => Ok(proxy),
        // The value is not shown: it may hold a password.
        _ => Err(Error::usage(format!("{origin} is not the URL of a proxy"))
            .hint("write it as http://HOST:PORT or socks5h://HOST:PORT")),
    }
}

fn with_scheme(value: &str) -> String {
    if value.contains("://") { value.to_owned() } else { format!("http://{value}") }
}

fn either<'a>(environment: &'a Environment, upper: &str, lower: &str) -> Option<&'a str> {
    environment.text(upper).or_else(|| environment.text(lower))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_malformed_proxy_is_named_without_its_password() {
        let environment = Environment::from_vars([("HTTPS_PROXY", "gopher://me:secret@proxy:1")]);
        let error = proxies(&NetConfig::default(), &environment).unwrap_err();
        assert!(error.to_string().contains("HTTPS_PROXY"));
        assert!(!error.to_string().contains("secret"));
    }

    #[test]
    fn the_variable_that_covers_a_url_is_found() {
        let environment = Environment::from_vars([("https_proxy", "me:secret@one:1"), ("ALL_PROXY", "socks5://two:2")]);
        let config = NetConfig::default();
        let of = |url: &str| describe(&config, &environment, &Url::parse(url).unwrap());
        assert_eq!(of("https://h/").as_deref(), Some("http://one:1"));
        assert_eq!(of("http://h/").as_deref(), Some("socks5://two:2"));
        assert_eq!(proxies(&config, &environment).unwrap().len(), 2);
        for (host, excepted) in
            [("h.example", true), ("a.h.example", true), ("ah.example", false), ("h.example.org", false)]
        {
            assert_eq!(excepts("x, .h.example", host), excepted, "{host}");
        }
    }
}
