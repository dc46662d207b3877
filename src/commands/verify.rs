use std::path::PathBuf;
use std::time::SystemTime;

use clap::Args;
use serde_json::json;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::store::timestamp;
use crate::ui::Paint;
use crate::verify::verify_file;
use crate::{fs, json, keys};

/// Check the OpenPGP signature of a downloaded Go archive.
///
/// Any file that Google's Go key signed can be checked: binary archives and source archives.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gv verify --file go1.22.3.linux-amd64.tar.gz       with go1.22.3.linux-amd64.tar.gz.asc beside it\n  gv verify --file go.tar.gz --signature go.sig --keys key.asc"
)]
pub struct Verify {
    /// The archive.
    #[arg(long, value_name = "ARCHIVE")]
    file: PathBuf,
    /// Its detached signature [default: ARCHIVE.asc].
    #[arg(long, value_name = "FILE")]
    signature: Option<PathBuf>,
    /// Check with the keys in this file alone; they have to be the pinned primary's.
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Verify {
    /// Reads the file once.
    pub fn run(&self, ctx: &Context) -> Result<()> {
        let keyring = match &self.keys {
            Some(path) => {
                let file = fs::read_bytes(path)?
                    .ok_or_else(|| Error::usage(format!("there is no file {}", path.display())))?;
                ctx.roots.keyring_of(&file)?
            }
            None => keys::keyring(&ctx.roots, &ctx.layout()?)?,
        };
        if !self.file.exists() {
            return Err(Error::usage(format!("there is no file {}", self.file.display())));
        }
        let signature = self.signature.clone().unwrap_or_else(|| {
            let mut name = self.file.clone().into_os_string();
            name.push(".asc");
            name.into()
        });
        let checked = verify_file(&self.file, &signature, &keyring, SystemTime::now())?;
        let created = timestamp(SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(checked.signer.created));
        if self.json {
            return ctx.ui.data(json::document(
                "verified",
                &json!({
                    "file": json::shown(&self.file), "size": checked.size, "sha256": checked.sha256,
                    "primary": checked.signer.primary, "subkey": checked.signer.subkey, "created": created,
                }),
            ));
        }
        ctx.ui.data(format_args!("{} {}", ctx.ui.paint_data(Paint::Green, "authentic:"), self.file.display()))?;
        ctx.ui.data(format_args!(
            "  signed   {created}\n  primary  {}\n  subkey   {}\n  sha256   {}",
            checked.signer.primary, checked.signer.subkey, checked.sha256
        ))
    }
}
