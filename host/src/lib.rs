//! podroute: which node must a packet for a pod go to, and is the cluster
//! configured so that it will arrive?
//!
//! An external load balancer that sends traffic straight to pods needs one
//! static route per pod CIDR. [`Policy`] works them out from Kubernetes
//! objects, and finds what would make them wrong:
//!
//! ```
//! use podroute::{Policy, policy::Settings};
//!
//! let node = r#"{
//!     "apiVersion": "v1", "kind": "Node",
//!     "metadata": {"name": "worker-1"},
//!     "spec": {"podCIDR": "10.244.1.0/24", "podCIDRs": ["10.244.1.0/24"]},
//!     "status": {"addresses": [{"type": "InternalIP", "address": "192.0.2.11"}]}
//! }"#;
//! let settings = Settings { cni: Some("kubernetes".to_owned()), ..Settings::default() };
//! let report = Policy::built_in()?.evaluate(&[node.to_owned()], &settings)?;
//! assert_eq!(report.routes[0].prefix, "10.244.1.0/24");
//! assert_eq!(report.routes[0].next_hop, "192.0.2.11");
//! # Ok::<(), podroute::policy::Error>(())
//! ```
//!
//! [`Policy::open`] keeps a cluster that is changed object by object, and
//! [`snapshot`] reads clusters from files.
//!
//! # Embedding
//!
//! Make one [`Policy`] at the start: [`Policy::built_in`], or
//! [`Policy::from_file`] for another component of the same world. Clones share
//! the compiled code, and calls may run in parallel. Every call is bounded by
//! [`policy::Limits`]; what the policy does beyond them, or wrongly, is a
//! [`policy::Error`] and not a dead program:
//!
//! ```
//! use std::time::Duration;
//!
//! use podroute::Policy;
//! use podroute::policy::{Change, Error, Limits, ObjectKey, Settings, Verdict};
//!
//! let policy = Policy::built_in()?.with_limits(Limits {
//!     memory: 256 << 20,
//!     deadline: Duration::from_secs(5),
//! });
//!
//! // What would a change do to a cluster? Here: take out a node that is not there.
//! let mut cluster = policy.open(&Settings::default())?;
//! let worker = ObjectKey {
//!     kind: "Node".to_owned(),
//!     namespace: None,
//!     name: "worker-1".to_owned(),
//! };
//! let review = cluster.review(&[Change::Delete(worker)])?;
//! assert!(matches!(review.verdict, Verdict::Allow));
//!
//! // In 64 KiB there is no room for it, and that harms nobody else.
//! let cramped = policy.clone().with_limits(Limits {
//!     memory: 64 << 10,
//!     ..Limits::default()
//! });
//! assert!(matches!(cramped.rules(), Err(Error::OutOfMemory(_))));
//! assert!(policy.rules().is_ok());
//! # Ok::<(), Error>(())
//! ```
//!
//! An error is never a verdict, and neither is a report or a review whose
//! `undecided` is not empty: what then happens to a change is the caller's to
//! decide. `examples/embed.rs` is a whole program.
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)
)]

pub mod admission;
pub mod baseline;
pub mod capture;
pub mod clusters;
pub mod daemon;
pub mod diff;
pub mod engines;
pub mod formats;
pub mod observed;
pub mod policy;
pub mod profile;
pub mod render;
pub mod reported;
pub mod snapshot;
pub mod targets;
pub mod traces;
mod web;

pub use policy::Policy;
pub use profile::Profile;
pub use snapshot::Snapshot;
