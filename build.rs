//! Hands both programs the link arguments that decide what their start costs.

use std::path::Path;
use std::process::Command;
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=shims/src/raw/shim.ld");
    if variable("CARGO_CFG_TARGET_OS") == "linux" {
        shim();
        unwinder();
    }
}

/// On Linux the shim has no C library, hence no start files and no dynamic linker, and `shims/src/raw/shim.ld` lays it
/// out as one piece.
fn shim() {
    let script = format!("{}/shims/src/raw/shim.ld", variable("CARGO_MANIFEST_DIR"));
    // Not by -Wl, which takes a comma in the folder's name for its own.
    for argument in [
        "-nostartfiles",
        "-nostdlib",
        "-static",
        "-no-pie",
        "-Wl,--build-id=none",
        "-Wl,--no-eh-frame-hdr",
        "-Xlinker",
        "-T",
        "-Xlinker",
        &script,
    ] {
        println!("cargo::rustc-link-arg-bin=gv-shim={argument}");
    }
}

/// Links the unwinder, which std wants for the backtrace of a panic, into the program instead of loading `libgcc_s.so`.
/// That library's start asks the processor twelve times what it is, and in a virtual machine each time leaves it: loading
/// it costs gv a fifth of its start. Where the compiler has no such archive, it is loaded as ever.
fn unwinder() {
    println!("cargo::rerun-if-env-changed=RUSTC_LINKER");
    let linker = env::var_os("RUSTC_LINKER").unwrap_or_else(|| "cc".into());
    let Ok(answer) = Command::new(linker).arg("-print-file-name=libgcc_eh.a").output() else { return };
    // The compiler answers with the bare name when it has none.
    if Path::new(String::from_utf8_lossy(&answer.stdout).trim()).is_absolute() {
        let folder = variable("OUT_DIR");
        let script = Path::new(&folder).join("libgcc_s.so");
        fs::write(script, "INPUT(-lgcc_eh)\n").expect("cargo made this folder");
        println!("cargo::rustc-link-search=native={folder}");
    }
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_default()
}
