//! `podroute.trace/v1`.

use serde::Serialize;

use crate::Snapshot;
use crate::policy::{self, Trace, TracedAko, TracedClaim, TracedPod, TracedPool};
use crate::reported::{Finding, Route, Suppressed};

#[derive(Serialize)]
pub(super) struct Document {
    schema: &'static str,
    traces: Vec<Traced>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Traced {
    ip: String,
    route: Option<Route>,
    claims: Vec<Claim>,
    nearest: Vec<Route>,
    pods: Vec<Pod>,
    nodes: Vec<Placed>,
    services: Vec<Placed>,
    pools: Vec<Pool>,
    ako: Vec<Ako>,
    findings: Vec<Finding>,
    suppressed: Vec<Suppressed>,
    unseen: Vec<String>,
    undecided: Vec<String>,
}

/// A place inside an object, and where it stands in the input.
#[derive(Serialize)]
struct Placed {
    kind: String,
    namespace: Option<String>,
    name: String,
    field: Option<String>,
    /// `nodes.yaml:12`.
    places: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Claim {
    prefix: String,
    next_hop: Option<String>,
    node: String,
    source: Placed,
    withheld_by: Option<String>,
}

#[derive(Serialize)]
struct Pod {
    namespace: String,
    name: String,
    node: String,
    elsewhere: bool,
    places: Vec<String>,
}

#[derive(Serialize)]
struct Pool {
    name: String,
    prefix: String,
    source: Placed,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Ako {
    namespace: String,
    prefix: Option<String>,
    next_hop: Option<String>,
    node: Option<String>,
    reason: Option<String>,
    right: bool,
}

impl Document {
    pub(super) fn of(traces: &[Trace], snapshot: &Snapshot) -> Self {
        let traces = traces.iter();
        Self {
            schema: "podroute.trace/v1",
            traces: traces.map(|trace| Traced::of(trace, snapshot)).collect(),
        }
    }
}

impl Traced {
    fn of(trace: &Trace, snapshot: &Snapshot) -> Self {
        let placed = |object| Placed::of(object, snapshot);
        Self {
            ip: trace.ip.clone(),
            route: trace.route.as_ref().map(Into::into),
            claims: trace
                .claims
                .iter()
                .map(|claim| Claim::of(claim, snapshot))
                .collect(),
            nearest: trace.nearest.iter().map(Into::into).collect(),
            pods: trace
                .pods
                .iter()
                .map(|pod| Pod::of(pod, snapshot))
                .collect(),
            nodes: trace.nodes.iter().map(placed).collect(),
            services: trace.services.iter().map(placed).collect(),
            pools: trace
                .pools
                .iter()
                .map(|pool| Pool::of(pool, snapshot))
                .collect(),
            ako: trace.ako.iter().map(Into::into).collect(),
            findings: trace.findings.iter().map(Into::into).collect(),
            suppressed: trace.suppressed.iter().map(Into::into).collect(),
            unseen: trace.unseen.clone(),
            undecided: trace.undecided.clone(),
        }
    }
}

impl Placed {
    fn of(object: &policy::ObjectRef, snapshot: &Snapshot) -> Self {
        Self {
            kind: object.kind.clone(),
            namespace: object.namespace.clone(),
            name: object.name.clone(),
            field: object.field.clone(),
            places: places(object, snapshot),
        }
    }
}

impl Claim {
    fn of(claim: &TracedClaim, snapshot: &Snapshot) -> Self {
        Self {
            prefix: claim.prefix.clone(),
            next_hop: claim.next_hop.clone(),
            node: claim.node.clone(),
            source: Placed::of(&claim.source, snapshot),
            withheld_by: claim.withheld_by.clone(),
        }
    }
}

impl Pod {
    fn of(pod: &TracedPod, snapshot: &Snapshot) -> Self {
        Self {
            namespace: pod.namespace.clone(),
            name: pod.name.clone(),
            node: pod.node.clone(),
            elsewhere: pod.elsewhere,
            places: places(&pod_ref(pod), snapshot),
        }
    }
}

impl Pool {
    fn of(pool: &TracedPool, snapshot: &Snapshot) -> Self {
        Self {
            name: pool.name.clone(),
            prefix: pool.prefix.clone(),
            source: Placed::of(&pool.source, snapshot),
        }
    }
}

impl From<&TracedAko> for Ako {
    fn from(ako: &TracedAko) -> Self {
        Self {
            namespace: ako.namespace.clone(),
            prefix: ako.prefix.clone(),
            next_hop: ako.next_hop.clone(),
            node: ako.node.clone(),
            reason: ako.reason.clone(),
            right: ako.right,
        }
    }
}

pub(super) fn pod_ref(pod: &TracedPod) -> policy::ObjectRef {
    policy::ObjectRef {
        kind: "Pod".to_owned(),
        namespace: Some(pod.namespace.clone()),
        name: pod.name.clone(),
        field: Some("status.podIPs".to_owned()),
    }
}

fn places(object: &policy::ObjectRef, snapshot: &Snapshot) -> Vec<String> {
    let places = snapshot.locate(object);
    places.iter().map(ToString::to_string).collect()
}
