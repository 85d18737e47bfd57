//! Links the library so that it stays in the process until the end: code of a library that is unloaded
//! under a living thread is gone (docs/architecture.md). On macOS, gives it a name without the path
//! where it was built.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    match std::env::var("CARGO_CFG_TARGET_OS").as_deref() {
        Ok("linux") => println!("cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete"),
        Ok("macos") => {
            println!("cargo::rustc-cdylib-link-arg=-Wl,-install_name,@rpath/libdisky_capi.dylib");
        }
        _ => {}
    }
}
