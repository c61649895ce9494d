//! ako/multi-pool-unsupported: AKO's branch for Cilium does not know pools.

use crate::detect::Place;
use crate::detect::ako::CniBranch;
use crate::detect::ipam::IpamMode;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "ako/multi-pool-unsupported",
    reach: Reach::Cluster,
    severities: &[Severity::Error],
    parameters: &[],
    page: include_str!("multi_pool_unsupported.md"),
    check,
};

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    let Some(cilium) = context.cilium()? else {
        return Ok(());
    };
    if cilium.ipam.is_none() {
        // Fails where the file that would name the mode was not given. A mode
        // that does not exist is ipam/mode-unknown's.
        context.cilium_config()?;
    }
    if context.detected.place != Place::CiliumNode(IpamMode::MultiPool) {
        return Ok(());
    }
    for ako in context.akos()? {
        if ako.sync_off().is_some() || ako.cni_branch() != CniBranch::Cilium {
            continue;
        }
        verdict.report(
            Draft::new(format!(
                "AKO reads CiliumNode.spec.ipam.podCIDRs (cniPlugin: {:?}), but Cilium is in multi-pool mode, which keeps pod CIDRs in spec.ipam.pools.allocated",
                ako.cni_plugin()
            ))
            .effect("AKO finds no pod CIDRs and programs no route; where an old Cilium agent left a made-up 10.x.0.0/16 in podCIDRs, it programs that")
            .fix("set AKOSettings.disableStaticRouteSync: true in AKO's Helm values and program the routes of this report by other means; no value of AKOSettings.cniPlugin reads pools")
            .object(ako.key_ref("cniPlugin"))
            .objects(cilium.config.as_ref().map(|config| config.key_ref("ipam"))),
        );
    }
    Ok(())
}
