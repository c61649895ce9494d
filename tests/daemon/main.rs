//! `podroute run` as a user runs it: the real program against simulators of
//! the Kubernetes API server and of the Avi Controller.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    // Metrics that count.
    clippy::float_cmp
)]

#[path = "../simulators/avi/mod.rs"]
mod avi;
mod cluster;
#[path = "../simulators/kube/mod.rs"]
mod kube;
mod looking;
mod manifests;
#[cfg(target_os = "linux")]
#[path = "../targets/linux/namespace.rs"]
mod namespace;
mod podroute;
mod seen;
mod vrf;
mod wire;

mod ako;
mod avi_faults;
mod beside_ako;
mod bursts;
mod changing;
mod confirming;
mod crashes;
mod documented;
mod file;
mod keeping;
mod killing;
mod leading;
#[cfg(target_os = "linux")]
mod linux;
mod nodes;
mod once;
mod outside;
mod owners;
mod rbac;
mod safety;
mod sharing;
mod sources;
