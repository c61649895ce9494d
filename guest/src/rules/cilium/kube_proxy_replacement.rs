//! cilium/kube-proxy-replacement: a value that this version does not know.

use super::wording::refused;
use crate::go;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};
use crate::version::Version;

pub const RULE: Rule = Rule {
    id: "cilium/kube-proxy-replacement",
    reach: Reach::Cluster,
    severities: &[Severity::Error],
    parameters: &[],
    page: include_str!("kube_proxy_replacement.md"),
    check,
};

pub(super) const KEYS: [&str; 1] = [KEY];
const KEY: &str = "kube-proxy-replacement";

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    for agents in context.cilium_agents(&KEYS)? {
        let Some(value) = agents.value(KEY) else {
            continue;
        };
        let version = match context.cilium_version() {
            Ok(version) if is_valid(value, version) => continue,
            Ok(version) => Some(version),
            // Some version may know it.
            Err(missing) if is_legacy(value) || go::parse_bool(value).is_some() => {
                return Err(missing);
            }
            Err(_) => None,
        };
        let (of, message) = match version {
            Some(version) if version.at_least(1, 19) => (
                format!("Cilium {version}"),
                "Incorrect config-map flag value",
            ),
            Some(version) => (format!("Cilium {version}"), INVALID),
            None => ("any Cilium".to_owned(), INVALID),
        };
        verdict.report(
            Draft::new(format!(
                "{KEY} is \"{value}\"{}, which is no value of {of}: {}",
                agents.whose(),
                values(version)
            ))
            .effect(refused(message))
            .fix(format!("set {KEY} (Helm: kubeProxyReplacement) to \"true\" (strict up to 1.13) if Cilium is to do all that kube-proxy does, else to \"false\" (disabled, or partial with the features by name), and restart the agents"))
            .object(agents.key_ref(KEY)),
        );
    }
    Ok(())
}

const INVALID: &str = "Invalid value for --kube-proxy-replacement";

fn is_valid(value: &str, version: Version) -> bool {
    match version {
        version if version.at_least(1, 19) => go::parse_bool(value).is_some(),
        version if version.at_least(1, 16) => is_word(value),
        version if version.at_least(1, 14) => is_word(value) || is_legacy(value),
        _ => is_legacy(value),
    }
}

/// The two words of 1.14 to 1.18, where the flag was text.
fn is_word(value: &str) -> bool {
    matches!(value, "true" | "false")
}

/// The values up to 1.15.
fn is_legacy(value: &str) -> bool {
    matches!(value, "probe" | "partial" | "strict" | "disabled")
}

/// The values of a version; of an unknown one, those of the newest.
fn values(version: Option<Version>) -> &'static str {
    match version {
        Some(version) if !version.at_least(1, 14) => "it takes probe, partial, strict and disabled",
        Some(version) if !version.at_least(1, 16) => "it takes true, false, and what was before",
        _ => "it takes true and false",
    }
}
