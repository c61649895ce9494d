//! What policy engines see of podroute: the real program over real HTTP and
//! real TLS.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    // Metrics that count.
    clippy::float_cmp
)]

mod certificates;
#[path = "../daemon/cluster.rs"]
#[allow(dead_code)]
mod cluster;
#[path = "../simulators/kube/mod.rs"]
mod kube;
mod program;
mod shop;

mod admission;
mod evaluations;
mod gatekeeper;
mod hostile;
mod metrics;
mod openapi;
mod reviews;
mod start;
mod tls;
mod tokens;
mod watching;
