//! One file a command: its arguments, and one short story of what it does.
#![allow(missing_docs, reason = "a command's documentation is its help, which stands in the list of commands")]

pub mod completions;
pub mod config;
pub mod current;
pub mod exec;
pub mod history;
pub mod install;
pub mod keys;
pub mod link;
pub mod list;
pub mod local;
pub mod prune;
pub mod repair;
pub mod rollback;
pub mod root;
pub mod setup;
pub mod switch;
pub mod uninstall;
pub mod verify;
pub mod which;

mod findings;
mod select;
