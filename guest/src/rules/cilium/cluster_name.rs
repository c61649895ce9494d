//! cilium/cluster-name: a name that agents complain about, or refuse.

use super::wording::refused;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "cilium/cluster-name",
    reach: Reach::Cluster,
    severities: &[Severity::Error, Severity::Warning],
    parameters: &[],
    page: include_str!("cluster_name.md"),
    check,
};

pub(super) const KEYS: [&str; 1] = [NAME];
const NAME: &str = "cluster-name";

const LONGEST: usize = 32;

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    for agents in context.cilium_agents(&KEYS)? {
        let Some(name) = agents.value(NAME).filter(|name| !is_valid(name)) else {
            continue;
        };
        let version = context.cilium_version()?;
        if !version.at_least(1, 16) {
            continue;
        }
        let draft = Draft::new(format!("{NAME} is \"{name}\"{}, which Cilium {version} does not take for a name", agents.whose()))
            .fix(format!("set {NAME} (Helm: cluster.name) to at most {LONGEST} small letters, digits and hyphens, with a letter or digit at either end; in a cluster mesh the name is part of what clusters know of each other: read the upgrade notes before you rename one"))
            .object(agents.key_ref(NAME));
        // 1.16 logs it as an error, and goes on.
        verdict.report(if version.at_least(1, 17) {
            draft.effect(refused("invalid cluster name"))
        } else {
            draft.severity(Severity::Warning).effect("agents log an error and start, parts of the cluster mesh may not work, and Cilium 1.17 will not start with this name")
        });
    }
    Ok(())
}

fn is_valid(name: &str) -> bool {
    let is_letter_or_digit = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = name.as_bytes();
    let ends = [bytes.first(), bytes.last()];
    bytes.len() <= LONGEST
        && ends
            .into_iter()
            .all(|end| end.is_some_and(|byte| is_letter_or_digit(*byte)))
        && bytes
            .iter()
            .all(|byte| is_letter_or_digit(*byte) || *byte == b'-')
}
