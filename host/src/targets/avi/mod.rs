//! VRF contexts of an Avi Controller, over its REST API.
//!
//! The static routes of a VRF context are one list inside one object. Whoever
//! changes a route writes the whole object back, so everything in it that is
//! not ours is kept as text and goes back as it came. The controller refuses
//! a write that is based on an older state (`_last_modified`).
//!
//! A route is ours if it carries the label `clustername` with our name as its
//! value, and nothing else counts.

mod answer;
mod credentials;
mod listing;
mod object;
mod options;
mod route;
mod seg;
mod selectors;
mod session;
mod transport;
mod version;
mod vrf;
mod vrf_context;

pub use options::Options;
pub use vrf::parse_vrf;

/// The label that says whose route it is, and which service engine groups
/// get the routes of which cluster.
const OWNER_LABEL: &str = "clustername";

/// The tenant that owns what all tenants share.
const ADMIN: &str = "admin";
