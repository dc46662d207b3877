//! File systems in files, mounted where nobody else sees it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::support::need::{MOUNTS, lacks, need};

/// A kind of file system.
#[derive(Debug)]
pub(super) struct Kind {
    pub(super) name: &'static str,
    /// The smallest that its maker makes, rounded up.
    mib: u64,
    mkfs: &'static str,
    /// What lets a copy be mounted that has the identity of another.
    options: &'static str,
}

pub(super) const KINDS: [Kind; 3] = [
    Kind { name: "ext4", mib: 64, mkfs: "mkfs.ext4", options: "loop" },
    Kind { name: "xfs", mib: 320, mkfs: "mkfs.xfs", options: "loop,nouuid" },
    Kind { name: "btrfs", mib: 128, mkfs: "mkfs.btrfs", options: "loop" },
];

/// Gives this thread, and all that it starts, mounts of its own, which end with it. `false`, said in one line, where
/// that may not be.
pub(super) fn own_mounts() -> bool {
    if need(MOUNTS).is_none() {
        return false;
    }
    // SAFETY: only this thread's view of the mounts and its current folder become its own; nothing relies on sharing them.
    let alone = unsafe { rustix::thread::unshare_unsafe(rustix::thread::UnshareFlags::NEWNS) }.is_ok();
    let alone = alone && run(Command::new("mount").args(["--make-rprivate", "/"])).is_ok();
    if !alone {
        lacks(MOUNTS);
    }
    alone
}

/// A file that holds a file system.
pub(super) struct Image {
    kind: &'static Kind,
    file: PathBuf,
}

/// A mounted image; unmounted when dropped.
pub(super) struct Mounted<'a>(&'a Path);

impl Image {
    /// Makes an empty one; `None`, said in one line, where its tools are missing or the kernel does not know it.
    pub(super) fn make(kind: &'static Kind, file: PathBuf, probe: &Path) -> Option<Image> {
        let mkfs = need(kind.mkfs)?;
        let image = std::fs::File::create(&file).expect("a file for the image");
        image.set_len(kind.mib << 20).expect("a sparse file");
        run(Command::new(mkfs).arg("-q").arg(&file)).unwrap_or_else(|said| panic!("{}: {said}", kind.mkfs));
        let image = Image { kind, file };
        if image.try_mount(probe).is_err() {
            lacks(&format!("a kernel that mounts {}", kind.name));
            return None;
        }
        Some(image)
    }

    /// What kind of file system it holds.
    pub(super) fn kind_name(&self) -> &'static str {
        self.kind.name
    }

    /// Mounts it; what a power cut left is put right by the file system itself.
    pub(super) fn mount<'a>(&self, at: &'a Path) -> Mounted<'a> {
        self.try_mount(at).unwrap_or_else(|said| panic!("{} cannot be mounted: {said}", self.file.display()))
    }

    fn try_mount<'a>(&self, at: &'a Path) -> Result<Mounted<'a>, String> {
        run(Command::new("mount").args(["-t", self.kind.name, "-o", self.kind.options]).arg(&self.file).arg(at))?;
        Ok(Mounted(at))
    }

    /// What the file holds at this moment: of a mounted one, what its file system has handed to its disk.
    pub(super) fn copy(&self, to: &Path) -> Image {
        run(Command::new("cp").arg("--sparse=always").arg(&self.file).arg(to)).expect("a copy of the image");
        Image { kind: self.kind, file: to.to_owned() }
    }
}

impl Drop for Mounted<'_> {
    fn drop(&mut self) {
        // A process that was killed may take a moment to let go.
        for _ in 0..100 {
            if run(Command::new("umount").arg(self.0)).is_ok() {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        // The mounts end with their thread in any case.
        let _ = run(Command::new("umount").arg("-l").arg(self.0));
    }
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.stdin(Stdio::null()).output().map_err(|err| err.to_string())?;
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}
