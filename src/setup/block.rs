//! The lines that gv keeps in a shell's start-up file, between two marks.
//!
//! Files are bytes here: a start-up file in an old encoding is as good as any.

use std::path::Path;

use super::{Folders, Shell};

const BEGIN: &str = "# >>> gv >>>";
const END: &str = "# <<< gv <<<";

/// What a file was before the block came. The block's first line tells it, so that taking the block away restores
/// the file to the byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Before {
    /// There was no file.
    Missing,
    /// It was empty, or its last line had its newline.
    Whole,
    /// Its last line had no newline.
    Unended,
}

impl Before {
    fn of(text: Option<&[u8]>) -> Before {
        match text {
            None => Before::Missing,
            Some([.., last]) if *last != b'\n' => Before::Unended,
            Some(_) => Before::Whole,
        }
    }

    fn note(self) -> &'static str {
        match self {
            Before::Missing => "# Kept by `gv setup`; `gv setup --undo` takes it away, with this file.",
            Before::Whole => "# Kept by `gv setup`; `gv setup --undo` takes it away.",
            Before::Unended => "# Kept by `gv setup`; `gv setup --undo` takes it away, with the newline above.",
        }
    }

    fn noted(block: &[u8]) -> Before {
        let has = |before: Before| block.windows(before.note().len()).any(|part| part == before.note().as_bytes());
        [Before::Missing, Before::Unended].into_iter().find(|before| has(*before)).unwrap_or(Before::Whole)
    }
}

/// A file with the block at its end, whether or not it had one; `None` stands for no file.
pub(super) fn with(text: Option<&[u8]>, shell: Shell, folders: &Folders) -> Vec<u8> {
    let bare = without(text);
    let before = Before::of(bare.as_deref());
    let mut after = bare.unwrap_or_default();
    if before == Before::Unended {
        after.push(b'\n');
    }
    after.extend_from_slice(render(shell, folders, before).as_bytes());
    after
}

/// A file as it was before the block came; a mark without its counterpart is left for its owner to look at.
pub(super) fn without(text: Option<&[u8]>) -> Option<Vec<u8>> {
    let text = text?;
    let Some((start, end)) = span(text) else { return Some(text.to_vec()) };
    let before = Before::noted(&text[start..end]);
    let (mut bare, rest) = (text[..start].to_vec(), &text[end..]);
    // What was added below the block since then keeps the line above it ended.
    if before == Before::Unended && rest.is_empty() {
        bare.pop();
    }
    bare.extend_from_slice(rest);
    (before != Before::Missing || !bare.is_empty()).then_some(bare)
}

/// The lines of the block in `text`.
pub(super) fn lines_of(text: &[u8]) -> Vec<String> {
    let block = span(text).map(|(start, end)| String::from_utf8_lossy(&text[start..end]).into_owned());
    block.unwrap_or_default().lines().map(str::to_owned).collect()
}

/// The lines for one shell, marks included. Running them again changes nothing.
fn render(shell: Shell, folders: &Folders, before: Before) -> String {
    let mut lines = vec![BEGIN.to_owned(), before.note().to_owned()];
    if let Some(root) = &folders.root {
        lines.push(match shell {
            Shell::Fish => format!("set -gx GV_ROOT {}", quoted_fish(root)),
            Shell::Bash | Shell::Zsh => format!("export GV_ROOT={}", quoted(root)),
        });
    }
    match shell {
        // The shims come last, so that they end up in front.
        Shell::Fish => lines.extend(folders.gobin.iter().chain([&folders.shims]).map(|dir| fish_add(dir))),
        Shell::Bash | Shell::Zsh => lines.extend(prepend(folders)),
    }
    lines.push(END.to_owned());
    lines.join("\n") + "\n"
}

fn fish_add(dir: &Path) -> String {
    format!("fish_add_path --global --path --move --prepend {}", quoted_fish(dir))
}

/// All folders together: one after the other would each find another in front, and PATH would grow with every shell.
fn prepend(folders: &Folders) -> [String; 4] {
    let dirs: Vec<String> = [&folders.shims].into_iter().chain(&folders.gobin).map(|dir| quoted(dir)).collect();
    let dirs = dirs.join(":");
    [
        "case \"$PATH:\" in".to_owned(),
        format!("  {dirs}:*) ;;"),
        format!("  *) export PATH={dirs}:\"$PATH\" ;;"),
        "esac".to_owned(),
    ]
}

/// Within single quotes a POSIX shell leaves everything alone but the quote itself.
pub(super) fn quoted(path: &Path) -> String {
    format!("'{}'", path.to_string_lossy().replace('\'', r"'\''"))
}

/// Within single quotes fish knows `\\` and `\'`.
fn quoted_fish(path: &Path) -> String {
    format!("'{}'", path.to_string_lossy().replace('\\', r"\\").replace('\'', r"\'"))
}

/// The block with its last newline, from a mark at the start of a line to its counterpart.
fn span(text: &[u8]) -> Option<(usize, usize)> {
    let (mut start, mut at) = (None, 0);
    for line in text.split_inclusive(|&byte| byte == b'\n') {
        let after = at + line.len();
        match line.strip_suffix(b"\n").unwrap_or(line) {
            // Of two in a row the later one has the counterpart.
            mark if mark == BEGIN.as_bytes() => start = Some(at),
            mark if mark == END.as_bytes() && start.is_some() => return Some((start?, after)),
            _ => {}
        }
        at = after;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folders() -> Folders {
        Folders { shims: "/home/o'neil/my gv/shims".into(), gobin: Some("/home/u/go/bin".into()), root: None }
    }

    #[test]
    fn the_block_comes_once_and_goes_without_a_trace() {
        for text in [None, Some(&b""[..]), Some(b"export A=1"), Some(b"export A=1\n"), Some(b"# \xe9\n\n")] {
            let once = with(text, Shell::Bash, &folders());
            assert_eq!(with(Some(&once), Shell::Bash, &folders()), once);
            assert_eq!(without(Some(&once)).as_deref(), text);
        }
    }

    #[test]
    fn what_was_added_below_the_block_stays() {
        for text in [None, Some(&b"a"[..]), Some(b"a\n")] {
            let mut grown = with(text, Shell::Zsh, &folders());
            grown.extend_from_slice(b"b\n");
            let above = if text.is_some() { "a\n" } else { "" };
            assert_eq!(without(Some(&grown)).unwrap(), format!("{above}b\n").as_bytes());
        }
    }

    #[test]
    fn the_shims_are_put_in_front() {
        let block = render(Shell::Bash, &folders(), Before::Whole);
        assert!(block.contains(r"  '/home/o'\''neil/my gv/shims':'/home/u/go/bin':*) ;;"), "{block}");
        let block = render(Shell::Fish, &folders(), Before::Whole);
        assert!(block.find("go/bin").unwrap() < block.find("shims").unwrap());
    }

    #[test]
    fn half_a_block_is_left_alone() {
        let text = b"a\n# >>> gv >>>\nb\n";
        assert_eq!(without(Some(text)).unwrap(), text);
        for half in [&text[..], b"# <<< gv <<<\nb\n", b"echo '# >>> gv >>>'\nb\n"] {
            let whole = with(Some(half), Shell::Bash, &folders());
            assert!(whole.starts_with(half) && whole.len() > half.len());
            assert_eq!(with(Some(&whole), Shell::Bash, &folders()), whole);
            assert_eq!(without(Some(&whole)).unwrap(), half);
        }
    }
}
