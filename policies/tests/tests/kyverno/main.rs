//! What is deployed to Kyverno. Kyverno itself does not run here: the policies'
//! own expressions are evaluated as its source does, and ask a real podroute.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod cluster_policy;
mod outcome;
mod request;
mod stories;
mod substitution;
mod validating_policy;
