//! cni/several: more than one CNI would hand out the pods' addresses.

use crate::detect::cni::Cni;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "cni/several",
    reach: Reach::Cluster,
    severities: &[Severity::Warning],
    parameters: &[],
    page: include_str!("several.md"),
    check,
};

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    let found = &context.detected.cni;
    if found.rivals.is_empty() {
        return Ok(());
    }
    let mut shown: Vec<String> = found
        .rivals
        .iter()
        .map(|rival| format!("{} ({})", rival.cni.name(), rival.evidence.join(", ")))
        .collect();
    let effect = match found.cni {
        Cni::Unknown => "on each node the CNI whose configuration file comes first hands out the addresses: which routes are right cannot be told, and podroute makes none".to_owned(),
        cni => {
            shown.insert(0, format!("{} ({})", cni.name(), found.evidence.join(", ")));
            format!(
                "podroute takes pod CIDRs from {}; nodes on which another one was first have pods that no route leads to",
                context.detected.place.describe().unwrap_or("none of them")
            )
        }
    };
    verdict.report(
        Draft::new(format!(
            "{} CNIs show in this cluster: {}",
            shown.len(),
            shown.join("; ")
        ))
        .effect(effect)
        .fix("take out what is left of the CNI that does not run any more: its DaemonSet, its objects and /etc/cni/net.d on the nodes; and until then set `cni` (--cni) to the one that hands out the pods' addresses"),
    );
    Ok(())
}
