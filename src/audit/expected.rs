//! What a receipt says that there should be.

use std::collections::{HashMap, HashSet};

use gv_shim::version::Version;

use crate::error::{Error, Result};
use crate::sha256::Sha256;
use crate::store::Receipt;
use crate::unpack::{is_packed_name, packed_executable};
use crate::verify::h1;

/// The first line whose archives hold folders only for the sake of files.
const FIRST_WITHOUT_EMPTY_FOLDERS: Version = Version::release(1, 21, 0);

/// Every file and folder that there should be. The paths are never opened: they are only compared with what the disk
/// holds, so that a receipt cannot lead anywhere.
pub(super) struct Expected<'a> {
    /// The files.
    pub(super) files: Vec<File<'a>>,
    by_path: HashMap<&'a [u8], usize>,
    folders: HashSet<&'a [u8]>,
    /// Whether folders without files, which a receipt does not list, may be there.
    pub(super) empty_folders: bool,
    /// What the `h1:` of the files covers.
    pub(super) form: h1::Form,
}

/// A file that should be there.
pub(super) struct File<'a> {
    pub(super) path: &'a str,
    pub(super) size: u64,
    pub(super) executable: bool,
    /// `None` if the receipt has no hash in that place; then no content is the right one.
    pub(super) sha256: Option<Sha256>,
}

impl<'a> Expected<'a> {
    /// What the checksum database alone proves holds no folder that only archives have and no name that only packing
    /// gives, and its modes are those of packing: about these its hash says nothing, so the receipt is not believed.
    pub(super) fn of(receipt: &'a Receipt, version: &Version, signed: bool) -> Result<Expected<'a>> {
        let by_database_alone = !signed && receipt.summary.proof.sumdb.is_some();
        let is_archive = receipt.summary.form == "archive";
        let rows = receipt.files.iter().filter(|row| !by_database_alone || !is_packed_name(&row.path));
        let files: Vec<File<'a>> = rows
            .map(|row| File {
                path: &row.path,
                size: row.size,
                executable: if by_database_alone { packed_executable(&row.path) } else { row.executable },
                sha256: Sha256::parse(&row.sha256),
            })
            .collect();
        let by_path: HashMap<&[u8], usize> = (0..).zip(&files).map(|(at, file)| (file.path.as_bytes(), at)).collect();
        if by_path.len() != files.len() {
            return Err(Error::untrusted("its receipt names a file twice"));
        }
        let mut folders = HashSet::new();
        for file in &files {
            let mut path = file.path;
            while let Some((folder, _)) = path.rsplit_once('/') {
                if !folders.insert(folder.as_bytes()) {
                    break;
                }
                path = folder;
            }
        }
        Ok(Expected {
            files,
            by_path,
            folders,
            empty_folders: is_archive && version.line() < FIRST_WITHOUT_EMPTY_FOLDERS.line(),
            form: if is_archive && !by_database_alone { h1::Form::Archive } else { h1::Form::Module },
        })
    }

    /// The place in [`Expected::files`] of the file at a path.
    pub(super) fn file(&self, path: &[u8]) -> Option<usize> {
        self.by_path.get(path).copied()
    }

    /// Whether there should be a folder at a path.
    pub(super) fn has_folder(&self, path: &[u8]) -> bool {
        self.folders.contains(path)
    }
}
