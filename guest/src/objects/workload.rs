//! DaemonSet, Deployment and StatefulSet (apps/v1): one shape, a Pod template.

use serde::Deserialize;

use super::metadata::{Metadata, WireMetadata};
use super::pod::{Container, WirePodSpec};

#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Workload {
    pub metadata: Metadata,
    /// The containers of the Pod template, without the init containers.
    pub containers: Vec<Container>,
    /// status, of DaemonSets only.
    pub rollout: Rollout,
}

/// How many Pods a DaemonSet has; None when the status does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Rollout {
    #[serde(rename = "desiredNumberScheduled")]
    pub desired: Option<i64>,
    #[serde(rename = "numberReady")]
    pub ready: Option<i64>,
    #[serde(rename = "numberUnavailable")]
    pub unavailable: Option<i64>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct WireWorkload<'a> {
    #[serde(borrow)]
    metadata: WireMetadata<'a>,
    #[serde(borrow)]
    spec: WireSpec<'a>,
    status: Option<Rollout>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireSpec<'a> {
    #[serde(borrow)]
    template: WireTemplate<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireTemplate<'a> {
    #[serde(borrow)]
    spec: WirePodSpec<'a>,
}

impl From<WireWorkload<'_>> for Workload {
    fn from(wire: WireWorkload<'_>) -> Self {
        Self {
            metadata: wire.metadata.into(),
            containers: wire.spec.template.spec.containers(),
            rollout: wire.status.unwrap_or_default(),
        }
    }
}
