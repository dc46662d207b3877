//! From what was seen to what is wrong.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::expected::Expected;
use super::proof::Proofs;
use super::walk::Found;
use super::{Audit, Kind, Problem};
use crate::sha256::Sha256;
use crate::verify::h1;

/// What was found wrong, and what was not found; sorted by path.
pub(super) fn problems(expected: &Expected<'_>, found: Found) -> Vec<Problem> {
    let missing = missing(expected, &found);
    let mut problems = found.problems;
    problems.extend(missing);
    problems.sort();
    problems
}

/// Files that nobody saw. Where a whole folder is missing it stands for them; where something else is in its place, that
/// was told already.
fn missing(expected: &Expected<'_>, found: &Found) -> Vec<Problem> {
    let seen: HashSet<usize> = found.seen.iter().map(|(at, _)| *at).collect();
    let folders: HashSet<&[u8]> = found.folders.iter().map(Vec::as_slice).collect();
    let told: HashSet<&[u8]> = found.problems.iter().map(|problem| problem.path.as_slice()).collect();
    let mut missing: BTreeMap<Vec<u8>, usize> = BTreeMap::new();
    for (_, file) in (0..).zip(&expected.files).filter(|(at, _)| !seen.contains(at)) {
        let path = file.path.as_bytes();
        let parents = || file.path.match_indices('/').map(|(at, _)| &path[..at]);
        if parents().any(|folder| told.contains(folder)) {
            continue;
        }
        let gone = parents().find(|folder| !folders.contains(folder));
        let path = gone.map_or_else(|| path.to_vec(), |folder| [folder, b"/"].concat());
        *missing.entry(path).or_default() += 1;
    }
    missing.into_iter().map(|(path, files)| Problem { path, kind: Kind::Missing(files) }).collect()
}

/// Holds the bytes on the disk against the checksum database's record. It decides, whatever the receipt lists.
pub(super) fn judge(
    expected: &Expected<'_>,
    proofs: &Proofs,
    hashes: &HashMap<usize, Option<Sha256>>,
    audit: &mut Audit,
) {
    let Some((module, record)) = &proofs.record else { return };
    let h1_of = |hash: &dyn Fn(usize) -> Option<Sha256>| {
        let files = (0..).zip(&expected.files).map(|(at, file)| Some((file.path, hash(at)?)));
        let files = files.collect::<Option<Vec<_>>>()?;
        Some(h1::toolchain_h1(module, expected.form, files))
    };
    let on_disk = h1_of(&|at| hashes.get(&at).copied().flatten());
    if on_disk.as_ref() == Some(record) {
        for problem in audit.problems.iter_mut().filter(|problem| problem.kind == Kind::Modified) {
            if !(expected.form == h1::Form::Archive && h1::left_out_of_module(&problem.path())) {
                problem.kind = Kind::Row;
            }
        }
        return;
    }
    let listed = h1_of(&|at| expected.files[at].sha256);
    if listed.as_ref() != Some(record) {
        audit.doubts.push(if on_disk == listed {
            "its files are those of its receipt, and not those of the checksum database".to_owned()
        } else {
            "the files in its receipt are not those of the checksum database".to_owned()
        });
    }
}
