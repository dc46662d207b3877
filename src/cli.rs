//! The command line: what can be typed, and nothing of what it does.

use clap::{Parser, Subcommand};

use crate::commands;
use crate::ui::Verbosity;

const EXAMPLES: &str = "\
Examples:
  gv setup                  put gv's shims on PATH, once
  gv install 1.22.3         install a release, proven authentic
  gv use 1.22               make the newest installed 1.22 current
  gv local 1.21.13          pin this folder: writes .go-version
  gv rollback               undo the last change of current
  gv current                which Go runs here, and why

Exit codes:
  0 done   1 failed   2 usage   3 not installed   4 network   5 untrusted   6 busy
  The shims add 126 (cannot be run) and 127 (not installed); what they and exec run keeps its own.";

const GLOBAL_EXAMPLES: &str = "\
Examples:
  gv global 1.22.3
  gv global 1.22      the newest installed 1.22
  gv global latest    the newest installed release";

/// The options of every command stand apart from those of one.
const EVERYWHERE: &str = "Everywhere";

/// A Go version manager: the right Go, proven authentic, in microseconds, and always a way back.
#[derive(Debug, Parser)]
#[command(name = "gv", version, after_help = EXAMPLES, max_term_width = 100, disable_help_subcommand = true)]
pub struct Cli {
    /// Say only what went wrong.
    #[arg(short, long, global = true, conflicts_with = "verbose", help_heading = EVERYWHERE)]
    quiet: bool,
    /// Say every step, with URLs and paths.
    #[arg(short, long, global = true, help_heading = EVERYWHERE)]
    verbose: bool,
    /// Use only what is on this machine: installed toolchains, the cache and `dir` sources.
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    pub offline: bool,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

impl Cli {
    /// How much to say.
    pub fn verbosity(&self) -> Verbosity {
        match (self.quiet, self.verbose) {
            (true, _) => Verbosity::Quiet,
            (_, true) => Verbosity::Verbose,
            _ => Verbosity::Normal,
        }
    }
}

/// The commands, in the order that help lists them.
#[derive(Debug, Subcommand)]
#[allow(missing_docs, reason = "each command's documentation stands at its arguments")]
pub enum Command {
    Install(commands::install::Install),
    Uninstall(commands::uninstall::Uninstall),
    Use(commands::switch::Use),
    #[command(
        about = "The same as use, for those who know it by this name",
        long_about = "The same as `gv use`, for those who know it by this name: make an installed version current.\n\n\
            Current is what runs where no folder pins a version. `current` and `previous` change as one step; \
            `gv rollback` undoes it.",
        after_help = GLOBAL_EXAMPLES
    )]
    Global(commands::switch::Use),
    Rollback(commands::rollback::Rollback),
    History(commands::history::History),
    Local(commands::local::Local),
    Link(commands::link::Link),
    Unlink(commands::link::Unlink),
    List(commands::list::List),
    Current(commands::current::Current),
    Which(commands::which::Which),
    Exec(commands::exec::Exec),
    Root(commands::root::Root),
    Setup(commands::setup::Setup),
    Verify(commands::verify::Verify),
    Repair(commands::repair::Repair),
    Prune(commands::prune::Prune),
    Keys(commands::keys::Keys),
    Config(commands::config::Show),
    Completions(commands::completions::Completions),
}
