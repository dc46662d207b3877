//! The house of the integration tests: sandbox, server, keys, checksum database and made toolchains.
#![allow(dead_code)] // a tool may wait here for the case that needs it

pub mod elf;
pub mod golang;
pub mod invariant;
pub mod keys;
pub mod need;
pub mod outcome;
pub mod programs;
pub mod real;
pub mod sandbox;
pub mod server;
pub mod sumdb;
pub mod tar;
pub mod tls;
pub mod zip;

pub use need::need;
pub use sandbox::Sandbox;
