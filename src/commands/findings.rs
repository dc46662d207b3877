//! What was found out about installed toolchains, for people.

use std::fmt::Write as _;

use gv_shim::version::Version;

use crate::audit::{Audit, Problem, Verdict};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::store::Store;
use crate::ui::{Paint, bytes};

/// Checks one toolchain, with a bar if it lasts.
pub(super) fn audit(ctx: &Context, store: &Store, version: &Version) -> Result<Audit> {
    // A receipt that cannot be read is the audit's finding; here it only tells how much there is to do.
    let size = store.summary(version).ok().flatten().map_or(0, |summary| summary.unpacked_size);
    let bar = ctx.ui.work(format!("checking {version}"), size);
    ctx.auditor(store)?.audit(version, &|read| bar.set_position(read))
}

/// `1 modified, 2 missing`; of one that is not proven, why.
pub(super) fn summary(audit: &Audit) -> String {
    if !audit.doubts.is_empty() {
        return audit.doubts.join("; ");
    }
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for problem in &audit.problems {
        let word = problem.kind.word();
        match counts.iter_mut().find(|(known, _)| *known == word) {
            Some((_, count)) => *count += 1,
            None => counts.push((word, 1)),
        }
    }
    counts.iter().map(|(word, count)| format!("{count} {word}")).collect::<Vec<_>>().join(", ")
}

/// The whole of it on lines of their own.
pub(super) fn lines(ctx: &Context, audit: &Audit) -> Vec<String> {
    let verdict = audit.verdict();
    let paint = if verdict == Verdict::Intact { Paint::Green } else { Paint::Red };
    let word = ctx.ui.paint_data(paint, format_args!("{}:", verdict.word()));
    let mut first = format!("{word} go {}", audit.version);
    if verdict == Verdict::Intact {
        // Writing to a String cannot fail.
        let _ = write!(first, ", {} files, {}, {}", audit.files, bytes(audit.size), audit.vouched());
    }
    let doubts = audit.doubts.iter().map(|doubt| format!("  {doubt}"));
    std::iter::once(first).chain(doubts).chain(audit.problems.iter().map(line)).collect()
}

fn line(problem: &Problem) -> String {
    let detail = problem.kind.detail().map(|detail| format!(" ({detail})")).unwrap_or_default();
    format!("  {:10} {}{detail}", problem.kind.word(), printable(&problem.path()))
}

/// What could steer a terminal, or make two lines of one, is escaped.
fn printable(text: &str) -> String {
    let mut shown = String::new();
    for c in text.chars() {
        if c.is_control() {
            shown.extend(c.escape_debug());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// The error for what is not as it should be; `None` if everything is.
pub(super) fn error(audits: &[Audit]) -> Option<Error> {
    let bad: Vec<&Audit> = audits.iter().filter(|audit| audit.verdict() != Verdict::Intact).collect();
    let of = |audit: &Audit| {
        let what = if audit.verdict() == Verdict::Damaged { "damaged" } else { "not proven" };
        Error::untrusted(format!("go {} is {what}", audit.version)).because(summary(audit))
    };
    let names = bad.iter().map(|audit| audit.version.to_string()).collect::<Vec<_>>().join(" ");
    let error = match bad[..] {
        [] => return None,
        [only] => of(only),
        _ => {
            let message = format!("{} of {} toolchains are not what they should be", bad.len(), audits.len());
            bad.iter().fold(Error::untrusted(message), |error, audit| error.beside(&of(audit)))
        }
    };
    Some(error.hint(format!("`gv repair {names}` fetches and proves it again")))
}
