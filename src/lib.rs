//! gv, a Go version manager: the right Go, proven authentic, in microseconds, and always a way back.
//!
//! Modules depend downwards only:
//! commands → prune → (audit, install, setup) → (source, index, download, verify, unpack, store) → (net, lock, config, platform, ui) →
//! fs → error → `gv_shim`.

pub mod audit;
pub mod config;
pub mod context;
pub mod download;
pub mod environment;
pub mod error;
pub mod fs;
pub mod index;
pub mod install;
pub mod interrupt;
pub mod json;
pub mod keys;
pub mod lock;
pub mod net;
pub mod platform;
pub mod prune;
pub mod resolution;
pub mod setup;
pub mod sha256;
pub mod source;
pub mod store;
pub mod system;
pub mod ui;
pub mod unpack;
pub mod verify;

pub mod cli;
pub mod commands;

/// What the tests want and a machine may lack: the integration tests' own, so that all say it alike.
#[cfg(test)]
#[allow(dead_code, unreachable_pub, reason = "made for the integration tests, which use all of it")]
#[path = "../tests/support/need.rs"]
mod need;

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser};

use cli::{Cli, Command};
use context::Context;
use environment::Environment;
use error::{Error, Exit};
use ui::{Ui, Verbosity};
use verify::Roots;

/// Runs gv: `args` with the program's name first, `program` the path of the running gv, and the roots of trust
/// that it was built with.
pub fn run(
    args: impl IntoIterator<Item = OsString>,
    env: Environment,
    program: Option<PathBuf>,
    roots: Roots,
) -> ExitCode {
    let args: Vec<OsString> = args.into_iter().collect();
    if let Some(words) = handed_over(&args) {
        return shim_exec(&env, words);
    }
    let cli = match parse(&args) {
        Ok(cli) => cli,
        Err(answer) => return usage(&answer),
    };
    let ui = Ui::new(cli.verbosity(), &env);
    let ctx = context(&cli, env, ui, program, roots);
    match dispatch(&cli.command, &ctx) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => report(&ctx.ui, &error),
    }
}

/// What a shim handed over: `gv shim-exec ROOT PROGRAM EXECUTED ARGV0 ARG…`. It never reaches the parser of the
/// command line, which would take flags of go's for gv's.
fn handed_over(args: &[OsString]) -> Option<&[OsString]> {
    let (first, words) = args.get(1..)?.split_first()?;
    (first.as_encoded_bytes() == gv_shim::shim::HAND_OVER.to_bytes()).then_some(words)
}

/// Becomes the Go that was asked for; if it cannot, says so in one line, as the shim itself does.
fn shim_exec(env: &Environment, words: &[OsString]) -> ExitCode {
    let failure = resolution::exec(env, words);
    let mut line = vec![format!("gv: {}", failure.error)];
    line.extend_from_slice(failure.error.hints());
    Ui::new(Verbosity::Normal, env).line(&line.join("; "));
    ExitCode::from(failure.code)
}

/// The command-line definition, for generating completions. A command has its arguments once it is built.
pub fn command() -> clap::Command {
    Cli::command()
}

/// What was typed. It is held against the one command that its first word names, since the parser takes time for each
/// that it knows; and where that will not do, against all of them, so that help and errors know what there is.
fn parse(args: &[OsString]) -> Result<Cli, clap::Error> {
    let called = args.get(1).and_then(|word| word.to_str()).and_then(alone);
    match called.map(|command| command.try_get_matches_from(args)) {
        Some(Ok(matches)) => Cli::from_arg_matches(&matches),
        _ => Cli::try_parse_from(args),
    }
}

/// The command line with one command alone.
fn alone(name: &str) -> Option<clap::Command> {
    let all = Cli::command();
    let called = all.find_subcommand(name)?.clone();
    Some(clap::Command::new("gv").args(all.get_arguments().cloned()).subcommand(called))
}

fn context(cli: &Cli, env: Environment, ui: Ui, program: Option<PathBuf>, roots: Roots) -> Context {
    let mut ctx = Context::new(env, ui, roots, program);
    if cli.offline {
        ctx = ctx.with("offline", "true", "--offline");
    }
    if let Command::Install(commands::install::Install { trust: Some(trust), .. }) = &cli.command {
        ctx = ctx.with("trust", trust, "--trust");
    }
    ctx
}

fn dispatch(command: &Command, ctx: &Context) -> error::Result<()> {
    match command {
        Command::Install(args) => args.run(ctx),
        Command::Uninstall(args) => args.run(ctx),
        Command::Use(args) | Command::Global(args) => args.run(ctx),
        Command::Rollback(args) => args.run(ctx),
        Command::History(args) => args.run(ctx),
        Command::Local(args) => args.run(ctx),
        Command::Link(args) => args.run(ctx),
        Command::Unlink(args) => args.run(ctx),
        Command::List(args) => args.run(ctx),
        Command::Current(args) => args.run(ctx),
        Command::Which(args) => args.run(ctx),
        Command::Exec(args) => args.run(ctx),
        Command::Root(args) => args.run(ctx),
        Command::Setup(args) => args.run(ctx),
        Command::Verify(args) => args.run(ctx),
        Command::Repair(args) => args.run(ctx),
        Command::Prune(args) => args.run(ctx),
        Command::Keys(args) => args.run(ctx),
        Command::Config(args) => args.run(ctx),
        Command::Completions(args) => args.run(ctx),
    }
}

/// Help and version are data; all else is a mistake on the command line.
fn usage(answer: &clap::Error) -> ExitCode {
    let printed = answer.print();
    if answer.use_stderr() {
        return ExitCode::from(Exit::Usage as u8);
    }
    match printed {
        // A closed pipe is the reader's choice.
        Err(err) if err.kind() != io::ErrorKind::BrokenPipe => ExitCode::from(Exit::Failed as u8),
        _ => ExitCode::SUCCESS,
    }
}

fn report(ui: &Ui, error: &Error) -> ExitCode {
    if error.exit() != Exit::Done {
        ui.error(error);
    }
    ExitCode::from(error.exit() as u8)
}
