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
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::indexing_slicing))]

pub mod daemon;
pub mod policy;
pub mod profile;
pub mod render;
pub mod snapshot;
pub mod targets;

pub use policy::Policy;
pub use profile::Profile;
pub use snapshot::Snapshot;
