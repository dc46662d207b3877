use clap::{Args, ValueEnum};

use crate::context::Context;
use crate::error::Result;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gv completions bash > ~/.local/share/bash-completion/completions/gv\n  gv completions zsh > ~/.zfunc/_gv\n  gv completions fish > ~/.config/fish/completions/gv.fish"
)]
pub struct Completions {
    /// The shell.
    shell: Shell,
}

/// The shells that have a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs, reason = "names of shells")]
pub enum Shell {
    Bash,
    Zsh,
    Fish,
    #[value(name = "powershell")]
    PowerShell,
    Elvish,
    Nushell,
}

impl Shell {
    /// The committed script, which a test keeps true to the command line.
    pub fn script(self) -> &'static str {
        match self {
            Shell::Bash => include_str!("../../completions/gv.bash"),
            Shell::Zsh => include_str!("../../completions/_gv"),
            Shell::Fish => include_str!("../../completions/gv.fish"),
            Shell::PowerShell => include_str!("../../completions/_gv.ps1"),
            Shell::Elvish => include_str!("../../completions/gv.elv"),
            Shell::Nushell => include_str!("../../completions/gv.nu"),
        }
    }
}

impl Completions {
    /// Prints the script as it was committed.
    pub fn run(&self, ctx: &Context) -> Result<()> {
        ctx.ui.data(self.shell.script().trim_end())
    }
}
