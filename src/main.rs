//! The manager: all that it does is in the library.

use std::process::ExitCode;

use gv::environment::Environment;
use gv::verify::Roots;

fn main() -> ExitCode {
    gv::run(std::env::args_os(), Environment::from_process(), std::env::current_exe().ok(), Roots::google())
}

/// The one function of `libm.so` that anything in gv calls, to estimate the rate of a transfer. With it here there is a
/// library less to load, which is a twentieth of what the start of a command takes.
#[unsafe(no_mangle)]
extern "C" fn pow(base: f64, exponent: f64) -> f64 {
    libm::pow(base, exponent)
}
