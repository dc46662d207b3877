//! Real toolchains behind the real shim: what gv says of the go command, and what the go command does.
//!
//! All of these need the folder that `tests/fetch-toolchains` fills.

mod building;
mod offline;
mod pins;
mod selection;
mod switching;
