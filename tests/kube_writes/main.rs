//! What the daemon writes to the Kubernetes API: the Lease that says who
//! leads, Events, and a ClusterReport.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod annotations;
mod election;
mod events;
mod replica;
mod report;
mod simulator;
mod storm;
