//! Building the module, and running it.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, LazyLock};

use serde_json::{Value, json};
use wapc::WapcHost;
use wasmtime_provider::{
    WasmtimeEngineProviderBuilder, WasmtimeEngineProviderPre as CompiledModule,
};

use crate::server::PolicyServer;

const TARGET: &str = "wasm32-unknown-unknown";

pub(crate) static BYTES: LazyLock<Vec<u8>> = LazyLock::new(|| fs::read(path()).unwrap());

static COMPILED: LazyLock<CompiledModule> = LazyLock::new(|| {
    let builder = WasmtimeEngineProviderBuilder::new().module_bytes(&BYTES);
    builder.build_pre().expect("a WebAssembly module")
});

/// The module that `PODROUTE_KUBEWARDEN_MODULE` names, or else one that is
/// built as the README says.
fn path() -> PathBuf {
    if let Some(path) = env::var_os("PODROUTE_KUBEWARDEN_MODULE") {
        return path.into();
    }
    let crate_dir = Path::new(env!("CARGO_MANIFEST_DIR"));
    let status = Command::new(env!("CARGO"))
        .current_dir(crate_dir)
        .args(["build", "--lib", "--profile", "policy", "--target", TARGET])
        .status()
        .unwrap();
    assert!(status.success(), "the module cannot be built");
    let target_dir = env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| crate_dir.join("../target"), |path| crate_dir.join(path));
    target_dir
        .join(TARGET)
        .join("policy/podroute_kubewarden.wasm")
}

/// An instance of the module, with a policy server to ask.
pub(crate) struct Policy(WapcHost);

impl Policy {
    pub(crate) fn beside(server: &Arc<PolicyServer>) -> Self {
        let server = Arc::clone(server);
        Self::with(move |question| server.list(question))
    }

    /// One with something else that answers what it asks.
    pub(crate) fn with(
        list: impl Fn(&[u8]) -> Result<Vec<u8>, String> + Send + Sync + 'static,
    ) -> Self {
        let callback = move |_, binding: &str, namespace: &str, operation: &str, payload: &[u8]| {
            let call = (binding, namespace, operation);
            assert_eq!(call, ("kubewarden", "kubernetes", "list_resources_all"));
            list(payload).map_err(Into::into)
        };
        let engine = COMPILED.rehydrate(None).unwrap();
        Self(WapcHost::new(Box::new(engine), Some(Box::new(callback))).unwrap())
    }

    /// One that has nobody to ask.
    pub(crate) fn alone() -> Self {
        Self::beside(&Arc::default())
    }

    /// The error is what the module itself says; a trap is a panic.
    pub(crate) fn call(&self, operation: &str, payload: &[u8]) -> Result<Vec<u8>, String> {
        self.0
            .call(operation, payload)
            .map_err(|error| match error {
                wapc::errors::Error::GuestCallFailure(message) => {
                    assert!(!message.contains("wasm backtrace"), "a trap: {message}");
                    message
                }
                error => panic!("{operation}: {error}"),
            })
    }

    pub(crate) fn validate(&self, request: &Value, settings: &Value) -> Value {
        let payload = json!({"request": request, "settings": settings}).to_string();
        let answer = self.call("validate", payload.as_bytes()).unwrap();
        serde_json::from_slice(&answer).unwrap()
    }
}
