//! What the cache can do without. Lists, the newest head of the checksum database and evidence against it stay: they are
//! what gv goes on when a server lies or is away.

use gv_shim::version::Version;

use super::{Item, Plan, Pruner, What, disk};
use crate::error::Result;
use crate::fs;
use crate::index::{parse_archive_name, parse_module_version};

impl Pruner<'_> {
    pub(super) fn plan_cache(&self, plan: &mut Plan) -> Result<()> {
        self.plan_archives(plan)?;
        let databases = self.store.layout().cache().join("sumdb");
        for name in fs::names(&databases)? {
            let path = databases.join(&name).join("tile");
            let size = disk::usage_of_files(&path)?;
            if size > 0 {
                let name = format!("tiles of {}", name.to_string_lossy());
                plan.items.push(Item { name, path, size, what: What::Tiles });
            }
        }
        Ok(())
    }

    /// With `cache.keep` the archives of what stays installed are what a repair without a network needs.
    fn plan_archives(&self, plan: &mut Plan) -> Result<()> {
        let archives = self.store.layout().cache().join("archives");
        let installed = self.store.installed()?;
        let doomed = |version: &Version| {
            plan.items.iter().any(|item| matches!(&item.what, What::Toolchain(other) if other == version))
        };
        let mut items = Vec::new();
        for name in fs::names(&archives)? {
            let Some(version) = name.to_str().and_then(version_of) else { continue };
            if self.keep_archives && installed.contains(&version) && !doomed(&version) {
                continue;
            }
            let path = archives.join(&name);
            let size = disk::usage(&path)?;
            items.push(Item { name: name.to_string_lossy().into_owned(), path, size, what: What::Archive });
        }
        plan.items.extend(items);
        Ok(())
    }
}

/// Of a name that gv gives to archives.
fn version_of(name: &str) -> Option<Version> {
    let module = || parse_module_version(name.strip_suffix(".zip")?);
    parse_archive_name(name).or_else(module).map(|(version, _)| version)
}
