use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use clap::{Args, Subcommand};
use serde_json::json;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::net::Url;
use crate::store::timestamp;
use crate::ui::Paint;
use crate::verify::openpgp::{Keyring, Subkey};
use crate::{fs, json, keys};

#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:\n  gv keys\n  gv keys refresh\n  gv keys refresh --file linux_signing_key.pub"
)]
pub struct Keys {
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Learn new subkeys and revocations of the pinned primary; nothing known is ever dropped.
    Refresh {
        /// A key file, instead of Google's own at dl.google.com.
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
    },
}

/// Where Google publishes the key.
const PUBLISHED: &str = "https://dl.google.com/linux/linux_signing_key.pub";

/// The published file has 20 kB.
const LARGEST: usize = 4 << 20;

impl Keys {
    /// Shows or refreshes.
    pub fn run(&self, ctx: &Context) -> Result<()> {
        let layout = ctx.layout()?;
        if let Some(Action::Refresh { file }) = &self.action {
            let newer = match file {
                Some(path) => {
                    fs::read_bytes(path)?.ok_or_else(|| Error::usage(format!("there is no file {}", path.display())))?
                }
                None => fetch(ctx)?,
            };
            // What another process learns meanwhile is not to be lost.
            let store = ctx.store()?;
            let _locked = store.lock(&ctx.ui)?;
            let now = SystemTime::now();
            let known = keys::keyring(&ctx.roots, &layout)?.subkeys(now);
            let merged = keys::refresh(&ctx.roots, &layout, &newer)?;
            let added = merged
                .subkeys(now)
                .iter()
                .filter(|key| known.iter().all(|old| old.fingerprint != key.fingerprint))
                .count();
            let learned = match added {
                0 => "no new subkey".to_owned(),
                1 => "1 new subkey".to_owned(),
                _ => format!("{added} new subkeys"),
            };
            let revoked = |keys: &[Subkey]| keys.iter().filter(|key| key.revoked).count();
            let learned = match revoked(&merged.subkeys(now)).saturating_sub(revoked(&known)) {
                0 => learned,
                more => format!("{learned}, {more} more revoked"),
            };
            ctx.ui.status(format_args!("{learned}; the certificate is kept in {}", keys::path(&layout).display()));
            return Ok(());
        }
        show(ctx, &keys::keyring(&ctx.roots, &layout)?, self.json)
    }
}

fn fetch(ctx: &Context) -> Result<Vec<u8>> {
    ctx.client(std::sync::Arc::default())?
        .get_small(&Url::parse(PUBLISHED)?, LARGEST)
        .map_err(|failure| failure.error.hint("fetch it elsewhere and give it to `gv keys refresh --file FILE`"))
}

fn show(ctx: &Context, keyring: &Keyring, as_json: bool) -> Result<()> {
    let now = SystemTime::now();
    let subkeys = keyring.subkeys(now);
    if as_json {
        let rows: Vec<_> = subkeys
            .iter()
            .map(|key| json!({"fingerprint": key.fingerprint, "created": time(key.created), "expires": key.expires.map(time), "revoked": key.revoked, "signs": key.signs, "state": state(key, now)}))
            .collect();
        return ctx.ui.data(json::document("keys", &json!({"primary": keyring.primary(), "subkeys": rows})));
    }
    ctx.ui.data(format_args!("primary  {}  {}", keyring.primary(), ctx.ui.paint_data(Paint::Dim, "pinned")))?;
    for key in &subkeys {
        let expires = key.expires.map_or_else(|| "never".to_owned(), date);
        let line = format!("subkey   {}  {} to {expires:10}  {}", key.fingerprint, date(key.created), state(key, now));
        ctx.ui.data(line)?;
    }
    Ok(())
}

/// Expired subkeys still prove what they signed in their time.
fn state(key: &Subkey, now: SystemTime) -> &'static str {
    let now = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
    match key {
        Subkey { revoked: true, .. } => "revoked",
        Subkey { signs: false, .. } => "does not sign",
        Subkey { expires: Some(end), .. } if *end < now => "expired; proves what it signed before",
        _ => "signs",
    }
}

fn time(seconds: u64) -> String {
    timestamp(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
}

fn date(seconds: u64) -> String {
    time(seconds)[..10].to_owned()
}
