//! What there is to install: the lists that sources publish, and gv's memory of them.

mod cache;
mod names;
mod wire;

use gv_shim::version::Version;

pub use cache::{Access, Index};
pub(crate) use cache::{Feed, is_at_hand, load};
pub use names::{
    Form, MODULE, archive_name, archive_platform, file_name, module_version, parse_archive_name, parse_module_version,
    platform,
};
pub(crate) use wire::{parse_dl, parse_module_list, sort};

use crate::platform::Platform;
use crate::sha256::Sha256;

/// The most that is read of an index, in bytes; Go's own has 2 MB.
pub const LARGEST: usize = 20 << 20;

/// A release, with the files of it that gv can install.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// The version.
    pub version: Version,
    /// Whether the index calls it stable: only the newest two lines are. Lists without that word say `false`.
    pub stable: bool,
    /// One file for each platform and form.
    pub files: Vec<File>,
}

/// A file of a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// The name, made from version and platform.
    pub filename: String,
    /// The platform that it runs on.
    pub platform: Platform,
    /// Archive or module.
    pub form: Form,
    /// Its hash, if the list has one.
    pub sha256: Option<Sha256>,
    /// Its size in bytes, if the list has one.
    pub size: Option<u64>,
}

impl Release {
    /// The file for a platform, the archive before the module.
    pub fn file(&self, platform: &Platform) -> Option<&File> {
        self.files.iter().filter(|file| file.platform == *platform).min_by_key(|file| file.form)
    }
}

/// The newest release that is not a pre-release.
pub fn newest(releases: &[Release]) -> Option<Version> {
    releases.iter().map(|release| release.version).filter(|version| !version.is_pre_release()).max()
}
