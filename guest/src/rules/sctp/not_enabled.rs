//! sctp/not-enabled: SCTP is used, and Cilium does not do it.

use super::usage;
use crate::detect::cilium::Config;
use crate::objects::Kind;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "sctp/not-enabled",
    reach: Reach::Services,
    severities: &[Severity::Error],
    parameters: &[],
    page: include_str!("not_enabled.md"),
    check,
};

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    let users = usage::everywhere(context.cluster);
    if users.is_empty() && context.saw(Kind::Service).is_ok() {
        return Ok(());
    }
    let Some(config) = context.cilium_config()? else {
        return Ok(());
    };
    // Before 1.13 the key does nothing: sctp/cilium-too-old says so.
    if context
        .cilium_version()
        .is_ok_and(|version| !version.at_least(1, 13))
    {
        return Ok(());
    }
    let on_nodes = || usage::on_nodes(context.cluster, config, "enable-sctp");
    if !on_nodes().any(|value| value == Ok(false)) {
        return Ok(());
    }
    context.note_unseen(&[Kind::Service], verdict);
    if users.is_empty() {
        return Ok(());
    }
    if on_nodes().any(|value| value == Ok(true)) {
        return Err(Missing::other(
            "on which nodes the Pods with SCTP run, since CiliumNodeConfigs make enable-sctp differ",
        ));
    }
    verdict.report(
        Draft::new(format!(
            "{}, but SCTP is used by {}",
            why(config),
            usage::first_of(&users)
        ))
        .effect("Cilium drops every SCTP packet from and to pods, those of the load balancer too")
        .fix("set enable-sctp: \"true\" in ConfigMap cilium-config (Helm: sctp.enabled=true) and run: kubectl -n kube-system rollout restart daemonset/cilium")
        .object(config.key_ref("enable-sctp"))
        .objects(users),
    );
    Ok(())
}

fn why(config: &Config<'_>) -> String {
    match config.value("enable-sctp") {
        None => "enable-sctp is not set in cilium-config".to_owned(),
        Some(_) if config.bool("enable-sctp", false) == Ok(true) => {
            "CiliumNodeConfigs switch enable-sctp off on every node".to_owned()
        }
        Some(value) => format!("enable-sctp is {value} in cilium-config"),
    }
}
