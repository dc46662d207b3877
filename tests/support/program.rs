//! gv as the tests run it: the same program, but for roots of trust that the tests have the keys of.
//!
//! They are read from the folder that `GV_TEST_ROOTS` names; one that is absent there vouches for nothing. Without the
//! variable they are the real ones. gv itself has no such door.

use std::path::Path;
use std::process::ExitCode;

use gv::environment::Environment;
use gv::verify::Roots;

fn main() -> ExitCode {
    let roots = std::env::var_os("GV_TEST_ROOTS").map_or_else(Roots::google, |dir| roots(Path::new(&dir)));
    gv::run(std::env::args_os(), Environment::from_process(), std::env::current_exe().ok(), roots)
}

fn roots(dir: &Path) -> Roots {
    let read = |name: &str| std::fs::read_to_string(dir.join(name)).unwrap_or_default();
    Roots::from_parts(read("primary.fpr").trim(), read("cert.asc"), read("sumdb.vkey").trim(), read("head.note"))
}
