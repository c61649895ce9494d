//! ipam/mode-removed: cluster-pool-v2beta, which Cilium 1.15 took out.

use crate::detect::ipam::IpamMode;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "ipam/mode-removed",
    reach: Reach::Cluster,
    severities: &[Severity::Error],
    parameters: &[],
    page: include_str!("mode_removed.md"),
    check,
};

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    let Some(config) = context.cilium_config()? else {
        return Ok(());
    };
    if config.ipam() != Some(IpamMode::ClusterPoolV2Beta.name()) {
        return Ok(());
    }
    let version = context.cilium_version()?;
    if version.at_least(1, 15) {
        verdict.report(
            Draft::new(format!(
                "`ipam: cluster-pool-v2beta` was removed in Cilium 1.15, and the agents are {version}"
            ))
            .effect("an agent of this version does not start (\"Unknown IPAM backend\"): no new pod gets an address, and nobody keeps the nodes' pod CIDRs up to date")
            .fix(format!(
                "go back to Cilium 1.14, or rebuild the nodes with `ipam: cluster-pool` (a fixed CIDR per node) or `ipam: multi-pool` (CIDRs on demand) in ConfigMap {}/{}",
                config.object.metadata.namespace, config.object.metadata.name
            ))
            .object(config.key_ref("ipam")),
        );
    }
    Ok(())
}
