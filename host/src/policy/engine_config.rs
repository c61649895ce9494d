//! How the policy is compiled. The build script, which compiles it ahead of
//! time, and the host, which runs it, must agree on every word of this, so
//! both include this file.

use wasmtime::Config;

/// The engine's configuration. `target` pins the instruction set: without it
/// the policy would be compiled for the very processor of the build machine.
pub(crate) fn config(target: Option<&str>) -> wasmtime::Result<Config> {
    let mut config = Config::new();
    config.wasm_component_model(true);
    // Deadlines. Epochs cost half of what counting instructions costs.
    config.epoch_interruption(true);
    if let Some(target) = target {
        config.target(target)?;
    }
    Ok(config)
}
