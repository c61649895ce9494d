//! The target `linux` in network namespaces of its own, through the real
//! kernel.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod namespace;
mod notices;
mod others;
mod packets;
mod plan;
mod privileges;
mod routes;
mod rules;
mod vrf;
