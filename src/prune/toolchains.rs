//! Which toolchains have had their time.

use gv_shim::version::Version;

use super::pins::Pins;
use super::{Item, Kept, Plan, Pruner, What, disk};
use crate::error::Result;
use crate::store::users_of;
use crate::ui::Ui;

impl Pruner<'_> {
    pub(super) fn plan_toolchains(&self, plan: &mut Plan) -> Result<()> {
        let installed = self.store.installed()?;
        let pins = self.pins(plan)?;
        for version in installed.iter().filter(|version| is_superseded(version, &installed)) {
            match self.need(version, &pins)? {
                Some(reason) => plan.kept.push(Kept { version: *version, reason }),
                None => plan.items.push(self.item(*version)?),
            }
        }
        Ok(())
    }

    fn item(&self, version: Version) -> Result<Item> {
        let path = self.store.layout().toolchain(&version);
        let size = disk::usage(&path)?;
        Ok(Item { name: format!("go {version}"), path, size, what: What::Toolchain(version) })
    }

    /// Asks all of it again under the locks, since the plan may be as old as its reader took to answer.
    pub(super) fn remove_toolchain(&self, version: &Version, ui: &Ui) -> Result<Option<String>> {
        let _version_lock = self.store.lock_version(version, ui)?;
        let mut locked = self.store.lock(ui)?;
        let installed = self.store.installed()?;
        if !installed.contains(version) {
            return Ok(Some("it is not installed any more".to_owned()));
        }
        if !is_superseded(version, &installed) {
            return Ok(Some("it is the newest of its line by now".to_owned()));
        }
        let pins = self.pins(&mut Plan::default())?;
        let need = self.need(version, &pins)?;
        if need.is_none() {
            locked.remove(version)?;
        }
        Ok(need)
    }

    /// Why a version has to stay.
    fn need(&self, version: &Version, pins: &Pins) -> Result<Option<String>> {
        if let Some(active) = self.store.active()? {
            if active.current().as_ref() == Some(version) {
                return Ok(Some("it is current".to_owned()));
            }
            if active.previous().as_ref() == Some(version) {
                return Ok(Some("`gv rollback` would go back to it".to_owned()));
            }
        }
        if let Some((_, who)) = pins.versions.iter().find(|(pinned, _)| pinned == version) {
            return Ok(Some(who.clone()));
        }
        let layout = self.store.layout();
        for link in self.store.linked()? {
            if self.store.version_at(&layout.toolchains().join(&link.name)).as_ref() == Some(version) {
                return Ok(Some(format!("{} is a link to it", link.name)));
            }
        }
        if let Some((pid, program)) = users_of(&layout.toolchain(version)).first() {
            return Ok(Some(format!("pid {pid} runs its {program}")));
        }
        Ok(pins.unknown.clone())
    }
}

/// Whether a newer release of the same line is installed. A pre-release is older than the release that it led to.
fn is_superseded(version: &Version, installed: &[Version]) -> bool {
    installed.iter().any(|other| other.line() == version.line() && !other.is_pre_release() && other > version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_release_of_its_line_supersedes_a_version_and_nothing_else_does() {
        let version = |text: &str| Version::parse(text.as_bytes()).unwrap();
        let installed: Vec<Version> =
            ["1.21.13", "1.22rc1", "1.22.3", "1.22.10", "1.23rc1", "1.23rc2"].map(version).to_vec();
        let superseded: Vec<String> =
            installed.iter().filter(|version| is_superseded(version, &installed)).map(ToString::to_string).collect();
        assert_eq!(superseded, ["1.22rc1", "1.22.3"]);
    }
}
