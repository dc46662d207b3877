//! Row 37: the power goes at some call, and what the file system had handed to its disk by then is all there is.
//!
//! gv is killed there, which leaves what it wrote in memory where it was, and the mounted image is copied: once at
//! once, and once more after somebody else's fsync, which takes names to the disk and leaves others' bytes behind.
//! What a disk loses of what it was handed is not seen here.

use super::case::{CASES, Case};
use super::image::{Image, KINDS, Kind, own_mounts};
use super::kill::KILL;
use super::stage::{died_by, equipped, prepare, wrong_after};
use super::strace::Strace;
use super::tally::{Sample, Tally, in_lanes, tell};
use crate::support::need::MOUNTS;
use crate::support::sandbox::split;
use crate::support::{Sandbox, need};

/// The calls that change what is on the disk, or take it there.
const CHANGES: [&str; 13] = [
    "write",
    "mkdir",
    "mkdirat",
    "link",
    "symlink",
    "rename",
    "renameat2",
    "unlink",
    "unlinkat",
    "rmdir",
    "fsync",
    "syncfs",
    "ftruncate",
];

/// Cuts every case off on every kind of file system.
pub(super) fn cuts(what: &str, sample: Sample) {
    let (Some(strace), Some(_)) = (Strace::find(), need(MOUNTS)) else { return };
    let all = KINDS.iter().flat_map(|kind| CASES.iter().map(move |case| (kind, case)));
    // A sample of a case that has everything will do for the further kinds.
    let wanted = |kind: &Kind, case: &Case| {
        matches!(sample, Sample::All) || kind.name == KINDS[0].name || case.name == CASES[1].name
    };
    let jobs: Vec<(&'static Kind, &'static Case)> = all.filter(|(kind, case)| wanted(kind, case)).collect();
    in_lanes(what, &jobs, |(kind, case)| {
        let mut tally = Tally::default();
        tally.skipped = !own_mounts() || cut_case(&strace, kind, case, sample, &mut tally).is_none();
        tally
    });
}

/// A case on a file system of its own.
struct Disk {
    gv: Sandbox,
    case: &'static Case,
    template: Image,
}

fn cut_case(
    strace: &Strace,
    kind: &'static Kind,
    case: &'static Case,
    sample: Sample,
    tally: &mut Tally,
) -> Option<()> {
    let disk = Disk::prepare(kind, case)?;
    let recorded = {
        let work = disk.template.copy(&disk.file("work"));
        let at = disk.mount_point();
        let _mounted = work.mount(&at);
        strace.record(&disk.gv, case)
    };
    let mut number = 0;
    for (name, most) in recorded.busiest.iter().filter(|(name, _)| CHANGES.contains(&name.as_str())) {
        for k in 1..=*most {
            number += 1;
            if sample.takes(number) {
                disk.cut(Some((strace, name, k)), tally);
            }
        }
    }
    disk.cut(None, tally);
    if let Sample::All = sample {
        tell(&format!("power cuts: {}: {}: {}", kind.name, case.name, tally.hit));
    }
    Some(())
}

impl Disk {
    fn prepare(kind: &'static Kind, case: &'static Case) -> Option<Disk> {
        let gv = Sandbox::in_memory();
        let mount_point = gv.folder().join("mounted");
        std::fs::create_dir(&mount_point).expect("a place to mount at");
        let gv = equipped(gv.env("GV_ROOT", mount_point.join("gv")), case, 2);
        let template = Image::make(kind, gv.folder().join("template.img"), &mount_point)?;
        let disk = Disk { gv, case, template };
        let mounted = disk.template.mount(&mount_point);
        prepare(&disk.gv, case);
        drop(mounted);
        Some(disk)
    }

    fn mount_point(&self) -> std::path::PathBuf {
        self.gv.folder().join("mounted")
    }

    fn file(&self, name: &str) -> std::path::PathBuf {
        self.gv.folder().join(format!("{name}.img"))
    }

    /// Runs the command up to a call, or to its end, cuts the power, and looks at what there is.
    fn cut(&self, point: Option<(&Strace, &str, usize)>, tally: &mut Tally) {
        let at = self.mount_point();
        let work = self.template.copy(&self.file("work"));
        let mounted = work.mount(&at);
        let outcome = match point {
            Some((strace, name, k)) => strace.inject(&self.gv, self.case, name, k, "signal=KILL"),
            None => self.gv.output(self.gv.gv().args(split(self.case.words))),
        };
        let cut = work.copy(&self.file("cut"));
        let other = std::fs::File::create(at.join("another's file")).expect("a file beside the store");
        other.sync_all().expect("somebody else's fsync");
        drop(other);
        let later = work.copy(&self.file("later"));
        drop(mounted);
        let place = match point {
            Some((_, name, k)) if died_by(&outcome, KILL) => format!("at {name} {k}"),
            _ => "at the end".to_owned(),
        };
        for (image, when) in [(cut, "at once"), (later, "after another's fsync")] {
            let _mounted = image.mount(&at);
            let wrong = wrong_after(&self.gv, self.case, &outcome);
            tally.add(&format!("{} cut off {place}, {when}, on {}", self.case.name, self.template.kind_name()), &wrong);
        }
    }
}
