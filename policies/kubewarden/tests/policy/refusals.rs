//! Lists that do not come: unknown is never none.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::module::Policy;
use crate::requests::{create, sctp_service, web_service};
use crate::server::PolicyServer;
use crate::yaml;

const FORBIDDEN: &str = "ApiError: services is forbidden: User \"system:serviceaccount:kubewarden:policy-server\" cannot list resource \"services\" in API group \"\" at the cluster scope: Forbidden (ErrorResponse { status: \"Failure\", reason: \"Forbidden\", code: 403 })";

fn healthy() -> PolicyServer {
    PolicyServer::of(yaml::snapshot("cilium-cluster-pool"))
}

fn validate(server: PolicyServer, request: &Value) -> Value {
    Policy::beside(&Arc::new(server)).validate(request, &json!({}))
}

#[test]
fn a_list_that_is_refused_is_said_to_be_missing() {
    let answer = validate(
        healthy().refusing("Service", FORBIDDEN),
        &create(&web_service()),
    );
    assert_eq!(
        answer,
        json!({
            "accepted": true,
            "audit_annotations": {"verdict": "allow", "not-listed": "Service"},
            "warnings": [format!(
                "podroute: the cluster was not looked at wholly, since Service could not be listed: Host error: Callback evaluation failure: {FORBIDDEN}"
            )],
        })
    );
}

#[test]
fn what_can_be_told_all_the_same_is_told() {
    let server = healthy().refusing("Deployment", FORBIDDEN);
    let answer = validate(server, &create(&sctp_service()));
    assert_eq!(answer["accepted"], false);
    assert_eq!(
        answer["audit_annotations"],
        json!({
            "verdict": "deny",
            "added": "sctp/not-enabled,sctp/bpf-masquerade",
            "not-listed": "Deployment",
        })
    );
}

/// If the CNI cannot be told, whatever may belong to one is asked for.
#[test]
fn daemon_sets_that_are_refused_are_not_taken_for_none() {
    let server =
        Arc::new(PolicyServer::of(yaml::snapshot("calico")).refusing("DaemonSet", FORBIDDEN));
    let answer = Policy::beside(&server).validate(&create(&web_service()), &json!({}));
    assert_eq!(answer["audit_annotations"]["not-listed"], "DaemonSet");
    let asked = server.asked();
    assert!(asked.contains(&"crd.projectcalico.org/v1/BlockAffinity".to_owned()));
}

#[test]
fn a_policy_server_that_grants_nothing_is_heard_out() {
    let kinds = [
        "BlockAffinity",
        "CiliumNode",
        "CiliumNodeConfig",
        "CiliumPodIPPool",
        "ConfigMap",
        "DaemonSet",
        "Deployment",
        "Gateway",
        "GatewayClass",
        "HostSubnet",
        "Installation",
        "IPPool",
        "Node",
        "Service",
        "StatefulSet",
    ];
    let server = kinds
        .iter()
        .fold(healthy(), |server, kind| server.refusing(kind, FORBIDDEN));
    let answer = validate(server, &create(&sctp_service()));
    assert_eq!(answer["accepted"], true);
    let not_listed: Vec<&str> = answer["audit_annotations"]["not-listed"]
        .as_str()
        .unwrap()
        .split(',')
        .collect();
    let mut sorted = not_listed.clone();
    sorted.sort_by_key(|kind| kinds.iter().position(|one| one == kind));
    assert_eq!(sorted, kinds);
}

/// A cluster without the Gateway API is complete.
#[test]
fn a_kind_that_the_api_server_does_not_know_is_none() {
    let objects = yaml::snapshot("calico");
    assert!(objects.iter().all(|object| object["kind"] != "Gateway"));
    let answer = validate(PolicyServer::of(objects), &create(&web_service()));
    assert_eq!(answer.get("warnings"), None);
}

/// Nodes, DaemonSets and the like are known to every API server: one that says
/// otherwise is not believed.
#[test]
fn no_api_server_lacks_nodes() {
    let server = healthy().refusing("Node", "Cannot find resource v1/Node");
    let answer = validate(server, &create(&web_service()));
    assert_eq!(answer["audit_annotations"]["not-listed"], "Node");
}
