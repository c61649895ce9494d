//! cilium/kernel-too-old: a kernel below what this Cilium version needs.

use super::wording::refused;
use crate::kernel::{Judgement, Need, RHEL_8_6, RHEL_8_10};
use crate::objects::node::Node;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};
use crate::rules::wording::subject;
use crate::version::Version;

pub const RULE: Rule = Rule {
    id: "cilium/kernel-too-old",
    reach: Reach::Node,
    severities: &[Severity::Error, Severity::Warning],
    parameters: &[],
    page: include_str!("kernel_too_old.md"),
    check,
};

/// What every version runs on.
const NEWEST: Need = Need {
    least: Version::new(5, 10, 0),
    rhel_8: RHEL_8_10,
};

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    let nodes = &context.cluster.nodes;
    let is_fine = |node: &Node| judge(NEWEST, node) == Judgement::Fine;
    if !nodes.is_empty() && nodes.values().all(is_fine) {
        return Ok(());
    }
    if context.cilium()?.is_none() {
        return Ok(());
    }
    let nodes = context.nodes()?;
    let version = context.cilium_version()?;
    let (refused_below, documented) = needs(version);
    let of = |need, wanted| {
        let judged = nodes
            .values()
            .filter(move |node| judge(need, node) == wanted);
        judged.collect::<Vec<_>>()
    };
    let unknown = of(refused_below, Judgement::Unknown);
    if !unknown.is_empty() {
        verdict.lacks(Missing::other(format!(
            "what the kernel can do: {}",
            named(&unknown, ["does not tell", "do not tell"])
        )));
    }
    let refusing = of(refused_below, Judgement::TooOld);
    let mut risky = of(documented, Judgement::TooOld);
    risky.retain(|node| judge(refused_below, node) == Judgement::Fine);
    let least = documented.least;
    if !refusing.is_empty() {
        verdict.report(draft(&refusing, version, least).effect(refused(
            "Require support for large programs, or another feature of a newer kernel",
        )));
    }
    if !risky.is_empty() {
        verdict.report(
            draft(&risky, version, least)
                .severity(Severity::Warning)
                .effect("Cilium is not tested on such kernels: an agent starts, but programs may not load when it attaches to a pod, and that pod gets no network"),
        );
    }
    Ok(())
}

fn draft(nodes: &[&Node], version: Version, least: Version) -> Draft {
    let who = named(nodes, ["has", "have"]);
    let (major, minor) = (least.major, least.minor);
    Draft::new(format!(
        "{who} a kernel below {major}.{minor}, which Cilium {version} needs"
    ))
    .fix(format!("upgrade the kernels to {major}.{minor} or newer (RHEL 8: to its latest), or stay with a Cilium release that runs on them"))
    .objects(
        nodes
            .iter()
            .map(|node| node.to_ref().at("status.nodeInfo.kernelVersion")),
    )
}

/// Below what the agent does not start, and what its release is made for.
fn needs(version: Version) -> (Need, Need) {
    let need = |major, minor, rhel_8| Need {
        least: Version::new(major, minor, 0),
        rhel_8,
    };
    match version {
        version if version.at_least(1, 19) => (NEWEST, NEWEST),
        version if version.at_least(1, 18) => (need(5, 10, RHEL_8_6), need(5, 10, RHEL_8_6)),
        version if version.at_least(1, 16) => (need(5, 2, RHEL_8_6), need(5, 4, RHEL_8_6)),
        // It is 4.19.57, but Debian's 4.19.0 is a later one in fact. Any
        // kernel of RHEL 8 will do.
        version if version.at_least(1, 13) => (need(4, 8, 0), need(4, 19, 0)),
        _ => (need(4, 8, 0), need(4, 8, 0)),
    }
}

fn judge(need: Need, node: &Node) -> Judgement {
    node.kernel_version
        .as_deref()
        .map_or(Judgement::Unknown, |kernel| need.judge(kernel))
}

/// The start of a sentence: the nodes with their kernels.
fn named(nodes: &[&Node], verb: [&str; 2]) -> String {
    let names: Vec<String> = nodes
        .iter()
        .map(|node| match node.kernel_version.as_deref() {
            Some(kernel) => format!("{} on {kernel}", node.name()),
            None => format!("{} on an unreported kernel", node.name()),
        })
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    subject("node", &names, verb)
}
