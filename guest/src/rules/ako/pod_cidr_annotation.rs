//! ako/pod-cidr-annotation: the annotation `ako.vmware.com/pod-cidrs` costs a
//! node its routes, does nothing, or says something else than the CNI.

use std::collections::BTreeSet;

use crate::detect::Place;
use crate::detect::ako::Ako;
use crate::objects::annotations::names;
use crate::objects::node::Node;
use crate::prefix::{Family, Prefix};
use crate::report::{ObjectRef, Severity};
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};
use crate::sources::annotation;
use crate::sources::annotation_path;

pub const RULE: Rule = Rule {
    id: "ako/pod-cidr-annotation",
    reach: Reach::Node,
    severities: &[Severity::Warning],
    parameters: &[],
    page: include_str!("pod_cidr_annotation.md"),
    check,
};

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    let annotated: Vec<Annotated<'_>> = context
        .nodes()?
        .values()
        .filter_map(Annotated::of)
        .collect();
    if annotated.is_empty() {
        return Ok(());
    }
    let akos = match context.akos() {
        Ok(akos) => akos,
        Err(missing) => {
            // Where no CNI is known, the annotation can only be for AKO.
            if context.detected.place == Place::AnnotationOrNodeSpec {
                report_costly(&annotated, verdict);
            }
            return Err(missing);
        }
    };
    let syncing = akos.iter().filter(|ako| ako.sync_off().is_none());
    let (readers, others): (Vec<_>, Vec<_>) =
        syncing.partition(|ako| ako.cni_branch().reads_node_spec());
    for ako in others {
        verdict.report(ignored(ako, &annotated));
    }
    if let Some(reader) = readers.first() {
        report_costly(&annotated, verdict);
        report_different(context, reader.families(), &annotated, verdict)?;
    }
    Ok(())
}

/// A node that carries the annotation.
struct Annotated<'a> {
    node: &'a Node,
    reading: Reading<'a>,
}

/// The annotation as AKO reads it.
enum Reading<'a> {
    Empty,
    /// The first entry that AKO does not take. It costs the node all routes.
    Broken(&'a str),
    Prefixes(BTreeSet<Prefix>),
}

impl<'a> Annotated<'a> {
    fn of(node: &'a Node) -> Option<Self> {
        let list = node.annotations.ako_pod_cidrs.as_deref()?;
        let mut prefixes = BTreeSet::new();
        for entry in annotation::entries(list) {
            match Prefix::parse(entry) {
                Ok(parsed) if parsed.prefix.family() == Family::V4 => {
                    prefixes.insert(parsed.prefix);
                }
                _ => {
                    return Some(Self {
                        node,
                        reading: Reading::Broken(entry),
                    });
                }
            }
        }
        let reading = if prefixes.is_empty() {
            Reading::Empty
        } else {
            Reading::Prefixes(prefixes)
        };
        Some(Self { node, reading })
    }

    fn to_ref(&self) -> ObjectRef {
        self.node.to_ref().at(annotation_path(names::AKO_POD_CIDRS))
    }
}

/// Annotations that cost their nodes all routes in AKO.
fn report_costly(annotated: &[Annotated<'_>], verdict: &mut Verdict) {
    let empty = annotated
        .iter()
        .filter(|one| matches!(one.reading, Reading::Empty))
        .collect::<Vec<_>>();
    if let Some(which) = which(&empty) {
        verdict.report(
            Draft::new(format!("{which} is empty"))
                .effect("it replaces spec.podCIDRs even when it is empty: AKO programs no route to the node's pods")
                .fix(format!("list the pod CIDRs in it, or remove it: kubectl annotate node NAME {}-", names::AKO_POD_CIDRS))
                .objects(empty.iter().map(|one| one.to_ref())),
        );
    }
    let broken: Vec<(&Annotated<'_>, &str)> = annotated
        .iter()
        .filter_map(|one| match one.reading {
            Reading::Broken(entry) => Some((one, entry)),
            _ => None,
        })
        .collect();
    let (nodes, entries): (Vec<&Annotated<'_>>, Vec<&str>) = broken.into_iter().unzip();
    if let (Some(which), Some(entry)) = (which(&nodes), entries.first()) {
        verdict.report(
            Draft::new(format!("{which} has the entry {entry:?}, which is no IPv4 CIDR"))
                .effect("AKO takes IPv4 CIDRs only, and one entry that it does not take costs the node all of its routes")
                .fix("write IPv4 CIDRs such as 10.244.1.0/24, separated by commas; for IPv6 remove the annotation, so that AKO reads spec.podCIDRs")
                .objects(nodes.iter().map(|one| one.to_ref())),
        );
    }
}

fn ignored(ako: &Ako<'_>, annotated: &[Annotated<'_>]) -> Draft {
    let nodes: Vec<&Annotated<'_>> = annotated.iter().collect();
    Draft::new(format!(
        "{} is ignored, since cniPlugin is {:?}",
        which(&nodes).unwrap_or_default(),
        ako.cni_plugin()
    ))
    .effect("AKO reads the pod CIDRs that this CNI keeps elsewhere; what the annotation says has no effect")
    .fix(format!(
        "remove it: kubectl annotate node NAME {}-; or, if it is right and the CNI keeps pod CIDRs on the Nodes, set AKOSettings.cniPlugin: \"\"",
        names::AKO_POD_CIDRS
    ))
    .objects(nodes.iter().map(|one| one.to_ref()))
    .object(ako.key_ref("cniPlugin"))
}

/// Annotations that differ from what the CNI has given to the node, in the
/// families of which AKO programs routes.
fn report_different(
    context: &Context<'_>,
    families: &[Family],
    annotated: &[Annotated<'_>],
    verdict: &mut Verdict,
) -> Result<(), Missing> {
    match context.detected.place {
        Place::CiliumNode(_) => drop(context.cilium_nodes()?),
        Place::NodeSpec => {}
        _ => return Ok(()),
    }
    let mut different = Vec::new();
    let mut first = None;
    for one in annotated {
        let Reading::Prefixes(said) = &one.reading else {
            continue;
        };
        let allocated: BTreeSet<Prefix> = context
            .mapping()
            .claims_of(one.node.name())
            .map(|mapped| mapped.claim.prefix)
            .filter(|prefix| families.contains(&prefix.family()))
            .collect();
        if !allocated.is_empty() && *said != allocated {
            first.get_or_insert((said, allocated));
            different.push(one);
        }
    }
    if let (Some(which), Some((said, allocated))) = (which(&different), first) {
        verdict.report(
            Draft::new(format!(
                "{which} says {}, but the CNI has allocated {}",
                join(said),
                join(&allocated)
            ))
            .effect("AKO programs what the annotation says: routes to addresses that no pod of the node has, or too few")
            .fix(format!("remove it: kubectl annotate node NAME {}-; or list exactly what is allocated", names::AKO_POD_CIDRS))
            .objects(different.iter().map(|one| one.to_ref())),
        );
    }
    Ok(())
}

/// The annotations of these nodes, as the subject of a sentence.
fn which(nodes: &[&Annotated<'_>]) -> Option<String> {
    let first = nodes.first()?.node.name();
    let annotation = format!("annotation {}", names::AKO_POD_CIDRS);
    Some(match nodes.len() {
        1 => format!("{annotation} of node {first}"),
        count => format!("{annotation} of {count} nodes, the first is {first},"),
    })
}

fn join(prefixes: &BTreeSet<Prefix>) -> String {
    let texts: Vec<String> = prefixes.iter().map(ToString::to_string).collect();
    texts.join(", ")
}
