//! The admission webhook: what it makes of what the API server asks, the
//! certificate that it makes for itself, and what is deployed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod api_server;
mod certificates;
mod deployed;
mod examples;
mod exemptions;
mod failures;
mod hostile;
#[path = "../simulators/kube/mod.rs"]
mod kube;
mod manifests;
mod messages;
mod metrics;
mod operations;
mod reviewer;
