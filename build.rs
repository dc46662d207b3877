//! Hands the shim its link arguments: on Linux it has no C library, hence no start files and no dynamic linker.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "linux") {
        for argument in [
            "-nostartfiles",
            "-nostdlib",
            "-static",
            "-no-pie",
            "-Wl,--build-id=none",
            "-Wl,-z,noseparate-code",
            "-Wl,-z,norelro",
        ] {
            println!("cargo::rustc-link-arg-bin=gv-shim={argument}");
        }
    }
}
