//! ipam/mode-defaulted: cilium-config has no `ipam`.

use crate::detect::cilium::default_mode;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "ipam/mode-defaulted",
    reach: Reach::Cluster,
    severities: &[Severity::Info],
    parameters: &[],
    page: include_str!("mode_defaulted.md"),
    check,
};

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    let Some(config) = context.cilium_config()? else {
        return Ok(());
    };
    if config.ipam().is_some() {
        return Ok(());
    }
    // Nobody has to know the version: only agents that are long out of
    // support have another default.
    let default = match default_mode(context.cilium_version().ok()) {
        Some(mode) => mode.name(),
        None => "a mode that Cilium 1.9 removed",
    };
    verdict.report(
        Draft::new(format!(
            "cilium-config has no key `ipam`, so the agents take their own default: {default}"
        ))
        .effect("where pod CIDRs stand hangs on a default that is written down nowhere: it has changed between Cilium versions, and the operator takes the default of its image (eni for operator-aws, azure for operator-azure)")
        .fix(format!(
            "write the mode that runs into ConfigMap {}/{}, such as `ipam: \"cluster-pool\"`",
            config.object.metadata.namespace, config.object.metadata.name
        ))
        .object(config.key_ref("ipam")),
    );
    Ok(())
}
