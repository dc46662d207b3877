//! Hands the shim its link arguments: on Linux it has no C library, hence no start files and no dynamic linker, and
//! `shims/src/raw/shim.ld` lays it out as one piece.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=shims/src/raw/shim.ld");
    if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "linux") {
        let script = format!("{}/shims/src/raw/shim.ld", std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default());
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
}
