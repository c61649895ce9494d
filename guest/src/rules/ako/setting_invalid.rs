//! ako/setting-invalid: settings with values that AKO does not accept.

use crate::detect::ako::Ako;
use crate::go;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "ako/setting-invalid",
    reach: Reach::Cluster,
    severities: &[Severity::Error],
    parameters: &[],
    page: include_str!("setting_invalid.md"),
    check,
};

/// The booleans that decide on routes, and what AKO takes instead of a value
/// that it cannot parse.
const BOOLEANS: [(&str, bool); 2] = [("disableStaticRouteSync", false), ("primaryInstance", true)];

/// A setting that AKO does not accept.
struct Refused {
    key: &'static str,
    accepted: &'static str,
    effect: String,
    fix: &'static str,
}

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    for ako in context.akos()? {
        let texts = [cluster_name(ako), service_type(ako), ip_family(ako)];
        let booleans = BOOLEANS.map(|(key, instead)| boolean(ako, key, instead));
        for refused in texts.into_iter().chain(booleans).flatten() {
            verdict.report(draft(ako, refused));
        }
    }
    Ok(())
}

fn draft(ako: &Ako<'_>, refused: Refused) -> Draft {
    let Refused {
        key,
        accepted,
        effect,
        fix,
    } = refused;
    let what = match ako.value(key) {
        Some(value) => format!("`{key}: \"{value}\"` is not {accepted}"),
        None => format!("`{key}` is missing; it must be {accepted}"),
    };
    Draft::new(what)
        .effect(effect)
        .fix(format!(
            "set {key}: {fix} in ConfigMap {}/avi-k8s-config and restart AKO",
            ako.namespace()
        ))
        .object(ako.key_ref(key))
}

fn cluster_name(ako: &Ako<'_>) -> Option<Refused> {
    let name = ako.value("clusterName").unwrap_or_default();
    let is_valid = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    (name.is_empty() || !name.chars().all(is_valid)).then(|| Refused {
        key: "clusterName",
        accepted: "one or more of letters, digits, - and _",
        effect: "AKO disables its whole sync: no virtual service and no route is programmed"
            .to_owned(),
        fix: "a name that no other cluster on the controller has",
    })
}

fn service_type(ako: &Ako<'_>) -> Option<Refused> {
    let accepted = ["ClusterIP", "NodePort", "NodePortLocal"];
    (!accepted.contains(&ako.service_type())).then(|| Refused {
        key: "serviceType",
        accepted: "one of ClusterIP, NodePort, NodePortLocal (upper and lower case count)",
        effect: "AKO goes on without a word: it sends traffic to pods by static routes, as with ClusterIP, but on NSX-T it no longer looks up the VRF of nsxtT1LR".to_owned(),
        fix: "\"ClusterIP\" for static routes to the pods, else \"NodePort\" or, with Antrea, \"NodePortLocal\"",
    })
}

fn ip_family(ako: &Ako<'_>) -> Option<Refused> {
    let accepted = ["", "V4", "V6", "V4_V6"];
    let value = ako.value("ipFamily").unwrap_or_default();
    (!accepted.contains(&value)).then(|| Refused {
        key: "ipFamily",
        accepted: "one of V4, V6, V4_V6 or empty (upper and lower case count)",
        effect: "on vCenter, NSX-T and no-access clouds AKO disables its whole sync: no virtual service and no route is programmed; on other clouds it takes V4 whatever is set".to_owned(),
        fix: "\"V4_V6\", \"V4\" or \"V6\"",
    })
}

/// An empty value is to AKO the same as a missing one: not set.
fn boolean(ako: &Ako<'_>, key: &'static str, instead: bool) -> Option<Refused> {
    let value = ako.value(key).filter(|value| !value.is_empty())?;
    go::parse_bool(value).is_none().then(|| Refused {
        key,
        accepted: "a boolean as Go parses it: true, True, TRUE, t, T, 1, false, False, FALSE, f, F, 0",
        effect: format!("AKO takes {instead} without a word"),
        fix: "\"true\" or \"false\"",
    })
}
