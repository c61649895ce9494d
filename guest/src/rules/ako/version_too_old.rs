//! ako/version-too-old: this AKO cannot read Cilium's pod CIDRs.

use crate::detect::Place;
use crate::detect::ako::{Ako, CniBranch};
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};
use crate::version::Version;

pub const RULE: Rule = Rule {
    id: "ako/version-too-old",
    reach: Reach::Cluster,
    severities: &[Severity::Error],
    parameters: &[],
    page: include_str!("version_too_old.md"),
    check,
};

/// The first AKO that knows Cilium.
const FIRST: Version = Version::new(1, 10, 1);

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    for ako in context.akos()? {
        let is_new = ako.version.is_some_and(|version| version >= FIRST);
        if is_new || ako.sync_off().is_some() || !needs_cilium_branch(ako, context)? {
            continue;
        }
        let Some(version) = ako.version else {
            verdict.lacks(Missing::other("the AKO version (image of its StatefulSet)"));
            continue;
        };
        verdict.report(
            Draft::new(format!(
                "AKO {version} in namespace {} cannot read Cilium's pod CIDRs; AKO {FIRST} is the first that can",
                ako.namespace()
            ))
            .effect("whatever `cniPlugin` says, this AKO takes the Node annotation ako.vmware.com/pod-cidrs, else Node.spec.podCIDRs: with cluster-pool these are not the CIDRs that pods get addresses from, and often there are none")
            .fix(format!("upgrade AKO to {FIRST} or newer; with `ipam: cluster-pool` set cniPlugin: \"cilium\""))
            .object(ako.key_ref("cniPlugin")),
        );
    }
    Ok(())
}

/// Whether this AKO is set to read CiliumNodes, or would have to.
fn needs_cilium_branch(ako: &Ako<'_>, context: &Context<'_>) -> Result<bool, Missing> {
    if context.cilium()?.is_none() {
        return Ok(false);
    }
    if ako.cni_branch() == CniBranch::Cilium {
        return Ok(true);
    }
    context.ipam_mode()?;
    if !matches!(context.detected.place, Place::CiliumNode(_)) {
        return Ok(false);
    }
    // An old AKO does well where somebody annotates every Node by hand.
    let mut nodes = context.nodes()?.values();
    Ok(nodes.any(|node| node.annotations.ako_pod_cidrs.is_none()))
}
