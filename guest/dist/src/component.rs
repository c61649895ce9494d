//! The guest crate to WebAssembly, and the module to a component.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use wit_component::ComponentEncoder;

use crate::{Result, flags, toolchain};

/// A core module that was built elsewhere and is to be used instead.
pub const PREBUILT: &str = "PODROUTE_GUEST_MODULE";

/// What the component is made of, as paths in the workspace.
pub const SOURCES: [&str; 5] = [
    "guest/src",
    "guest/Cargo.toml",
    "wit",
    "Cargo.toml",
    "Cargo.lock",
];

/// Builds the component. Cargo holds a lock on the target directory of a build
/// script, so the guest gets a directory of its own in there.
pub fn build(workspace: &Path, target_directory: &Path) -> Result<Vec<u8>> {
    let module = match env::var_os(PREBUILT) {
        Some(path) => PathBuf::from(path),
        None => build_module(workspace, &target_directory.join("policy"))?,
    };
    let module = fs::read(&module).map_err(|error| {
        format!(
            "cannot read the policy module {}: {error}",
            module.display()
        )
    })?;
    Ok(ComponentEncoder::default()
        .validate(true)
        .module(&module)?
        .encode()?)
}

fn build_module(workspace: &Path, target_directory: &Path) -> Result<PathBuf> {
    toolchain::ensure_target()?;
    let status = Command::new(toolchain::program("CARGO", "cargo"))
        .current_dir(workspace)
        .args(["build", "--package", "podroute-policy", "--lib"])
        .args(["--profile", "policy", "--target", toolchain::TARGET])
        .arg("--target-dir")
        .arg(target_directory)
        .env("CARGO_ENCODED_RUSTFLAGS", flags::reproducible(workspace)?)
        // Set when clippy runs a build script; the guest is to be built.
        .env_remove("RUSTC_WORKSPACE_WRAPPER")
        .env_remove("CARGO_BUILD_TARGET")
        .status()?;
    if !status.success() {
        return Err("building the policy (package podroute-policy) failed; see above".into());
    }
    Ok(target_directory
        .join(toolchain::TARGET)
        .join("policy/podroute_policy.wasm"))
}
