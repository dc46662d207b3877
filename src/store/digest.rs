//! What `gv list` shows of every receipt.
//!
//! Where there are many toolchains their digests are kept together in one file, since reading as many receipts takes
//! several times as long as everything else that a list does. The file counts while the folder of the receipts is as it
//! was when they were read: a receipt only ever changes by a rename into that folder, or out of it.

use std::borrow::Cow;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use gv_shim::version::Version;
use serde::{Deserialize, Serialize};

use super::{Store, Summary};
use crate::error::{Error, Exit, Result};
use crate::fs;

/// As many receipts as take longer to read than the file.
const MANY: usize = 50;

/// A folder that changed as recently may change again without its times telling.
const SETTLED: Duration = Duration::from_secs(2);

/// The format of the file; another one is made anew.
const FORMAT: u32 = 1;

/// What a list shows of a receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digest {
    /// `archive` or `module`.
    pub form: Cow<'static, str>,
    /// Bytes of all unpacked files together.
    pub unpacked_size: u64,
    /// The word for what vouches for it: `signature`, `sumdb`, `signature+sumdb` or `unproven`.
    pub proof: Cow<'static, str>,
}

#[derive(Serialize, Deserialize)]
struct Kept<'a> {
    format: u32,
    folder: Stamp,
    /// Version, form, unpacked size and proof, by version.
    #[serde(borrow)]
    rows: Vec<(&'a str, &'a str, u64, &'a str)>,
}

/// Which folder it is and when it changed: inode, then seconds and nanoseconds of its mtime and of its ctime.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Stamp(u64, [i64; 4]);

impl From<Summary> for Digest {
    fn from(summary: Summary) -> Digest {
        let proof = summary.proof.word().into();
        Digest { form: summary.form.into(), unpacked_size: summary.unpacked_size, proof }
    }
}

/// The words that nearly all rows have are not copied for each of them.
fn shared(word: &str) -> Cow<'static, str> {
    const WORDS: [&str; 6] = ["archive", "module", "signature", "sumdb", "signature+sumdb", "unproven"];
    WORDS.into_iter().find(|known| *known == word).map_or_else(|| word.to_owned().into(), Cow::Borrowed)
}

impl Store {
    /// What the receipts of these versions, sorted, say in short; `None` where there is none. One that cannot be read is
    /// told to `broken`, and counts as none.
    pub fn digests(&self, versions: &[Version], mut broken: impl FnMut(Error)) -> Result<Vec<Option<Digest>>> {
        let stamp = (versions.len() >= MANY).then(|| self.receipts_stamp()).flatten();
        if let Some(kept) = stamp.as_ref().and_then(|stamp| self.kept_digests(stamp, versions)) {
            return Ok(kept);
        }
        let mut whole = true;
        let mut digests = Vec::with_capacity(versions.len());
        for version in versions {
            digests.push(match self.summary(version) {
                Err(error) if error.exit() == Exit::Untrusted => {
                    whole = false;
                    broken(error);
                    None
                }
                summary => summary?.map(Digest::from),
            });
        }
        if let Some(stamp) = stamp
            && whole
            && stamp.is_settled(SystemTime::now())
            && self.installed()? == versions
        {
            self.keep_digests(stamp, versions, &digests);
        }
        Ok(digests)
    }

    fn receipts_stamp(&self) -> Option<Stamp> {
        let meta = std::fs::metadata(self.layout.receipts()).ok()?;
        Some(Stamp(meta.ino(), [meta.mtime(), meta.mtime_nsec(), meta.ctime(), meta.ctime_nsec()]))
    }

    fn digests_file(&self) -> PathBuf {
        self.layout.cache().join("receipts.json")
    }

    /// A file that cannot be read back is as good as none. Its rows are in the order of the versions.
    fn kept_digests(&self, stamp: &Stamp, versions: &[Version]) -> Option<Vec<Option<Digest>>> {
        let text = fs::read_bytes(&self.digests_file()).ok()??;
        let kept: Kept<'_> = serde_json::from_slice(&text).ok()?;
        if kept.format != FORMAT || kept.folder != *stamp {
            return None;
        }
        let mut rest = kept.rows.as_slice();
        let mut next = |version: &Version| {
            let name = version.store();
            let at = rest.iter().position(|row| row.0 == name.as_str())?;
            let (_, form, unpacked_size, proof) = rest[at];
            rest = &rest[at + 1..];
            Some(Digest { form: shared(form), unpacked_size, proof: shared(proof) })
        };
        Some(versions.iter().map(&mut next).collect())
    }

    /// A disk that refuses costs the next list some time, and nobody anything else.
    fn keep_digests(&self, folder: Stamp, versions: &[Version], digests: &[Option<Digest>]) {
        let names: Vec<_> = versions.iter().map(Version::store).collect();
        let rows = names.iter().zip(digests).filter_map(|(name, digest)| {
            let Digest { form, unpacked_size, proof } = digest.as_ref()?;
            Some((name.as_str(), form.as_ref(), *unpacked_size, proof.as_ref()))
        });
        let kept = Kept { format: FORMAT, folder, rows: rows.collect() };
        let text = serde_json::to_vec(&kept).unwrap_or_default();
        let _ = fs::create_dir_all(&self.layout.cache()).and_then(|()| fs::write_atomic(&self.digests_file(), &text));
    }
}

impl Stamp {
    /// Times in the future, after the clock was set back, tell nothing.
    fn is_settled(&self, now: SystemTime) -> bool {
        let changed = self.1[0].max(self.1[2]);
        let now = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        u64::try_from(changed).is_ok_and(|changed| Duration::from_secs(changed) + SETTLED < now)
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{File, FileTimes};

    use super::*;
    use crate::store::{FileRow, Layout, Proof, Receipt, SCHEMA, Settings};

    /// A store with `count` toolchains, whose receipts were written a while ago.
    fn store(count: u64) -> (tempfile::TempDir, Store) {
        let dir = tempfile::tempdir().unwrap();
        let settings = Settings { patience: Duration::ZERO, sync: false, shim: None, program: None };
        let store = Store::open(Layout::new(dir.path()), settings).unwrap();
        for number in 0..count {
            std::fs::create_dir_all(store.layout().toolchain(&version(number))).unwrap();
            write(&store, number, number);
        }
        (dir, store)
    }

    fn version(number: u64) -> Version {
        Version::from_store_name(format!("1.22.{number}").as_bytes()).unwrap()
    }

    fn write(store: &Store, number: u64, unpacked_size: u64) {
        let summary = Summary {
            schema: SCHEMA,
            version: version(number).to_string(),
            platform: "linux-amd64".into(),
            form: "archive".into(),
            source: "dl".into(),
            url: String::new(),
            size: 3,
            sha256: String::new(),
            h1: None,
            proof: Proof::default(),
            installed_at: String::new(),
            gv: String::new(),
            unpacked_files: 0,
            unpacked_size,
        };
        let text = Receipt { summary, files: Vec::<FileRow>::new() }.to_json().unwrap();
        std::fs::create_dir_all(store.layout().receipts()).unwrap();
        fs::write_atomic(&store.layout().receipt(&version(number)), text.as_bytes()).unwrap();
    }

    /// What `digests` says, with how many receipts were broken; the file tells whether they were read.
    fn sizes(store: &Store) -> (Vec<Option<u64>>, usize) {
        let mut broken = 0;
        let digests = store.digests(&store.installed().unwrap(), |_| broken += 1).unwrap();
        (digests.into_iter().map(|digest| digest.map(|digest| digest.unpacked_size)).collect(), broken)
    }

    #[test]
    fn what_was_kept_counts_until_a_receipt_changes() {
        let (_dir, store) = store(MANY as u64);
        let all: Vec<Option<u64>> = (0..MANY as u64).map(Some).collect();
        assert_eq!(sizes(&store), (all.clone(), 0));
        let versions = store.installed().unwrap();
        let digest = |size| Some(Digest { form: "module".into(), unpacked_size: size, proof: "sumdb".into() });
        store.keep_digests(store.receipts_stamp().unwrap(), &versions, &vec![digest(7); MANY]);
        assert_eq!(sizes(&store), (vec![Some(7); MANY], 0));
        let two = [version(3), version(40)];
        assert_eq!(store.kept_digests(&store.receipts_stamp().unwrap(), &two), Some(vec![digest(7), digest(7)]));
        assert_eq!(store.kept_digests(&store.receipts_stamp().unwrap(), &[version(99)]), Some(vec![None]));
        write(&store, 3, 99);
        assert_eq!(sizes(&store).0[3], Some(99));
        std::fs::write(store.digests_file(), "{").unwrap();
        assert_eq!(sizes(&store).0[4], Some(4));
    }

    #[test]
    fn only_a_settled_folder_is_trusted_to_tell() {
        let (_dir, store) = store(1);
        let changed = SystemTime::UNIX_EPOCH + Duration::from_hours(500_000);
        let folder = File::open(store.layout().receipts()).unwrap();
        folder.set_times(FileTimes::new().set_modified(changed)).unwrap();
        let stamp = store.receipts_stamp().unwrap();
        assert!(!stamp.is_settled(changed + SETTLED));
        assert!(!stamp.is_settled(changed - Duration::from_hours(1)));
        // The other of its times is that of the test itself.
        let later = SystemTime::now().max(changed) + SETTLED + Duration::from_secs(1);
        assert!(stamp.is_settled(later));
    }

    #[test]
    fn a_broken_receipt_is_told_and_one_of_few_is_always_read() {
        let (_dir, store) = store(3);
        let versions = store.installed().unwrap();
        store.keep_digests(store.receipts_stamp().unwrap(), &versions, &[None, None, None]);
        assert_eq!(sizes(&store), (vec![Some(0), Some(1), Some(2)], 0));
        std::fs::write(store.layout().receipt(&version(1)), "{").unwrap();
        assert_eq!(sizes(&store), (vec![Some(0), None, Some(2)], 1));
        std::fs::remove_file(store.layout().receipt(&version(2))).unwrap();
        assert_eq!(sizes(&store), (vec![Some(0), None, None], 1));
    }
}
