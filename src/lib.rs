//! gv, a Go version manager: the right Go, proven authentic, in microseconds, and always a way back.
//!
//! Modules depend downwards only:
//! commands → (install, setup) → (source, index, download, verify, unpack, store) → (net, config, platform, ui) →
//! fs → error → `gv_shim`.

pub mod config;
pub mod download;
pub mod environment;
pub mod error;
pub mod fs;
pub mod index;
pub mod install;
pub mod interrupt;
pub mod keys;
pub mod net;
pub mod platform;
pub mod resolution;
pub mod source;
pub mod store;
pub mod system;
pub mod ui;
pub mod unpack;
pub mod verify;
