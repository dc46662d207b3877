//! What both programs of gv agree on: versions, selectors, version files, the root and which Go runs.
//!
//! The library is `no_std`, keeps nothing on a heap and depends on nothing, so that the shim can use it
//! before there is a C library. The manager uses the same code, so that `gv current` cannot disagree with `go`.
//!
//! The way of one call: [`call`] is what was typed, [`resolve`] says what that asks for and why, [`locate`]
//! says where it lies, and [`shim`] runs it. All of them see the machine through [`system::System`] alone.
#![cfg_attr(not(test), no_std)]

pub mod call;
pub mod errno;
pub mod files;
pub mod floor;
pub mod home;
pub mod lines;
pub mod locate;
#[cfg(test)]
mod made;
pub mod message;
pub mod path;
#[cfg(target_os = "linux")]
pub mod raw;
pub mod resolve;
pub mod room;
pub mod selector;
pub mod shim;
pub mod system;
pub mod version;
pub mod walk;
