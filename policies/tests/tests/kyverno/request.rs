//! Requests as the API server sends them, and where podroute is asked.

use std::time::Duration;

use podroute_policy_tests::examples::Example;
use podroute_policy_tests::files;
use podroute_policy_tests::podroute::{Podroute, client};
use reqwest::tls::Version;
use serde_json::{Value, json};

/// The request that makes a change.
pub(crate) fn of(example: &Example) -> Value {
    request(example.operation(), &example.object, example.old.as_ref())
}

/// The request that deletes an object.
pub(crate) fn deletion(object: &Value) -> Value {
    let mut request = request("DELETE", object, Some(object));
    request["object"] = Value::Null;
    request
}

fn request(operation: &str, object: &Value, old: Option<&Value>) -> Value {
    let (group, version) = object["apiVersion"]
        .as_str()
        .unwrap()
        .rsplit_once('/')
        .unwrap_or(("", "v1"));
    json!({
        "operation": operation,
        "kind": {"group": group, "version": version, "kind": object["kind"]},
        // Empty, and not missing, for what is in no namespace.
        "namespace": object["metadata"]["namespace"].as_str().unwrap_or_default(),
        "name": object["metadata"]["name"],
        "object": object,
        "oldObject": old,
    })
}

/// A policy with the address of podroute and its CA filled in.
pub(crate) fn deployed(policy: &str, podroute: &Podroute) -> Value {
    let lines: Vec<String> = files::text(policy)
        .lines()
        .flat_map(|line| with_certificate(line, podroute.ca()))
        .collect();
    let text = lines
        .join("\n")
        .replace("https://podroute-webhook.podroute.svc", &podroute.url(""));
    serde_norway::from_str(&text).unwrap()
}

/// Puts a certificate before its last line, which stands in the policy already.
fn with_certificate(line: &str, ca: &str) -> Vec<String> {
    let mut lines = vec![line.to_owned()];
    if line.trim() == "-----END CERTIFICATE-----" {
        let indent = " ".repeat(line.len() - line.trim_start().len());
        let body = ca.trim().lines().filter(|line| !line.starts_with("-----"));
        lines.splice(0..0, body.map(|body| format!("{indent}{body}")));
    }
    lines
}

/// Posts JSON as Kyverno does, and gives back status and body.
pub(crate) fn post(
    url: &str,
    ca: &str,
    headers: &[(String, String)],
    body: &Value,
) -> Result<(u16, String), String> {
    let mut request = client(ca, Version::TLS_1_2, Duration::from_secs(10))?.post(url);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    // Kyverno adds a token of its own, which podroute has not asked for.
    let response = request
        .bearer_auth("kyverno")
        .body(body.to_string())
        .send()
        .map_err(|error| error.to_string())?;
    let status = response.status().as_u16();
    let body = response.text().map_err(|error| error.to_string())?;
    Ok((status, body))
}
