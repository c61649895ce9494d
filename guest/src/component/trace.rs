//! Traces that go out over the contract.

use super::wit;
use crate::trace::{Trace, TracedAko, TracedClaim, TracedPod, TracedPool};

impl From<TracedClaim> for wit::TracedClaim {
    fn from(claim: TracedClaim) -> Self {
        Self {
            prefix: claim.prefix.to_string(),
            next_hop: claim.next_hop.map(|address| address.to_string()),
            node: claim.node,
            source: (&claim.source).into(),
            withheld_by: claim.withheld_by.map(str::to_owned),
        }
    }
}

impl From<TracedPod> for wit::TracedPod {
    fn from(pod: TracedPod) -> Self {
        Self {
            namespace: pod.namespace,
            name: pod.name,
            node: pod.node,
            elsewhere: pod.elsewhere,
        }
    }
}

impl From<TracedPool> for wit::TracedPool {
    fn from(pool: TracedPool) -> Self {
        Self {
            name: pool.name,
            prefix: pool.prefix.to_string(),
            source: (&pool.source).into(),
        }
    }
}

impl From<TracedAko> for wit::TracedAko {
    fn from(ako: TracedAko) -> Self {
        Self {
            namespace: ako.namespace,
            prefix: ako.prefix,
            next_hop: ako.next_hop.map(|address| address.to_string()),
            node: ako.node,
            reason: ako.reason,
            right: ako.right,
        }
    }
}

impl From<Trace> for wit::Trace {
    fn from(trace: Trace) -> Self {
        Self {
            ip: trace.ip.to_string(),
            route: trace.route.as_ref().map(Into::into),
            claims: trace.claims.into_iter().map(Into::into).collect(),
            nearest: trace.nearest.iter().map(Into::into).collect(),
            pods: trace.pods.into_iter().map(Into::into).collect(),
            nodes: trace.nodes.iter().map(Into::into).collect(),
            services: trace.services.iter().map(Into::into).collect(),
            pools: trace.pools.into_iter().map(Into::into).collect(),
            ako: trace.akos.into_iter().map(Into::into).collect(),
            findings: trace.findings.iter().map(Into::into).collect(),
            suppressed: trace.suppressed.iter().map(Into::into).collect(),
            unseen: trace.unseen.into_iter().map(str::to_owned).collect(),
            undecided: trace.undecided,
        }
    }
}
