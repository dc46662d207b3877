//! What a store can do without: told before anything is removed, and looked at once more when it is.

mod cache;
mod disk;
mod pins;
mod toolchains;

use std::path::PathBuf;

use gv_shim::version::Version;

use crate::environment::Environment;
use crate::error::Result;
use crate::fs;
use crate::lock::FileLock;
use crate::store::{Project, Store};
use crate::ui::Ui;

/// Generations that stay: what `gv history` shows at a glance, and `gv rollback --to` reaches.
const GENERATIONS_KEPT: usize = 10;

/// What is pruned.
#[derive(Clone, Copy)]
pub struct Pruner<'a> {
    /// Where.
    pub store: &'a Store,
    /// What pins mean depends on it; so does what runs here.
    pub env: &'a Environment,
    /// Archives of installed versions stay, since the user asked to keep archives.
    pub keep_archives: bool,
}

/// The kinds of things that can be pruned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A patch release or pre-release for which a newer release of its line is installed.
    Toolchain,
    /// Archives that were kept, and tiles of the checksum database; its newest head, evidence and lists stay.
    Cache,
    /// What unfinished installs left: mostly downloads that could be resumed.
    Staging,
    /// All but the newest generations.
    Generation,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 4] = [Kind::Toolchain, Kind::Cache, Kind::Staging, Kind::Generation];

    /// For people and programs.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Toolchain => "toolchain",
            Kind::Cache => "cache",
            Kind::Staging => "staging",
            Kind::Generation => "generation",
        }
    }
}

/// Something to remove.
#[derive(Clone, Debug)]
pub struct Item {
    /// For people: `go 1.22.3`.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// Bytes that it takes on the disk.
    pub size: u64,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    Toolchain(Version),
    Archive,
    Tiles,
    Leftover(String),
    Generation(u64),
}

impl Item {
    /// Of which kind it is.
    pub fn kind(&self) -> Kind {
        match self.what {
            What::Toolchain(_) => Kind::Toolchain,
            What::Archive | What::Tiles => Kind::Cache,
            What::Leftover(_) => Kind::Staging,
            What::Generation(_) => Kind::Generation,
        }
    }
}

/// A toolchain that is old and stays all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Which.
    pub version: Version,
    /// Why: `it is current`.
    pub reason: String,
}

/// What can be removed, and what cannot.
#[derive(Debug, Default)]
pub struct Plan {
    /// What can, toolchains first.
    pub items: Vec<Item>,
    /// Old toolchains that are needed.
    pub kept: Vec<Kept>,
    /// What should be known about it.
    pub notes: Vec<String>,
    /// Projects that pin nothing any more.
    gone: Vec<Project>,
}

impl Plan {
    /// Bytes of all items together.
    pub fn size(&self) -> u64 {
        self.items.iter().map(|item| item.size).sum()
    }
}

impl Pruner<'_> {
    /// What can be removed of these kinds. Nothing is changed, and no lock is taken.
    pub fn plan(&self, kinds: &[Kind]) -> Result<Plan> {
        let mut plan = Plan::default();
        for kind in Kind::ALL.into_iter().filter(|kind| kinds.contains(kind)) {
            match kind {
                Kind::Toolchain => self.plan_toolchains(&mut plan)?,
                Kind::Cache => self.plan_cache(&mut plan)?,
                Kind::Staging => self.plan_staging(&mut plan)?,
                Kind::Generation => self.plan_generations(&mut plan)?,
            }
        }
        Ok(plan)
    }

    /// What nobody is making any more.
    fn plan_staging(&self, plan: &mut Plan) -> Result<()> {
        let layout = self.store.layout();
        for name in fs::names(&layout.staging())? {
            let path = layout.staging().join(&name);
            let name = name.to_string_lossy().into_owned();
            if !FileLock::is_held(&layout.version_lock(&name))? {
                let size = disk::usage(&path)?;
                let shown = format!("leftovers of an install ({name})");
                plan.items.push(Item { name: shown, path, size, what: What::Leftover(name) });
            }
        }
        Ok(())
    }

    fn plan_generations(&self, plan: &mut Plan) -> Result<()> {
        let numbers = self.store.generations()?;
        let active = self.store.active()?.map(|active| active.number);
        let old = numbers.len().saturating_sub(GENERATIONS_KEPT);
        for number in numbers.into_iter().take(old).filter(|number| Some(*number) != active) {
            let path = self.store.layout().generations().join(number.to_string());
            let size = disk::usage(&path)?;
            plan.items.push(Item { name: format!("generation {number}"), path, size, what: What::Generation(number) });
        }
        Ok(())
    }

    /// Removes something that a plan has named, under its locks. `Some` says why it stays: it is needed by now.
    pub fn remove(&self, item: &Item, ui: &Ui) -> Result<Option<String>> {
        match &item.what {
            What::Toolchain(version) => return self.remove_toolchain(version, ui),
            What::Archive => fs::remove_file(&item.path)?,
            What::Tiles => disk::remove_files(&item.path)?,
            What::Leftover(name) => {
                if !self.store.lock(ui)?.drop_leftover(name)? {
                    return Ok(Some("it is being installed".to_owned()));
                }
            }
            What::Generation(number) => self.store.lock(ui)?.forget_generation(*number)?,
        }
        Ok(None)
    }

    /// Forgets the projects that pin nothing any more.
    pub fn forget(&self, plan: &Plan, ui: &Ui) -> Result<()> {
        if plan.gone.is_empty() {
            return Ok(());
        }
        let mut locked = self.store.lock(ui)?;
        plan.gone.iter().try_for_each(|project| locked.forget_project(project))
    }
}
