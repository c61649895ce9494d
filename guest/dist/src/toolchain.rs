//! The compiler: which one, and its standard library for WebAssembly.

use std::env;
use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use crate::Result;
use crate::component::PREBUILT;

/// No WASI: what is not there cannot be imported.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// A program that cargo names in the environment of what it runs.
pub(crate) fn program(variable: &str, name: &str) -> OsString {
    env::var_os(variable).unwrap_or_else(|| name.into())
}

/// The compiler's own words: `rustc 1.95.0 (59807616e 2026-04-14)`.
pub fn rustc_version() -> Result<String> {
    rustc(&["--version"])
}

/// The standard library for WebAssembly, installed if need be.
pub(crate) fn ensure_target() -> Result<()> {
    if has_target()? {
        return Ok(());
    }
    let added = Command::new("rustup")
        .args(["target", "add", TARGET])
        .status()
        .is_ok_and(|status| status.success());
    if added && has_target()? {
        return Ok(());
    }
    Err(format!(
        "the policy is WebAssembly, and this toolchain has no standard library for {TARGET}.\n\
         `rustup target add {TARGET}` did not work. If rustup cannot reach its server, build the\n\
         library from source with Debian's compiler:\n\
         \n\
         apt-get install rustc-web cargo-web rust-web-src\n\
         PATH=/usr/bin:/bin RUSTC_BOOTSTRAP=1 \\\n\
         CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=$(rustc --print sysroot)/lib/rustlib/$(rustc --print host-tuple)/bin/rust-lld \\\n\
         /usr/bin/cargo build -Zbuild-std=std,panic_abort --target {TARGET} -p podroute-policy --lib --profile policy --target-dir target/policy-std\n\
         \n\
         and say where the result is:\n\
         {PREBUILT}=$PWD/target/policy-std/{TARGET}/policy/podroute_policy.wasm cargo build --release"
    )
    .into())
}

fn has_target() -> Result<bool> {
    let directory = rustc(&["--print", "target-libdir", "--target", TARGET]);
    Ok(directory.is_ok_and(|directory| Path::new(&directory).is_dir()))
}

fn rustc(arguments: &[&str]) -> Result<String> {
    let output = Command::new(program("RUSTC", "rustc"))
        .args(arguments)
        .output()
        .map_err(|error| format!("cannot run rustc: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}
