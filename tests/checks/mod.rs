//! The tests' own tools, tested.

mod keys;
mod real_go;
mod sandbox;
mod server;
mod sumdb;
mod tar;
mod toolchains;
