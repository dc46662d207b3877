//! From the current folder up to `/`, looking for version files, go.work and go.mod.

use crate::call::{Args, Call, Variables, chdir_flag};
use crate::errno::Errno;
use crate::files::{self, Broken, Pin};
use crate::floor::{self, Needs};
use crate::lines::BUFFER;
use crate::path::{Path, is_plain, parent};
use crate::system::System;

/// Where a walk starts: `-C DIR` as the go command takes it, else $PWD when that is the current folder, else what
/// the system says. `None` when the current folder was deleted, or cannot be told.
pub fn start<'a, 'c: 'a, S: System>(
    system: &S,
    call: &Call<'c, impl Args<'c>>,
    buffer: &'a mut Path,
    scratch: &mut Path,
) -> Result<Option<&'a [u8]>, Errno> {
    if let Some(dir) = chdir_flag(call.args.clone())
        && scratch.set(&[dir]).is_ok()
        && system.real_dir(scratch, buffer).is_ok()
    {
        return Ok(Some(buffer.as_bytes()));
    }
    if let Some(pwd) = call.vars.pwd
        && is_current(system, pwd, scratch)
    {
        return Ok(Some(pwd));
    }
    match system.current_dir(buffer) {
        Ok(()) => Ok(Some(buffer.as_bytes())),
        Err(Errno::NAMETOOLONG) => Err(Errno::NAMETOOLONG),
        Err(_) => Ok(None),
    }
}

/// Whether $PWD is the current folder by device and inode, and can be walked.
fn is_current<S: System>(system: &S, pwd: &[u8], scratch: &mut Path) -> bool {
    let mut identity = |path: &[u8]| {
        scratch.set(&[path])?;
        system.stat(scratch).map(|status| status.identity)
    };
    is_plain(pwd) && identity(pwd).is_ok_and(|named| identity(b".") == Ok(named))
}

/// The nearest pin: in one folder `.go-version` before `.tool-versions`. `path` is left at the file found or broken.
pub fn pin<S: System>(
    system: &S,
    start: &[u8],
    path: &mut Path,
    buffer: &mut [u8; BUFFER],
) -> Result<Option<Pin>, Broken> {
    let mut dir = Some(start);
    while let Some(folder) = dir {
        set(path, folder, b".go-version").map_err(Broken::Unreadable)?;
        if let Some(pin) = files::go_version(system, path, buffer)? {
            return Ok(Some(pin));
        }
        set(path, folder, b".tool-versions").map_err(Broken::Unreadable)?;
        if let Some(pin) = files::tool_versions(system, path, buffer)? {
            return Ok(Some(pin));
        }
        dir = parent(folder);
    }
    Ok(None)
}

/// What the workspace, else the module, that the go command would find needs. `path` is left at its file.
pub fn needs<S: System>(
    system: &S,
    vars: &Variables<'_>,
    start: &[u8],
    path: &mut Path,
    buffer: &mut [u8; BUFFER],
) -> Option<Needs> {
    if !matches!(vars.go111module, None | Some(b"on" | b"auto")) {
        return None;
    }
    let workspace = match vars.gowork {
        Some(b"off") => None,
        None | Some(b"auto") => nearest(system, start, b"go.work", path, buffer),
        Some(file) if file.starts_with(b"/") => path.set(&[file]).ok().and_then(|()| floor::read(system, path, buffer)),
        // The go command refuses to run at all, and says so.
        Some(_) => return None,
    };
    if workspace.is_some() {
        return workspace;
    }
    let needs = nearest(system, start, b"go.mod", path, buffer)?;
    // A go.mod that was left in the folder of temporary files is not for everything below it.
    let temporary = vars.tmpdir.unwrap_or(b"/tmp");
    let temporary = temporary.strip_suffix(b"/").unwrap_or(temporary);
    (parent(path.as_bytes()) != Some(temporary)).then_some(needs)
}

/// The nearest file of that name that is not a folder, and what it needs.
fn nearest<S: System>(
    system: &S,
    start: &[u8],
    name: &[u8],
    path: &mut Path,
    buffer: &mut [u8; BUFFER],
) -> Option<Needs> {
    let mut dir = Some(start);
    while let Some(folder) = dir {
        if set(path, folder, name).is_ok()
            && let Some(needs) = floor::read(system, path, buffer)
        {
            return Some(needs);
        }
        dir = parent(folder);
    }
    None
}

fn set(path: &mut Path, folder: &[u8], name: &[u8]) -> Result<(), Errno> {
    let folder = if folder == b"/" { b"" } else { folder };
    path.set(&[folder, b"/", name])
}
