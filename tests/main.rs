//! gv's integration tests: the built programs, run as a user would run them, in an empty home.
#![allow(clippy::unwrap_used)] // a test that meets the unexpected should stop there

pub mod cases;
pub mod checks;
pub mod crash;
pub mod house;
pub mod support;
