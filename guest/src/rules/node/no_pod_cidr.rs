//! node/no-pod-cidr: a node without a pod CIDR of a family that is in use.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::{required, source};
use crate::detect::Place;
use crate::detect::ipam::IpamMode;
use crate::objects::Kind;
use crate::objects::annotations::names;
use crate::objects::node::Node;
use crate::prefix::Family;
use crate::report::{ObjectRef, Severity};
use crate::routes::MappedClaim;
use crate::rules::context::{Context, cluster_object};
use crate::rules::rule::{Draft, Missing, Parameter, Reach, Rule, Verdict};
use crate::rules::wording;
use crate::sources::{annotation, annotation_path};

pub const RULE: Rule = Rule {
    id: "node/no-pod-cidr",
    reach: Reach::Node,
    severities: &[Severity::Error, Severity::Warning],
    parameters: &[SETTLING],
    page: include_str!("no_pod_cidr.md"),
    check,
};

const SETTLING: Parameter = Parameter {
    name: "settlingMinutes",
    default: 5,
    range: (0, 1440),
    summary: "How long a new node may take until it has its CIDR, in minutes.",
};

/// Nodes for which the same is to be said.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Case {
    severity: Severity,
    /// The node has no CIDR because its annotation is empty.
    emptied: bool,
    /// Empty where nothing tells which families the cluster uses.
    lacking: Vec<Family>,
}

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    let place = source::place(context)?;
    if place == Place::Nowhere {
        return Ok(());
    }
    if place == Place::HostSubnet {
        context.saw(Kind::HostSubnet)?;
    }
    context.nodes()?;
    context.note_unseen(&[Kind::Node], verdict);

    let refused = refused_texts(context);
    let in_use = required::InUse::find(context);
    let mut cases: BTreeMap<Case, Vec<&Node>> = BTreeMap::new();
    for (node, _, claims) in context.mapping().of_nodes() {
        if context.is_excluded(node) || !has_holder(context, place, node) {
            continue;
        }
        let refused = refused.get(node.name()).map_or(&[][..], Vec::as_slice);
        let required = in_use.required_on(context, node.name());
        if let Some(lacking) = lacking(required, claims, refused) {
            let case = Case {
                severity: severity(context, node),
                emptied: place == Place::AnnotationOrNodeSpec && has_empty_annotation(node),
                lacking,
            };
            cases.entry(case).or_default().push(node);
        }
    }
    for (case, nodes) in &cases {
        verdict.report(draft(place, case, nodes));
    }
    source::seen(context)
}

/// Whether the object is there in which the CIDR should stand. A CiliumNode
/// that is missing is reported by cilium-node-missing. Calico gives a node its
/// first block with its first pod, so that one without is as it should be.
fn has_holder(context: &Context<'_>, place: Place, node: &Node) -> bool {
    match place {
        Place::CiliumNode(_) => context.cluster.cilium_nodes.contains_key(node.name()),
        Place::BlockAffinity => false,
        _ => true,
    }
}

/// The texts of each node that are no CIDRs; cidr-invalid reports them.
fn refused_texts<'a>(context: &Context<'a>) -> BTreeMap<&'a str, Vec<&'a str>> {
    let mut texts: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for invalid in &context.claims().invalid {
        texts.entry(invalid.node).or_default().push(invalid.text);
    }
    texts
}

/// The required families of which a node has nothing, not even a broken text.
/// None where it lacks nothing.
fn lacking(
    required: Vec<Family>,
    claims: &[MappedClaim<'_>],
    refused: &[&str],
) -> Option<Vec<Family>> {
    let mut lacking = required;
    lacking.retain(|family| {
        let mut claimed = claims.iter().map(|mapped| mapped.claim.prefix.family());
        let mut refused = refused.iter();
        !claimed.any(|one| one == *family)
            && !refused.any(|text| required::looks_like(text, *family))
    });
    let has_nothing = refused.is_empty() && claims.is_empty();
    (has_nothing || !lacking.is_empty()).then_some(lacking)
}

fn severity(context: &Context<'_>, node: &Node) -> Severity {
    if node.ready == Some(false) || is_new(context, node) {
        Severity::Warning
    } else {
        Severity::Error
    }
}

fn is_new(context: &Context<'_>, node: &Node) -> bool {
    let created = node.metadata.created.as_deref();
    let created: Option<Timestamp> = created.and_then(|text| text.parse().ok());
    match (context.settings.at, created) {
        (Some(at), Some(created)) => {
            let settling = context.parameter(&RULE, SETTLING);
            at.duration_since(created) < SignedDuration::from_mins(settling)
        }
        _ => false,
    }
}

fn has_empty_annotation(node: &Node) -> bool {
    let list = node.annotations.ako_pod_cidrs.as_deref();
    list.is_some_and(|list| annotation::entries(list).next().is_none())
}

fn draft(place: Place, case: &Case, nodes: &[&Node]) -> Draft {
    let names: Vec<&str> = nodes.iter().map(|node| node.name()).collect();
    let family = match case.lacking.as_slice() {
        [family] => format!("{family} "),
        _ => String::new(),
    };
    let subject = wording::subject("node", &names, ["has", "have"]);
    let draft = if case.emptied {
        Draft::new(format!(
            "{subject} no {family}pod CIDR: the annotation {} is empty",
            names::AKO_POD_CIDRS
        ))
        .effect("the annotation replaces Node.spec.podCIDRs even when it is empty: the load balancer has no route to the pods")
    } else {
        Draft::new(format!(
            "{subject} no {family}pod CIDR in {}",
            place.describe().unwrap_or_default()
        ))
        .effect(format!(
            "pods there get no {family}address, and the load balancer has no {family}route to them"
        ))
    };
    draft
        .severity(case.severity)
        .fix(fix(place, case.emptied))
        .objects(nodes.iter().map(|node| holder(place, node)))
}

/// The field in which the CIDR should stand.
fn holder(place: Place, node: &Node) -> ObjectRef {
    let cilium_node = cluster_object(Kind::CiliumNode, node.name());
    match place {
        Place::CiliumNode(IpamMode::MultiPool) => cilium_node.at("spec.ipam.pools.allocated"),
        Place::CiliumNode(_) => cilium_node.at("spec.ipam.podCIDRs"),
        Place::OvnAnnotation => node.to_ref().at(annotation_path(names::OVN_NODE_SUBNETS)),
        Place::HostSubnet => cluster_object(Kind::HostSubnet, node.name()).at("subnet"),
        Place::AnnotationOrNodeSpec if node.annotations.ako_pod_cidrs.is_some() => {
            node.to_ref().at(annotation_path(names::AKO_POD_CIDRS))
        }
        _ => node.to_ref().at("spec.podCIDRs"),
    }
}

fn fix(place: Place, emptied: bool) -> &'static str {
    match place {
        _ if emptied => {
            "remove the annotation (kubectl annotate node NAME ako.vmware.com/pod-cidrs-), or write the node's pod CIDRs into it"
        }
        Place::CiliumNode(IpamMode::MultiPool) => {
            "read what the operator says: kubectl -n kube-system logs deployment/cilium-operator; when a pool is full, append a CIDR to its CiliumPodIPPool"
        }
        Place::CiliumNode(_) => {
            "read what the operator says: kubectl -n kube-system logs deployment/cilium-operator; when the pool is full, append a CIDR to cluster-pool-ipv4-cidr or cluster-pool-ipv6-cidr"
        }
        Place::OvnAnnotation => {
            "read what the allocator says: kubectl -n ovn-kubernetes logs deployment/ovnkube-control-plane (on OpenShift in the namespace openshift-ovn-kubernetes)"
        }
        Place::HostSubnet => {
            "read what the allocator says: oc -n openshift-sdn logs daemonset/sdn-controller; when the cluster network is full, no further node gets a subnet"
        }
        _ => {
            "run kube-controller-manager with --allocate-node-cidrs=true and a --cluster-cidr that has a free block of --node-cidr-mask-size for every node, of each family"
        }
    }
}
