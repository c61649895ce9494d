//! What has to be done to a table, told as stories: what the cluster wants,
//! what the table holds, and every line of the plan.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod aggregates;
mod confirmations;
mod contests;
mod foreign;
mod held;
mod owners;
mod properties;
mod routes;
mod tables;
mod watched;
mod withdrawal;
