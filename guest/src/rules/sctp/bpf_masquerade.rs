//! sctp/bpf-masquerade: SCTP with masquerading in BPF.

use super::usage;
use crate::objects::Kind;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "sctp/bpf-masquerade",
    reach: Reach::Services,
    severities: &[Severity::Warning],
    parameters: &[],
    page: include_str!("bpf_masquerade.md"),
    check,
};

const KEY: &str = "enable-bpf-masquerade";

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    let users = usage::everywhere(context.cluster);
    if users.is_empty() && context.saw(Kind::Service).is_ok() {
        return Ok(());
    }
    let Some(config) = context.cilium_config()? else {
        return Ok(());
    };
    if !usage::on_nodes(context.cluster, config, KEY).any(|value| value == Ok(true)) {
        return Ok(());
    }
    context.note_unseen(&[Kind::Service], verdict);
    if users.is_empty() {
        return Ok(());
    }
    verdict.report(
        Draft::new(format!(
            "{KEY} is true, which does not support SCTP, but SCTP is used by {}",
            usage::first_of(&users)
        ))
        .effect("expect SCTP connections that pods open to addresses outside the cluster to fail; answers to the load balancer are not masqueraded and not concerned")
        .fix("if pods open such connections, set enable-bpf-masquerade: \"false\" in ConfigMap cilium-config (Helm: bpf.masquerade=false), so that iptables masquerades, and restart the agents")
        .object(config.key_ref(KEY))
        .objects(users),
    );
    Ok(())
}
