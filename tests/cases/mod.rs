//! Sessions with gv, and with everything that can go wrong; test names begin with the row of the table of faults.

mod archive;
mod download;
mod forms;
mod index;
mod json;
mod link;
mod program;
mod prune;
mod real;
mod repair;
mod root;
mod session;
mod setup;
mod shim;
mod shim_agrees;
mod shim_faults;
mod signature;
mod space;
mod sumdb;
mod switch;
mod syscalls;
mod terminal;
mod trust;
mod verify;
mod verify_proof;
