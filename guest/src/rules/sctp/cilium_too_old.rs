//! sctp/cilium-too-old: SCTP with a Cilium that does not know it.

use super::usage;
use crate::detect::cilium;
use crate::objects::Kind;
use crate::report::{ObjectRef, Severity};
use crate::rules::context::{Context, namespaced_object};
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "sctp/cilium-too-old",
    reach: Reach::Services,
    severities: &[Severity::Error],
    parameters: &[],
    page: include_str!("cilium_too_old.md"),
    check,
};

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    if context
        .cilium_version()
        .is_ok_and(|version| version.at_least(1, 13))
    {
        return Ok(());
    }
    let users = usage::everywhere(context.cluster);
    let key = enabling_key(context);
    let is_wanted = key.is_some() || !users.is_empty();
    if !is_wanted && context.saw(Kind::Service).is_ok() {
        return Ok(());
    }
    if context.cilium()?.is_none() {
        return Ok(());
    }
    if !is_wanted {
        return context.saw(Kind::Service);
    }
    let version = context.cilium_version()?;
    let who = match users.as_slice() {
        [] => "enable-sctp is true in cilium-config".to_owned(),
        users => format!("SCTP is used by {}", usage::first_of(users)),
    };
    verdict.report(
        Draft::new(format!(
            "Cilium {version} has no support for SCTP, which came with 1.13, but {who}"
        ))
        .effect("Cilium drops every SCTP packet from and to pods; it ignores enable-sctp, which it does not know")
        .fix("upgrade Cilium to 1.13 or newer, one minor version at a time, and set enable-sctp: \"true\" in ConfigMap cilium-config (Helm: sctp.enabled=true)")
        .objects(agent(context))
        .objects(key)
        .objects(users),
    );
    Ok(())
}

/// The key of cilium-config that switches SCTP on, where it does.
fn enabling_key(context: &Context<'_>) -> Option<ObjectRef> {
    let config = context.detected.cilium.as_ref()?.config.as_ref()?;
    (config.bool("enable-sctp", false) == Ok(true)).then(|| config.key_ref("enable-sctp"))
}

/// The `DaemonSet` whose image tells the version, where it was given.
fn agent(context: &Context<'_>) -> Option<ObjectRef> {
    let name = context
        .cluster
        .daemon_sets
        .keys()
        .find(|name| cilium::is_agent(name))?;
    Some(namespaced_object(Kind::DaemonSet, name).at("spec.template.spec.containers"))
}
