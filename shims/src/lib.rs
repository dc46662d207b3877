//! What both programs of gv agree on: versions, selectors, version files, the root and which Go runs.
//!
//! The library is `no_std`, keeps nothing on a heap and depends on nothing, so that the shim can use it
//! before there is a C library. The manager uses the same code, so that `gv current` cannot disagree with `go`.
#![cfg_attr(not(test), no_std)]

pub mod selector;
pub mod version;
