//! The module that is deployed, run by waPC and wasmtime as the policy server
//! runs it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod asked;
mod changes;
mod conformance;
mod fields;
mod hostile;
mod manifests;
mod module;
mod protocol;
mod refusals;
mod requests;
mod server;
mod sessions;
mod settings;
mod yaml;
