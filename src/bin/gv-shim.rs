//! The shim: `go`, `gofmt` and `go1.22.3` on PATH. All that it does is in the library `gv_shim`.
//!
//! On Linux it has neither std nor a C library, because starting those takes longer than all else that it does.
//! As a test it is checked with the others (`clippy --all-targets`), and a test has std.
#![cfg_attr(all(target_os = "linux", not(test)), no_std, no_main)]

#[cfg(all(target_os = "linux", target_arch = "x86_64", not(test)))]
core::arch::global_asm!(
    include_str!("../../shims/src/raw/x86_64.s"),
    free = const gv_shim::raw::process::FREE,
    room = const gv_shim::room::ENOUGH,
);
#[cfg(all(target_os = "linux", target_arch = "aarch64", not(test)))]
core::arch::global_asm!(
    include_str!("../../shims/src/raw/aarch64.s"),
    free = const gv_shim::raw::process::FREE,
    room = const gv_shim::room::ENOUGH,
);
#[cfg(all(target_os = "linux", not(test)))]
gv_shim::program!();

#[cfg(any(not(target_os = "linux"), test))]
fn main() -> std::process::ExitCode {
    gv::system::shim()
}
