use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use clap::Args;
use serde_json::json;

use crate::audit::Audit;
use crate::commands::{findings, select};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::store::{Store, timestamp};
use crate::ui::Paint;
use crate::verify::verify_file;
use crate::{fs, json, keys};

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gv verify                  the Go that runs here\n  gv verify 1.22.3 1.21      one release, and the newest installed of a line\n  gv verify --all\n  gv verify --file go1.22.3.linux-amd64.tar.gz       with go1.22.3.linux-amd64.tar.gz.asc beside it\n  gv verify --file go.tar.gz --signature go.sig --keys key.asc"
)]
pub struct Verify {
    /// What to check: 1.22.3, or a line (1.22) for its newest installed release.
    #[arg(value_name = "SELECTOR", conflicts_with = "file")]
    selectors: Vec<String>,
    /// Check every installed version.
    #[arg(long, conflicts_with_all = ["selectors", "file"])]
    all: bool,
    /// Check the signature of this archive instead.
    #[arg(long, value_name = "ARCHIVE")]
    file: Option<PathBuf>,
    /// Its detached signature [default: ARCHIVE.asc].
    #[arg(long, value_name = "FILE", requires = "file")]
    signature: Option<PathBuf>,
    /// Check with the keys in this file alone; they have to be the pinned primary's.
    #[arg(long, value_name = "FILE", requires = "file")]
    keys: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Verify {
    /// Looks, and changes nothing.
    pub fn run(&self, ctx: &Context) -> Result<()> {
        match &self.file {
            Some(file) => self.file(ctx, file),
            None => self.toolchains(ctx),
        }
    }

    /// One that cannot be looked at keeps nobody from the others.
    fn toolchains(&self, ctx: &Context) -> Result<()> {
        let store = ctx.store()?;
        let mut audits = Vec::new();
        let mut failure = None;
        for version in select::several(ctx, &store, &self.selectors, self.all)? {
            match findings::audit(ctx, &store, &version) {
                Ok(audit) => audits.push(audit),
                Err(error) if failure.is_none() => failure = Some(error),
                Err(error) => ctx.ui.error(&error),
            }
        }
        if self.json {
            ctx.ui.data(document(&store, &audits))?;
        } else {
            for line in audits.iter().flat_map(|audit| findings::lines(ctx, audit)) {
                ctx.ui.data(line)?;
            }
        }
        match (findings::error(&audits), failure) {
            (Some(error), Some(failure)) => {
                ctx.ui.error(&failure);
                Err(error)
            }
            (error, failure) => error.or(failure).map_or(Ok(()), Err),
        }
    }

    fn file(&self, ctx: &Context, file: &Path) -> Result<()> {
        let keyring = match &self.keys {
            Some(path) => {
                let file = fs::read_bytes(path)?
                    .ok_or_else(|| Error::usage(format!("there is no file {}", path.display())))?;
                ctx.roots.keyring_of(&file)?
            }
            None => keys::keyring(&ctx.roots, &ctx.layout()?)?,
        };
        if !file.exists() {
            return Err(Error::usage(format!("there is no file {}", file.display())));
        }
        let signature = self.signature.clone().unwrap_or_else(|| {
            let mut name = file.to_path_buf().into_os_string();
            name.push(".asc");
            name.into()
        });
        let checked = verify_file(file, &signature, &keyring, SystemTime::now())?;
        let created = timestamp(SystemTime::UNIX_EPOCH + Duration::from_secs(checked.signer.created));
        if self.json {
            return ctx.ui.data(json::document(
                "verified",
                &json!({
                    "file": json::shown(file), "size": checked.size, "sha256": checked.sha256,
                    "primary": checked.signer.primary, "subkey": checked.signer.subkey, "created": created,
                }),
            ));
        }
        ctx.ui.data(format_args!("{} {}", ctx.ui.paint_data(Paint::Green, "authentic:"), file.display()))?;
        ctx.ui.data(format_args!(
            "  signed   {created}\n  primary  {}\n  subkey   {}\n  sha256   {}",
            checked.signer.primary, checked.signer.subkey, checked.sha256
        ))
    }
}

fn document(store: &Store, audits: &[Audit]) -> String {
    let toolchains = audits.iter().map(|audit| {
        json!({
            "version": audit.version.to_string(),
            "path": json::shown(&store.layout().toolchain(&audit.version)),
            "verdict": audit.verdict().word(),
            "signature": audit.signature.word(),
            "database": audit.database.word(),
            "files": audit.files,
            "size": audit.size,
            "doubts": audit.doubts,
        })
    });
    let problems = audits.iter().flat_map(|audit| {
        audit.problems.iter().map(|problem| {
            json!({
                "version": audit.version.to_string(), "path": problem.path(), "kind": problem.kind.word(),
                "detail": problem.kind.detail(),
            })
        })
    });
    json::documents(&[("toolchains", toolchains.collect()), ("problems", problems.collect())])
}
