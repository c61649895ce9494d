//! Changes of a healthy cluster, and what is said of them.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::module::Policy;
use crate::requests::{create, delete, sctp_service, update, web_service};
use crate::server::PolicyServer;
use crate::yaml;

/// Cilium in cluster-pool mode, with SCTP off and AKO beside it.
const HEALTHY: &str = "cilium-cluster-pool";

fn validate(request: &Value, settings: &Value) -> Value {
    let server = Arc::new(PolicyServer::of(yaml::snapshot(HEALTHY)));
    Policy::beside(&server).validate(request, settings)
}

fn cilium_config() -> Value {
    let is_it = |object: &Value| object["metadata"]["name"] == "cilium-config";
    let mut objects = yaml::snapshot(HEALTHY).into_iter();
    objects.find(is_it).unwrap()
}

fn with(mut config: Value, key: &str, value: &str) -> Value {
    config["data"][key] = value.into();
    config
}

/// Who speaks and of which rule, of each warning.
fn starts(warnings: &Value) -> Vec<&str> {
    fn start(warning: &Value) -> &str {
        let text = warning.as_str().unwrap();
        let (end, _) = text.match_indices(": ").nth(1).unwrap();
        &text[..end + 2]
    }
    warnings.as_array().unwrap().iter().map(start).collect()
}

fn message(answer: &Value) -> &str {
    answer["message"].as_str().unwrap()
}

#[test]
fn a_service_with_sctp_is_refused_while_cilium_does_not_carry_it() {
    let answer = validate(&create(&sctp_service()), &json!({}));
    assert_eq!(answer["accepted"], false);
    assert_eq!(
        answer["audit_annotations"],
        json!({"verdict": "deny", "added": "sctp/not-enabled,sctp/bpf-masquerade"})
    );
    // What is wrong with which object, what comes of it, what to do, and where
    // that is documented.
    let message = message(&answer);
    for part in [
        "podroute: this change would break pod routes.\nsctp/not-enabled: ",
        "enable-sctp is false in cilium-config, but SCTP is used by Service core/amf",
        ". Effect: ",
        ". Fix: ",
        "enable-sctp: \"true\"",
        "(see https://docs.cilium.io/en/stable/configuration/sctp/)",
    ] {
        assert!(message.contains(part), "{part:?} is not in {message:?}");
    }
    assert_eq!(message.lines().count(), 2);
    // Masquerading in BPF does not stop SCTP to the pod, only from it.
    assert_eq!(
        starts(&answer["warnings"]),
        ["podroute: sctp/bpf-masquerade: "]
    );
}

#[test]
fn a_service_without_sctp_passes_silently() {
    let answer = validate(&create(&web_service()), &json!({}));
    assert_eq!(
        answer,
        json!({"accepted": true, "audit_annotations": {"verdict": "allow"}})
    );
}

#[test]
fn a_service_that_begins_to_use_sctp_is_refused_and_one_that_stops_is_not() {
    let begins = update(&web_service(), &sctp_service());
    assert_eq!(validate(&begins, &json!({}))["accepted"], false);

    let mut objects = yaml::snapshot(HEALTHY);
    objects.push(sctp_service());
    let policy = Policy::beside(&Arc::new(PolicyServer::of(objects)));
    let stops = update(&sctp_service(), &web_service());
    let expected = json!({"accepted": true, "audit_annotations": {"verdict": "allow"}});
    assert_eq!(policy.validate(&stops, &json!({})), expected);
    assert_eq!(
        policy.validate(&delete(&sctp_service()), &json!({})),
        expected
    );
    // That one was bad already is no reason to keep it as it is.
    let mut labelled = sctp_service();
    labelled["metadata"]["labels"] = json!({"team": "core"});
    let touched = update(&sctp_service(), &labelled);
    assert_eq!(policy.validate(&touched, &json!({})), expected);
}

#[test]
fn another_ipam_mode_under_a_running_cluster_is_refused() {
    let before = cilium_config();
    let after = with(before.clone(), "ipam", "kubernetes");
    let answer = validate(&update(&before, &after), &json!({}));
    assert_eq!(answer["accepted"], false);
    assert_eq!(answer["audit_annotations"]["verdict"], "deny");
    // In that mode pod CIDRs stand on the Nodes, and these have none.
    assert!(message(&answer).contains("Node"), "{answer}");
}

#[test]
fn a_mode_that_no_agent_knows_is_refused() {
    let before = cilium_config();
    let after = with(before.clone(), "ipam", "cluster-pol");
    let answer = validate(&update(&before, &after), &json!({}));
    assert_eq!(answer["accepted"], false);
    assert!(message(&answer).contains("ipam/mode-unknown: "));
}

#[test]
fn deleting_what_tells_the_mode_leaves_no_verdict() {
    let answer = validate(&delete(&cilium_config()), &json!({}));
    assert_eq!(answer["audit_annotations"]["verdict"], "warn");
    let warnings = answer["warnings"].as_array().unwrap();
    let said = "podroute: after this change no verdict on the routes is possible: Cilium runs, but ConfigMap kube-system/cilium-config is not";
    assert!(
        warnings
            .iter()
            .any(|one| one.as_str().unwrap().starts_with(said)),
        "{answer}"
    );
}

#[test]
fn in_mode_warn_the_same_is_a_warning() {
    let answer = validate(&create(&sctp_service()), &json!({"mode": "warn"}));
    assert_eq!(answer["accepted"], true);
    assert_eq!(answer.get("message"), None);
    assert_eq!(answer["audit_annotations"]["verdict"], "deny");
    assert_eq!(
        starts(&answer["warnings"]),
        [
            "podroute: sctp/not-enabled: ",
            "podroute: sctp/bpf-masquerade: "
        ]
    );
}

#[test]
fn settings_of_the_core_count() {
    let off = json!({"rules": [{"rule": "sctp/*", "severity": "off"}]});
    assert_eq!(
        validate(&create(&sctp_service()), &off),
        json!({"accepted": true, "audit_annotations": {"verdict": "allow"}})
    );
    let warning = json!({"rules": [{"rule": "sctp/*", "severity": "warning"}]});
    let answer = validate(&create(&sctp_service()), &warning);
    assert_eq!(answer["accepted"], true);
    assert_eq!(answer["audit_annotations"]["verdict"], "warn");
}

#[test]
fn exempt_namespaces_are_nobodys_concern() {
    let request = create(&sctp_service());
    let answer = validate(&request, &json!({"exemptNamespaces": ["core"]}));
    assert_eq!(answer, json!({"accepted": true}));
    let answer = validate(&request, &json!({"exemptNamespaces": ["cor"]}));
    assert_eq!(answer["accepted"], false);
}

#[test]
fn many_findings_are_counted_and_not_all_told() {
    let before = cilium_config();
    let mut after = before.clone();
    let switches: Vec<String> = before["data"]
        .as_object()
        .unwrap()
        .iter()
        .filter(|(_, value)| ["true", "false"].iter().any(|one| *value == one))
        .map(|(key, _)| key.clone())
        .collect();
    for key in &switches {
        after["data"][key] = "maybe".into();
    }
    let answer = validate(&update(&before, &after), &json!({}));
    // Each is an error of its own, and only eight are told.
    assert_eq!(switches.len(), 11);
    assert_eq!(answer["accepted"], false);
    let lines: Vec<&str> = message(&answer).lines().collect();
    assert_eq!(lines.len(), 1 + 8 + 1);
    let told = &lines[1..9];
    assert!(
        told.iter()
            .all(|line| line.starts_with("cilium/bad-value: ")),
        "{lines:?}"
    );
    assert_eq!(lines[9], "podroute: and 3 more");
}
