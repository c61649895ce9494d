//! cilium/no-family: IPv4 and IPv6 are both off.

use super::wording::refused;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "cilium/no-family",
    reach: Reach::Cluster,
    severities: &[Severity::Error],
    parameters: &[],
    page: include_str!("no_family.md"),
    check,
};

pub(super) const KEYS: [&str; 2] = ["enable-ipv4", "enable-ipv6"];

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    for agents in context.cilium_agents(&KEYS)? {
        let [v4, v6] = KEYS;
        let is_off = |key| agents.bool(key, true) == Ok(false);
        if !(is_off(v4) && is_off(v6)) {
            continue;
        }
        verdict.report(
            Draft::new(format!("{v4} and {v6} are both false{}", agents.whose()))
                .effect(refused("Either IPv4 or IPv6 addressing must be enabled"))
                .fix(format!("set {v4}: \"true\" (Helm: ipv4.enabled=true), or {v6}: \"true\" (Helm: ipv6.enabled=true), and restart the agents"))
                .object(agents.key_ref(v4))
                .object(agents.key_ref(v6)),
        );
    }
    Ok(())
}
