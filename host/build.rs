//! Builds the policy: the guest crate to WebAssembly, the module to a
//! component, and the component to machine code, so that starting podroute
//! does not compile anything.

use std::env;
use std::fs;
use std::path::PathBuf;

use podroute_dist::{Result, component};
use wasmtime::Engine;

#[path = "src/policy/engine_config.rs"]
mod engine_config;

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

    for path in component::SOURCES {
        println!("cargo::rerun-if-changed={}", workspace.join(path).display());
    }
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src/policy/engine_config.rs");
    println!("cargo::rerun-if-env-changed={}", component::PREBUILT);

    // OUT_DIR is TARGET_DIR/PROFILE/build/podroute-HASH/out.
    let target_directory = out_dir
        .ancestors()
        .nth(4)
        .ok_or("OUT_DIR does not lie in a target directory")?;
    let component = component::build(workspace, target_directory)?;
    fs::write(out_dir.join("podroute-policy.wasm"), &component)?;

    let target = variable("TARGET")?;
    let engine = Engine::new(&engine_config::config(Some(&target))?)?;
    let compiled = engine.precompile_component(&component)?;
    fs::write(out_dir.join("podroute-policy.cwasm"), compiled)?;
    println!("cargo::rustc-env=PODROUTE_POLICY_TARGET={target}");
    Ok(())
}

fn variable(name: &str) -> Result<String> {
    env::var(name).map_err(|error| format!("{name}: {error}").into())
}
