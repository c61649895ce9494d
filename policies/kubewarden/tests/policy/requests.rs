//! Admission requests as an API server makes them.

use serde_json::{Value, json};

pub(crate) fn create(object: &Value) -> Value {
    request("CREATE", object, Some(object), None)
}

pub(crate) fn update(old: &Value, object: &Value) -> Value {
    request("UPDATE", object, Some(object), Some(old))
}

pub(crate) fn delete(object: &Value) -> Value {
    request("DELETE", object, None, Some(object))
}

fn request(operation: &str, of: &Value, object: Option<&Value>, old: Option<&Value>) -> Value {
    let api_version = of["apiVersion"].as_str().unwrap();
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    let kind = of["kind"].as_str().unwrap();
    json!({
        "uid": "705ab4f5-6393-11e8-b7cc-42010a800002",
        "kind": {"group": group, "version": version, "kind": kind},
        "resource": {"group": group, "version": version, "resource": format!("{}s", kind.to_lowercase())},
        "name": of["metadata"]["name"],
        "namespace": of["metadata"]["namespace"],
        "operation": operation,
        "userInfo": {"username": "alice", "groups": ["system:authenticated"]},
        "object": object,
        "oldObject": old,
        "dryRun": false,
    })
}

/// The Service whose clients speak SCTP.
pub(crate) fn sctp_service() -> Value {
    service(&json!([{"name": "n2", "port": 38412, "protocol": "SCTP"}]))
}

pub(crate) fn web_service() -> Value {
    service(&json!([{"name": "http", "port": 80, "protocol": "TCP"}]))
}

fn service(ports: &Value) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Service",
        "metadata": {"namespace": "core", "name": "amf"},
        "spec": {"type": "LoadBalancer", "selector": {"app": "amf"}, "ports": ports},
    })
}
