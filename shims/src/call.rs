//! What a shim was called with: its own name, its arguments and the variables that it looks at.

use crate::path::base;
use crate::version::{Name, Version};

/// Which program a shim stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// `go`.
    Go,
    /// `gofmt`.
    Gofmt,
    /// `go1.22.3`: that version and nothing else.
    Exactly(Version),
}

impl Program {
    /// Reads a program's name; a folder in front of it does not matter.
    pub fn from_name(path: &[u8]) -> Option<Program> {
        match base(path) {
            b"go" => Some(Program::Go),
            b"gofmt" => Some(Program::Gofmt),
            name => Version::from_go_name(name).map(Program::Exactly),
        }
    }

    /// The program's own name: `go`, `gofmt`, `go1.22.3`.
    pub fn name(self) -> Name {
        match self {
            Program::Go => Name::of(b"go"),
            Program::Gofmt => Name::of(b"gofmt"),
            Program::Exactly(version) => version.go(),
        }
    }

    /// The name of the program within `GOROOT/bin`.
    pub fn binary(self) -> &'static [u8] {
        match self {
            Program::Gofmt => b"gofmt",
            Program::Go | Program::Exactly(_) => b"go",
        }
    }
}

/// The arguments after argv\[0\].
pub trait Args<'a>: Iterator<Item = &'a [u8]> + Clone {}

impl<'a, T: Iterator<Item = &'a [u8]> + Clone> Args<'a> for T {}

/// One call of a shim.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a, A> {
    /// The program called.
    pub program: Program,
    /// Its arguments.
    pub args: A,
    /// Its environment.
    pub vars: Variables<'a>,
}

/// The environment variables that decide something; one that is empty counts as unset.
#[derive(Clone, Copy, Debug, Default)]
pub struct Variables<'a> {
    /// `GV_ROOT`: where the store is.
    pub gv_root: Option<&'a [u8]>,
    /// `GV_VERSION`: a selector.
    pub gv_version: Option<&'a [u8]>,
    /// `GOENV_VERSION`: a selector, after `GV_VERSION`.
    pub goenv_version: Option<&'a [u8]>,
    /// `GV_SHIM_PID`: the process that last ran a Go outside the store.
    pub shim_pid: Option<&'a [u8]>,
    /// `GOTOOLCHAIN_INTERNAL_SWITCH_VERSION`: the go command that calls wants exactly this one.
    pub switch_version: Option<&'a [u8]>,
    /// `GOWORK`: the workspace file, or `off`.
    pub gowork: Option<&'a [u8]>,
    /// `GO111MODULE`: whether go.mod counts.
    pub go111module: Option<&'a [u8]>,
    /// `PATH`.
    pub path: Option<&'a [u8]>,
    /// `PWD`: the current folder as the user came to it.
    pub pwd: Option<&'a [u8]>,
    /// `TMPDIR`: the go command ignores a go.mod that lies directly in it.
    pub tmpdir: Option<&'a [u8]>,
}

impl<'a> Variables<'a> {
    /// Notes one variable if it is one that matters. Of two with the same name the first counts.
    pub fn note(&mut self, name: &[u8], value: &'a [u8]) {
        if let Some(slot) = self.slot(name)
            && slot.is_none()
            && !value.is_empty()
        {
            *slot = Some(value);
        }
    }

    /// Where the value of a variable that matters is kept.
    pub(crate) fn slot(&mut self, name: &[u8]) -> Option<&mut Option<&'a [u8]>> {
        Some(match NAMES.iter().position(|known| *known == name)? {
            0 => &mut self.gv_root,
            1 => &mut self.gv_version,
            2 => &mut self.goenv_version,
            3 => &mut self.shim_pid,
            4 => &mut self.switch_version,
            5 => &mut self.gowork,
            6 => &mut self.go111module,
            7 => &mut self.path,
            8 => &mut self.pwd,
            _ => &mut self.tmpdir,
        })
    }
}

/// The names of the variables, in the order of [`Variables::slot`]. A table takes less of the shim than a comparison
/// for each.
const NAMES: [&[u8]; 10] = [
    b"GV_ROOT",
    b"GV_VERSION",
    b"GOENV_VERSION",
    b"GV_SHIM_PID",
    b"GOTOOLCHAIN_INTERNAL_SWITCH_VERSION",
    b"GOWORK",
    b"GO111MODULE",
    b"PATH",
    b"PWD",
    b"TMPDIR",
];

/// The folder that `-C` names, where the go command takes that flag: first after the command's name.
///
/// The commands `mod` and `work` have commands of their own; for no other does a second word come before flags.
pub fn chdir_flag<'a>(mut args: impl Args<'a>) -> Option<&'a [u8]> {
    let mut word = args.next()?;
    if matches!(word, b"mod" | b"work") {
        word = args.next()?;
    }
    if !word.starts_with(b"-") {
        word = args.next()?;
    }
    let flag = word.strip_prefix(b"-")?;
    match flag.strip_prefix(b"-").unwrap_or(flag) {
        b"C" => args.next(),
        flag => flag.strip_prefix(b"C="),
    }
}

/// The flags of `go run` that take a value; every other one that it knows is a switch.
const VALUED: [&[u8]; 20] = [
    b"C",
    b"asmflags",
    b"buildmode",
    b"compiler",
    b"covermode",
    b"coverpkg",
    b"debug-actiongraph",
    b"debug-runtime-trace",
    b"debug-trace",
    b"exec",
    b"gccgoflags",
    b"gcflags",
    b"installsuffix",
    b"ldflags",
    b"mod",
    b"modfile",
    b"overlay",
    b"p",
    b"pgo",
    b"tags",
];

/// The flags of `go install` and `go run` that take a value and are seldom seen.
const VALUED_TOO: [&[u8]; 2] = [b"pkgdir", b"toolexec"];

/// Whether this is `go install pkg@version` or `go run pkg@version`, which ignore the go.mod around them.
pub fn names_version<'a>(mut args: impl Args<'a>) -> bool {
    if !matches!(args.next(), Some(b"install" | b"run")) {
        return false;
    }
    while let Some(arg) = args.next() {
        if arg == b"--" {
            return args.next().is_some_and(has_version);
        }
        let Some(flag) = arg.strip_prefix(b"-") else {
            return has_version(arg);
        };
        let flag = flag.strip_prefix(b"-").unwrap_or(flag);
        if VALUED.contains(&flag) || VALUED_TOO.contains(&flag) {
            args.next();
        }
    }
    false
}

/// Whether a package argument has a version and is not a path.
fn has_version(package: &[u8]) -> bool {
    package.contains(&b'@') && !matches!(package.first(), Some(b'/' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(text: &str) -> impl Args<'_> {
        text.split_whitespace().map(str::as_bytes)
    }

    #[test]
    fn the_chdir_flag_is_taken_where_the_go_command_takes_it() {
        for (line, dir) in [
            ("build -C sub ./...", Some("sub")),
            ("build -C=sub", Some("sub")),
            ("build --C sub", Some("sub")),
            ("build --C=sub", Some("sub")),
            ("-C sub version", Some("sub")),
            ("mod tidy -C sub", Some("sub")),
            ("work use -C sub", Some("sub")),
            ("mod -C sub tidy", Some("sub")),
            ("build -v -C sub", None),
            ("build ./... -C sub", None),
            ("build -Cx", None),
            ("build -C", None),
            ("build", None),
            ("", None),
        ] {
            assert_eq!(chdir_flag(args(line)), dir.map(str::as_bytes), "{line}");
        }
    }

    #[test]
    fn a_package_with_a_version_is_seen_behind_flags() {
        for (line, seen) in [
            ("install example.com/a@latest", true),
            ("run example.com/a@v1.2.3 x", true),
            ("install -v -tags a example.com/a@latest", true),
            ("install -tags=a -race example.com/a@latest", true),
            ("run -exec xprog example.com/a@latest", true),
            ("install -- example.com/a@latest", true),
            ("install ./a@b", false),
            ("install /a@b", false),
            ("install -tags a@b ./...", false),
            ("run . a@b", false),
            ("install", false),
            ("get example.com/a@latest", false),
            ("build example.com/a@latest", false),
        ] {
            assert_eq!(names_version(args(line)), seen, "{line}");
        }
    }

    #[test]
    fn a_program_is_known_by_its_name() {
        assert_eq!(Program::from_name(b"/x/shims/go"), Some(Program::Go));
        assert_eq!(Program::from_name(b"gofmt"), Some(Program::Gofmt));
        assert_eq!(Program::from_name(b"shims/go1.20"), Some(Program::Exactly(Version::release(1, 20, 0))));
        for name in [&b"go1.21"[..], b"gotip", b"gv-shim", b"go1.22.3-custom", b""] {
            assert_eq!(Program::from_name(name), None);
        }
    }

    #[test]
    fn each_variable_has_its_own_place() {
        let mut vars = Variables::default();
        for name in NAMES {
            vars.note(name, name);
        }
        let values = [vars.gv_root, vars.gv_version, vars.goenv_version, vars.shim_pid, vars.switch_version];
        assert_eq!(values.map(Option::unwrap), NAMES[..5]);
        let values = [vars.gowork, vars.go111module, vars.path, vars.pwd, vars.tmpdir];
        assert_eq!(values.map(Option::unwrap), NAMES[5..]);
    }

    #[test]
    fn an_empty_variable_counts_as_unset() {
        let mut vars = Variables::default();
        vars.note(b"GV_VERSION", b"");
        vars.note(b"GV_VERSION", b"1.22");
        vars.note(b"GV_VERSION", b"1.23");
        assert_eq!(vars.gv_version, Some(&b"1.22"[..]));
    }
}
