//! The manager: all that it does is in the library.

use std::process::ExitCode;

use gv::environment::Environment;
use gv::verify::Roots;

fn main() -> ExitCode {
    gv::run(std::env::args_os(), Environment::from_process(), std::env::current_exe().ok(), Roots::google())
}
