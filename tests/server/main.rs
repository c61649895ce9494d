//! What is seen of the daemon from outside, over real HTTP and real TLS.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod daemon;
mod documents;
mod endpoints;
mod hostile;
mod log;
mod metrics;
mod probes;
mod start;
mod status;
mod tls;
mod tokens;
