//! Folders whose version files gv has met, so that a prune knows what is still pinned.
//!
//! Each is a symbolic link under `projects/`: made as one step, without a lock, and any path fits. Its name is a hash of
//! the path, so that a folder is known once.

use std::path::{Path, PathBuf};

use super::{Layout, Locked, Store};
use crate::error::Result;
use crate::fs;
use crate::sha256::Sha256;

/// A folder that has had a version file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// The folder, which may be gone.
    pub folder: PathBuf,
    link: PathBuf,
}

impl Layout {
    /// Remembers a folder, by its absolute path.
    pub fn remember(&self, folder: &Path) -> Result<()> {
        let hash = Sha256::of(folder.as_os_str().as_encoded_bytes()).to_string();
        let link = self.projects().join(&hash[..16]);
        if fs::read_link(&link)?.is_some() {
            return Ok(());
        }
        fs::create_dir_all(&self.projects())?;
        fs::link_symbolic_new(folder, &link)
    }
}

impl Store {
    /// Every folder that was remembered.
    pub fn projects(&self) -> Result<Vec<Project>> {
        let dir = self.layout().projects();
        let mut projects = Vec::new();
        for name in fs::names(&dir)? {
            let link = dir.join(name);
            if let Some(folder) = fs::read_link(&link)? {
                projects.push(Project { folder, link });
            }
        }
        projects.sort_by(|a, b| a.folder.cmp(&b.folder));
        Ok(projects)
    }
}

impl Locked<'_> {
    /// Forgets a folder that pins nothing any more.
    pub fn forget_project(&mut self, project: &Project) -> Result<()> {
        fs::remove_file(&project.link)
    }
}
