//! sctp/kernel-too-old: an agent that does not start with SCTP on its kernel.

use super::kernel::{self, Judgement};
use crate::objects::node::Node;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "sctp/kernel-too-old",
    reach: Reach::Services,
    severities: &[Severity::Error],
    parameters: &[],
    page: include_str!("kernel_too_old.md"),
    check,
};

/// From 1.16 on agents refuse such kernels with or without SCTP; before 1.13
/// there was no SCTP.
const FIRST: (u32, u32) = (1, 13);
const LAST: (u32, u32) = (1, 15);

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    if context
        .cilium_version()
        .is_ok_and(|version| !version.within(FIRST, LAST))
    {
        return Ok(());
    }
    let nodes = &context.cluster.nodes;
    let doubtful: Vec<(&Node, Judgement)> = nodes
        .values()
        .map(|node| (node, judge(node)))
        .filter(|(_, judgement)| *judgement != Judgement::Fine)
        .collect();
    if doubtful.is_empty() && !nodes.is_empty() {
        return Ok(());
    }
    let Some(config) = context.cilium_config()? else {
        return Ok(());
    };
    if config.bool("enable-sctp", false) == Ok(true) {
        context.nodes()?;
    }
    let with_sctp = |wanted| {
        doubtful
            .iter()
            .filter(move |(_, judgement)| *judgement == wanted)
            .map(|(node, _)| *node)
            .filter(|node| config.bool_on(node, "enable-sctp", false) == Ok(true))
            .collect::<Vec<_>>()
    };
    let (old, unknown) = (with_sctp(Judgement::TooOld), with_sctp(Judgement::Unknown));
    if old.is_empty() && unknown.is_empty() {
        return Ok(());
    }
    let version = context.cilium_version()?;
    if !unknown.is_empty() {
        verdict.lacks(Missing::other(format!(
            "whether these kernels load large BPF programs: {}",
            named(&unknown)
        )));
    }
    if old.is_empty() {
        return Ok(());
    }
    let count = match old.len() {
        1 => "1 node has".to_owned(),
        count => format!("{count} nodes have"),
    };
    verdict.report(
        Draft::new(format!(
            "enable-sctp is true, and {count} a kernel older than {}: {}",
            kernel::LARGE_PROGRAMS,
            named(&old)
        ))
        .effect(format!("Cilium {version} does not start there: \"SCTP support needs kernel 5.2 or newer\"; the nodes get no pod network"))
        .fix("upgrade the kernels to 5.2 or newer (RHEL 8: to 8.6), or set enable-sctp: \"false\" in ConfigMap cilium-config, or for these nodes in a CiliumNodeConfig")
        .objects(old.iter().map(|node| node.to_ref().at("status.nodeInfo.kernelVersion")))
        .object(config.key_ref("enable-sctp")),
    );
    Ok(())
}

fn judge(node: &Node) -> Judgement {
    node.kernel_version
        .as_deref()
        .map_or(Judgement::Unknown, kernel::judge)
}

/// The first three nodes with their kernels, and how many more there are.
fn named(nodes: &[&Node]) -> String {
    let first: Vec<String> = nodes
        .iter()
        .take(3)
        .map(|node| {
            let kernel = node.kernel_version.as_deref().unwrap_or("not reported");
            format!("{} ({kernel})", node.name())
        })
        .collect();
    match nodes.len() - first.len() {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}
