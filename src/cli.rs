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

const USE_EXAMPLES: &str = "\
Examples:
  gv use 1.22.3
  gv use 1.22      the newest installed 1.22
  gv use latest    the newest installed release";

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

/// The commands, in the order that help lists them, with what it says of each. The arguments of one are built when it is
/// called: those of all together take as long as everything else that gv does at start.
#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub enum Command {
    /// Install Go versions, each proven authentic.
    ///
    /// Without a selector, installs what this folder pins. The first version ever installed becomes current.
    Install(commands::install::Install),
    /// Remove installed versions.
    ///
    /// What is current, previous or in use is refused, unless forced.
    #[command(visible_alias = "remove")]
    Uninstall(commands::uninstall::Uninstall),
    /// Make an installed version current: what runs where nothing is pinned.
    ///
    /// `current` and `previous` change as one step; `gv rollback` undoes it. `gv local` pins a folder instead, and `gv global`
    /// is the same as this.
    #[command(after_help = USE_EXAMPLES)]
    Use(commands::switch::Use),
    /// The same as use, for those who know it by this name.
    #[command(
        long_about = "The same as `gv use`, for those who know it by this name: make an installed version current.\n\n\
            Current is what runs where no folder pins a version. `current` and `previous` change as one step; \
            `gv rollback` undoes it.",
        after_help = GLOBAL_EXAMPLES
    )]
    Global(commands::switch::Use),
    /// Go back to the version that was current before.
    ///
    /// A rollback is a change like any other, so a second one undoes the first.
    Rollback(commands::rollback::Rollback),
    /// List what was current, and when.
    ///
    /// The marked generation is active. `gv rollback --to N` goes back to one of them.
    History(commands::history::History),
    /// Pin this folder, and all below it, to a version: writes .go-version.
    ///
    /// latest, oldstable and ranges are resolved to a number first, since other tools read that file too. Without a
    /// selector, prints what is pinned here.
    Local(commands::local::Local),
    /// Give a Go that gv did not install a name, to be pinned by `gv local NAME`.
    ///
    /// gv neither proves nor changes such a toolchain, and `gv use` does not take it.
    Link(commands::link::Link),
    /// Take the name of a linked toolchain away.
    Unlink(commands::link::Unlink),
    /// List what is installed, or with --remote what there is.
    #[command(visible_alias = "ls")]
    List(commands::list::List),
    /// Say which Go runs here, and why.
    ///
    /// Also says what that Go will then do by itself: below the floor of a go.mod it may switch to another version.
    Current(commands::current::Current),
    /// Print the path of the program that the shim runs here.
    Which(commands::which::Which),
    /// Run a command with an installed version, whatever the folder pins.
    ///
    /// The toolchain's programs come first on PATH; the command's exit code is gv's.
    Exec(commands::exec::Exec),
    /// Print GV_ROOT, the folder that holds everything.
    Root(commands::root::Root),
    /// Put gv and its shims on PATH, for bash, zsh and fish.
    ///
    /// Copies gv into GV_ROOT/bin and adds one marked block to the start-up files of your shells. Running it again
    /// changes nothing.
    Setup(commands::setup::Setup),
    /// Check every file of installed versions, and the proof of where they came from.
    ///
    /// Works without a network. The files are held against the receipt that the install wrote, and that against the proof in
    /// it. The checksum database's proof covers the bytes themselves: no change of the receipt can hide one of a file. A
    /// signature covers the archive, which is gone: it is checked that Google's key signed the hash that the receipt has,
    /// and that the receipt's list of files is that archive's is the receipt's own word. So are the folders api, doc, misc and
    /// test of an archive, which the database does not know.
    ///
    /// Modified, missing and extra files, wrong modes, and anything that is no file in the place of one are named; then the
    /// exit code is 5. Without a selector, checks the Go that runs here. With --file, checks the OpenPGP signature of a
    /// downloaded archive; any file that Google's Go key signed will do.
    Verify(commands::verify::Verify),
    /// Put damaged versions right: fetch and prove them again.
    ///
    /// What is intact is left alone. A damaged version is replaced in one step once the new one is complete and proven: its
    /// name is never missing, a program that runs goes on, and if the sources cannot provide it, everything stays as it was.
    /// What is current and previous stays so. Without a selector, looks at the Go that runs here.
    Repair(commands::repair::Repair),
    /// Remove what is not needed any more: superseded versions, cache, leftovers, old generations.
    ///
    /// Shows what and how much, and asks. A version goes if a newer release of its line is installed, and stays if it is
    /// current, previous, linked, in use, or asked for by a project that gv knows: a folder in which `gv local`, `gv current`,
    /// `gv which` or `gv install` met a version file. The shim writes nothing down, so run one of these in a project that only
    /// it has seen. Archives that were kept go too; with cache.keep, only those of versions that are not installed. Without
    /// options for a kind, all kinds are pruned.
    Prune(commands::prune::Prune),
    /// Show the key that Go's archives are signed with, or refresh it.
    ///
    /// The primary is pinned by its fingerprint. It signs through subkeys that change about every year; a signature
    /// counts if its subkey was valid when it was made.
    Keys(commands::keys::Keys),
    /// Show every setting, its value and where the value came from.
    ///
    /// The file is `$XDG_CONFIG_HOME/gv/config.toml` (`~/.config/gv/config.toml`). Each setting also has a variable,
    /// such as GV_TRUST, which goes before the file; `--json` names them and says what each setting decides.
    Config(commands::config::Show),
    /// Print the completion script for a shell.
    ///
    /// The scripts are also in the folder `completions` of the source.
    Completions(commands::completions::Completions),
}
