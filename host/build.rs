//! Builds the policy: the guest crate to WebAssembly, the module to a
//! component, and the component to machine code, so that starting podroute
//! does not compile anything.

use std::env;
use std::error::Error;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use wasmtime::Engine;
use wit_component::ComponentEncoder;

#[path = "src/policy/engine_config.rs"]
mod engine_config;

const TARGET: &str = "wasm32-unknown-unknown";
/// A core module that was built elsewhere and is to be used instead.
const PREBUILT: &str = "PODROUTE_GUEST_MODULE";

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() {
    if let Err(error) = build() {
        for line in error.to_string().lines() {
            println!("cargo::error={line}");
        }
        std::process::exit(1);
    }
}

fn build() -> Result<()> {
    let manifest_dir = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    let workspace = manifest_dir
        .parent()
        .ok_or("the host crate lies in no workspace")?;
    let out_dir = PathBuf::from(variable("OUT_DIR")?);

    for path in [
        "guest/src",
        "guest/Cargo.toml",
        "wit",
        "Cargo.toml",
        "Cargo.lock",
    ] {
        println!("cargo::rerun-if-changed={}", workspace.join(path).display());
    }
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src/policy/engine_config.rs");
    println!("cargo::rerun-if-env-changed={PREBUILT}");

    let module = match env::var_os(PREBUILT) {
        Some(path) => PathBuf::from(path),
        None => build_guest(workspace, &out_dir)?,
    };
    let module = fs::read(&module).map_err(|error| {
        format!(
            "cannot read the policy module {}: {error}",
            module.display()
        )
    })?;
    let component = ComponentEncoder::default()
        .validate(true)
        .module(&module)?
        .encode()?;
    fs::write(out_dir.join("podroute-policy.wasm"), &component)?;

    let target = variable("TARGET")?;
    let engine = Engine::new(&engine_config::config(Some(&target))?)?;
    let compiled = engine.precompile_component(&component)?;
    fs::write(out_dir.join("podroute-policy.cwasm"), compiled)?;
    println!("cargo::rustc-env=PODROUTE_POLICY_TARGET={target}");
    Ok(())
}

/// Builds the guest crate in a target directory of its own: cargo holds a lock
/// on the one that this script is run for.
fn build_guest(workspace: &Path, out_dir: &Path) -> Result<PathBuf> {
    ensure_target()?;
    // OUT_DIR is TARGET_DIR/PROFILE/build/podroute-HASH/out.
    let target_dir = out_dir
        .ancestors()
        .nth(4)
        .ok_or("OUT_DIR does not lie in a target directory")?
        .join("policy");
    let status = Command::new(variable("CARGO")?)
        .current_dir(workspace)
        .args(["build", "--package", "podroute-policy", "--lib"])
        .args(["--profile", "policy", "--target", TARGET, "--target-dir"])
        .arg(&target_dir)
        .env("CARGO_ENCODED_RUSTFLAGS", reproducible_flags(workspace))
        // Set when clippy runs this script; the guest is to be built.
        .env_remove("RUSTC_WORKSPACE_WRAPPER")
        .env_remove("CARGO_BUILD_TARGET")
        .status()?;
    if !status.success() {
        return Err("building the policy (package podroute-policy) failed; see above".into());
    }
    Ok(target_dir.join(TARGET).join("policy/podroute_policy.wasm"))
}

/// Paths of this machine must not end up in the component.
fn reproducible_flags(workspace: &Path) -> OsString {
    let cargo_home = env::var_os("CARGO_HOME").map_or_else(
        || PathBuf::from(env::var_os("HOME").unwrap_or_default()).join(".cargo"),
        PathBuf::from,
    );
    let mut flags = OsString::from("--remap-path-prefix=");
    flags.push(workspace);
    flags.push("=/podroute\u{1f}--remap-path-prefix=");
    flags.push(cargo_home);
    flags.push("=/cargo");
    flags
}

/// The standard library for WebAssembly, installed if need be.
fn ensure_target() -> Result<()> {
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
    let output = Command::new(variable("RUSTC")?)
        .args(["--print", "target-libdir", "--target", TARGET])
        .output()?;
    let directory = String::from_utf8(output.stdout)?;
    Ok(output.status.success() && Path::new(directory.trim()).is_dir())
}

fn variable(name: &str) -> Result<String> {
    env::var(name).map_err(|error| format!("{name}: {error}").into())
}
