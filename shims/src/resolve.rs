//! What a call asks for, and why: the first answer wins.
//!
//! 1. a first argument that begins with `+`;
//! 2. the program's own name, `go1.22.3`, or what the go command that called wants;
//! 3. `GV_VERSION`, then `GOENV_VERSION`;
//! 4. the nearest `.go-version` or `.tool-versions`;
//! 5. the floor of go.work or go.mod;
//! 6. `current`; what comes after it when there is none is [`crate::locate`]'s to say.

use crate::call::{Args, Call, Program, names_version};
use crate::errno::Errno;
use crate::files::{Broken, Pin, words};
use crate::floor::{Floor, Needs};
use crate::room::Room;
use crate::selector::Selector;
use crate::system::System;
use crate::version::Version;
use crate::walk::{self, VersionFile};

/// What a call asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked<'a> {
    /// What a selector means.
    Selector(Selector<'a>),
    /// The first of these selectors that is installed; white space stands between them.
    FirstOf(&'a str),
    /// A Go that is new enough.
    Floor(Floor),
    /// Nothing in particular.
    Current,
}

impl Asked<'_> {
    /// Whether only the list of what is installed can tell what this means.
    pub fn takes_list(&self) -> bool {
        matches!(self, Asked::FirstOf(_) | Asked::Selector(Selector::Latest | Selector::OldStable | Selector::Range(_)))
    }
}

/// Where that was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin<'a> {
    /// A first argument that begins with `+`.
    Argument,
    /// The program's name, `go1.22.3`.
    Program,
    /// An environment variable of this name.
    Variable(&'static str),
    /// A line of a file, from 1; 0 stands for the file as a whole.
    File {
        /// Absolute.
        path: &'a [u8],
        /// From 1.
        line: u32,
    },
    /// Nothing was asked for.
    Nowhere,
}

/// What is asked for, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer<'a> {
    /// What.
    pub asked: Asked<'a>,
    /// Why.
    pub origin: Origin<'a>,
}

/// Why it cannot be said what is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Problem<'a> {
    /// What is wrong.
    pub fault: Fault<'a>,
    /// Where.
    pub origin: Origin<'a>,
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault<'a> {
    /// This is no selector.
    NotASelector(&'a [u8]),
    /// `ref:` or `path:` in a `.tool-versions`.
    Unsupported(&'a [u8]),
    /// A version file names no version.
    Empty,
    /// A version file is a folder, a FIFO, a socket or a device.
    NotAFile,
    /// A version file cannot be read, or the current folder's path is too long for its files to be.
    Unreadable(Errno),
}

/// Says what a call asks for; what that takes of the room, the answer borrows.
pub fn resolve<'a, 'c: 'a, S: System>(
    system: &S,
    call: &Call<'c, impl Args<'c>>,
    room: &mut Room<'a>,
) -> Result<Answer<'a>, Problem<'a>> {
    match explicit(call) {
        Some(answer) => answer,
        None => implied(system, call, room),
    }
}

/// Rows 1 to 3: what the call itself says.
fn explicit<'a>(call: &Call<'a, impl Args<'a>>) -> Option<Result<Answer<'a>, Problem<'a>>> {
    if let Program::Exactly(version) = call.program {
        return Some(Ok(exactly(version, Origin::Program)));
    }
    if let Some(text) = call.args.clone().next().and_then(|arg| arg.strip_prefix(b"+")) {
        return Some(selector(text, Origin::Argument));
    }
    if let Some(version) = call.vars.switch_version.and_then(Version::from_go_name) {
        return Some(Ok(exactly(version, Origin::Variable("GOTOOLCHAIN_INTERNAL_SWITCH_VERSION"))));
    }
    if let Some(text) = call.vars.gv_version {
        return Some(selector(text, Origin::Variable("GV_VERSION")));
    }
    call.vars.goenv_version.map(|text| selector(text, Origin::Variable("GOENV_VERSION")))
}

/// Rows 4 to 6: what the folder says, or nobody.
fn implied<'a, 'c: 'a, S: System>(
    system: &S,
    call: &Call<'c, impl Args<'c>>,
    room: &mut Room<'a>,
) -> Result<Answer<'a>, Problem<'a>> {
    let nowhere = |errno| Problem { fault: Fault::Unreadable(errno), origin: Origin::Nowhere };
    let Some(start) = walk::start(system, call, room).map_err(nowhere)? else { return Ok(NOTHING) };
    if let Some(VersionFile { path, says }) = walk::pin(system, start, room).map_err(nowhere)? {
        let path = path.as_bytes();
        return says.map(|pin| pinned(&pin, path)).map_err(|broken| problem(&broken, path));
    }
    if call.program == Program::Go && names_version(call.args.clone()) {
        return Ok(NOTHING);
    }
    let Some((path, needs)) = walk::needs(system, &call.vars, start, room) else { return Ok(NOTHING) };
    let Some(floor) = needs.floor() else { return Ok(NOTHING) };
    Ok(Answer { asked: Asked::Floor(floor), origin: Origin::File { path: path.as_bytes(), line: floor.line } })
}

/// What the go command will read in the folder where this call would run it, whatever is pinned there; and the path
/// of the file that says so.
pub fn needs<'a, 'c: 'a, S: System>(
    system: &S,
    call: &Call<'c, impl Args<'c>>,
    room: &mut Room<'a>,
) -> Option<(Needs, &'a [u8])> {
    let start = walk::start(system, call, room).ok()??;
    let (path, needs) = walk::needs(system, &call.vars, start, room)?;
    Some((needs, path.as_bytes()))
}

const NOTHING: Answer<'static> = Answer { asked: Asked::Current, origin: Origin::Nowhere };

fn exactly(version: Version, origin: Origin<'_>) -> Answer<'_> {
    Answer { asked: Asked::Selector(Selector::Exact(version)), origin }
}

/// Reads a selector that stands alone.
fn selector<'a>(text: &'a [u8], origin: Origin<'a>) -> Result<Answer<'a>, Problem<'a>> {
    match core::str::from_utf8(text).ok().and_then(Selector::parse) {
        Some(selector) => Ok(Answer { asked: Asked::Selector(selector), origin }),
        None => Err(Problem { fault: Fault::NotASelector(text), origin }),
    }
}

/// What a pin asks for; the readers have checked that it is one selector or several.
fn pinned<'a>(pin: &Pin<'a>, path: &'a [u8]) -> Answer<'a> {
    let text = core::str::from_utf8(pin.text).unwrap_or_default();
    let asked = Selector::parse(text).map_or(Asked::FirstOf(text), Asked::Selector);
    Answer { asked, origin: Origin::File { path, line: pin.line } }
}

fn problem<'a>(broken: &Broken<'a>, path: &'a [u8]) -> Problem<'a> {
    let (line, fault) = match *broken {
        Broken::NotAFile => (0, Fault::NotAFile),
        Broken::Unreadable(errno) => (0, Fault::Unreadable(errno)),
        Broken::Empty => (0, Fault::Empty),
        Broken::NotASelector(pin) => (pin.line, Fault::NotASelector(pin.text)),
        Broken::Unsupported(pin) => (pin.line, Fault::Unsupported(pin.text)),
    };
    Problem { fault, origin: Origin::File { path, line } }
}

/// The selectors of [`Asked::FirstOf`], in order.
pub fn each(text: &str) -> impl Iterator<Item = Selector<'_>> {
    words(text.as_bytes()).filter_map(|word| core::str::from_utf8(word).ok().and_then(Selector::parse))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made::{Made, Node, call};
    use crate::message::Message;
    use crate::room::space;

    /// The answer in words: what, then by whom.
    fn said(made: &Made, line: &str, vars: &[(&str, &str)]) -> String {
        let (mut space, mut more) = (space(), space());
        let mut message = Message::new(&mut Room::new(&mut more));
        match resolve(made, &call(line, vars), &mut Room::new(&mut space)) {
            Ok(answer) => {
                if answer.asked == Asked::Current {
                    return "current".to_owned();
                }
                message.put_asked(&answer.asked).put(" by ").put_origin(&answer.origin);
            }
            Err(problem) => _ = message.put_problem(&problem),
        }
        String::from_utf8(message.as_bytes().to_vec()).unwrap()
    }

    fn app() -> Made {
        Made::new("/app/sub/deep")
    }

    #[test]
    fn the_first_answer_wins() {
        let made = app().file("/app/.go-version", "1.22.3").file("/app/sub/go.mod", "go 1.24.1");
        let vars = [("GV_VERSION", "1.20"), ("GOENV_VERSION", "1.19")];
        let switch = ("GOTOOLCHAIN_INTERNAL_SWITCH_VERSION", "go1.23.4");
        assert_eq!(said(&made, "+1.21 test", &[vars[0], switch]), "1.21 by the command line");
        assert_eq!(said(&made, "test", &[vars[0], switch]), "1.23.4 by GOTOOLCHAIN_INTERNAL_SWITCH_VERSION");
        assert_eq!(said(&made, "test", &vars), "1.20 by GV_VERSION");
        assert_eq!(said(&made, "test", &vars[1..]), "1.19 by GOENV_VERSION");
        assert_eq!(said(&made, "test", &[]), "1.22.3 by /app/.go-version:1");
    }

    #[test]
    fn the_programs_own_name_wins_over_everything() {
        let made = app().file("/app/.go-version", "1.22.3");
        let mut call = call("+1.21 version", &[("GV_VERSION", "1.20")]);
        call.program = Program::Exactly(Version::release(1, 23, 4));
        let mut space = space();
        let answer = resolve(&made, &call, &mut Room::new(&mut space)).unwrap();
        assert_eq!(answer, exactly(Version::release(1, 23, 4), Origin::Program));
    }

    #[test]
    fn the_nearest_pin_wins_and_go_version_before_tool_versions() {
        let made = app()
            .file("/app/sub/.tool-versions", "nodejs 20\ngolang 1.21.13\n")
            .file("/app/.go-version", "1.22.3")
            .file("/app/.tool-versions", "go 1.20");
        assert_eq!(said(&made, "", &[]), "1.21.13 by /app/sub/.tool-versions:2");
        assert_eq!(said(&made, "build -C /app", &[]), "1.22.3 by /app/.go-version:1");
        assert_eq!(said(&made, "build -C /nowhere", &[]), "1.21.13 by /app/sub/.tool-versions:2");
        assert_eq!(said(&app().file("/.go-version", "1.22.3"), "", &[]), "1.22.3 by /.go-version:1");
    }

    /// Written after cmd/go/internal/toolchain/select.go and modload's FindGoWork and FindGoMod.
    #[test]
    fn the_floor_is_the_one_that_the_go_command_would_find() {
        let made = || app().file("/app/go.mod", "module m\ngo 1.22.3\n").file("/lib/x.work", "go 1.25.0");
        let work = || made().file("/app/go.work", "go 1.23.0\ntoolchain go1.24.1\n");
        for (made, line, vars, expected) in [
            (made(), "build", &[][..], "1.22.3 by /app/go.mod:2"),
            (work(), "build", &[], "1.24.1 by /app/go.work:2"),
            (work(), "build", &[("GOWORK", "off")], "1.22.3 by /app/go.mod:2"),
            (work(), "build", &[("GOWORK", "auto")], "1.24.1 by /app/go.work:2"),
            (work(), "build", &[("GOWORK", "/lib/x.work")], "1.25.0 by /lib/x.work:1"),
            (work(), "build", &[("GOWORK", "/lib/none.work")], "1.22.3 by /app/go.mod:2"),
            (work(), "build", &[("GOWORK", "x.work")], "current"),
            (work(), "build", &[("GO111MODULE", "off")], "current"),
            (work(), "build", &[("GO111MODULE", "on")], "1.24.1 by /app/go.work:2"),
            (work(), "build", &[("GO111MODULE", "auto")], "1.24.1 by /app/go.work:2"),
            (work(), "install x.org/p@latest", &[], "current"),
            (work(), "run -race x.org/p@v1.2.3", &[], "current"),
            (work(), "install ./...", &[], "1.24.1 by /app/go.work:2"),
            (work(), "build -C /lib", &[], "current"),
            // A workspace anywhere above wins over a nearer module, even if it needs nothing.
            (made().file("/go.work", "use ./app"), "build", &[], "current"),
            (made().file("/app/sub/go.mod", "go 1.21"), "build", &[], "1.21.0 by /app/sub/go.mod:1"),
            (made().with("/app/sub/go.mod", Node::Folder), "build", &[], "1.22.3 by /app/go.mod:2"),
            (made(), "build", &[("TMPDIR", "/app/")], "current"),
            (made().file("/app/sub/go.mod", "go {"), "build", &[], "current"),
            (made().file("/app/.go-version", "1.21.13"), "build", &[], "1.21.13 by /app/.go-version:1"),
        ] {
            assert_eq!(said(&made, line, vars), expected, "{line} {vars:?}");
        }
    }

    #[test]
    fn the_walk_follows_pwd_when_that_is_the_current_folder() {
        let made = app().file("/app/.go-version", "1.22.3").file("/else/.go-version", "1.20");
        assert_eq!(said(&made, "", &[("PWD", "/else")]), "1.22.3 by /app/.go-version:1");
        assert_eq!(said(&made, "", &[("PWD", "/app/sub/deep/.")]), "1.22.3 by /app/.go-version:1");
        assert_eq!(said(&made, "", &[("PWD", "/app/sub/deep")]), "1.22.3 by /app/.go-version:1");
    }

    #[test]
    fn a_deep_folder_is_climbed_to_the_top_whatever_is_closed_on_the_way() {
        const DEEP: &str = "/a/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/18/19/20/21/22/23/24/25/26/27/28/29/30";
        let made = || Made::new(DEEP).file("/a/go.mod", "go 1.24.1");
        assert_eq!(said(&made(), "", &[]), "1.24.1 by /a/go.mod:1");
        for (above, _) in DEEP.match_indices('/').skip(2) {
            let (folder, pin) = (&DEEP[..above], format!("{}/.go-version", &DEEP[..above]));
            let pinned = made().file(&pin, "1.22.3");
            assert_eq!(said(&pinned, "", &[]), format!("1.22.3 by {pin}:1"));
            let closed = made().file(&pin, "1.22.3").with(folder, Node::Closed).file("/a/.go-version", "1.23.4");
            assert_eq!(said(&closed, "", &[]), "1.23.4 by /a/.go-version:1", "{folder} is closed");
        }
    }

    #[test]
    fn row_48_a_deleted_folder_or_a_closed_one_leads_to_the_next_source() {
        let mut gone = app().file("/app/.go-version", "1.22.3");
        gone.cwd = None;
        assert_eq!(said(&gone, "", &[("PWD", "/app/sub/deep")]), "current");
        assert_eq!(said(&gone, "+1.21", &[]), "1.21 by the command line");
        let closed = app().file("/app/.go-version", "1.22.3").with("/app/sub", Node::Closed);
        assert_eq!(said(&closed, "", &[]), "1.22.3 by /app/.go-version:1");
    }

    #[test]
    fn row_47_a_broken_pin_is_told_with_its_file_line_and_way_out() {
        let hint = "; write one with `gv local 1.22.3`";
        for (node, expected) in [
            (Node::File(b"\n$(x)".to_vec()), "gv: /app/.go-version:2: \"$(x)\" is not a version"),
            (Node::File(b"#".to_vec()), "gv: /app/.go-version: it names no version"),
            (Node::Fifo, "gv: /app/.go-version: it is not a regular file"),
        ] {
            let made = app().with("/app/.go-version", node).file("/.go-version", "1.22");
            assert_eq!(said(&made, "", &[]), format!("{expected}{hint}"));
        }
        let made = app().with("/app/.go-version", Node::Refuses(Errno::ACCES));
        let expected = "gv: /app/.go-version: permission denied; make it readable or remove it";
        assert_eq!(said(&made, "", &[]), expected);
        let vars = [("GV_VERSION", "../x")];
        let expected = "gv: GV_VERSION: \"../x\" is not a version; a version looks like 1.22.3, 1.22 or latest";
        assert_eq!(said(&app(), "", &vars), expected);
    }
}
