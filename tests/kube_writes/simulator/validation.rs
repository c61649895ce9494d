//! What the simulator refuses, as a Kubernetes API server does: of that what
//! podroute could get wrong.

use serde_json::Value;

type Refusal = (u16, &'static str, String);

pub(super) fn validate(resource: &str, name: &str, object: &Value) -> Result<(), Refusal> {
    let length = |field: &str| object[field].as_str().unwrap_or_default().len();
    let spec = &object["spec"];
    let subdomain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c);
    let wrong = if name.is_empty() || name.len() > 253 || !name.chars().all(subdomain) {
        "metadata.name: Invalid value: a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.'"
    } else {
        match resource {
            "leases"
                if spec["leaseDurationSeconds"]
                    .as_i64()
                    .is_some_and(|s| s <= 0) =>
            {
                "spec.leaseDurationSeconds: Invalid value: must be greater than 0"
            }
            "leases" if spec["leaseTransitions"].as_i64().is_some_and(|t| t < 0) => {
                "spec.leaseTransitions: Invalid value: must be greater than or equal to 0"
            }
            "events" if length("note") > 1024 => "note: can have at most 1024 characters",
            "events" if !(1..=128).contains(&length("reason")) => "reason: 1 to 128 characters",
            "events" if !(1..=128).contains(&length("action")) => "action: 1 to 128 characters",
            "events" if !(1..=128).contains(&length("reportingInstance")) => {
                "reportingInstance: 1 to 128 characters"
            }
            "events" if length("reportingController") == 0 => "reportingController: Required",
            "events" if !object["eventTime"].is_string() => "eventTime: Required value",
            "clusterreports" => return validate_report(object),
            _ => return Ok(()),
        }
    };
    Err((422, "Invalid", wrong.to_owned()))
}

/// The schema of openreports.io/v1alpha1. Server-side apply refuses fields
/// that it does not know.
fn validate_report(report: &Value) -> Result<(), Refusal> {
    known(
        report,
        &[
            "apiVersion",
            "kind",
            "metadata",
            "source",
            "summary",
            "results",
        ],
    )?;
    known(
        &report["summary"],
        &["pass", "fail", "warn", "error", "skip"],
    )?;
    for result in report["results"].as_array().unwrap() {
        known(
            result,
            &[
                "source",
                "policy",
                "rule",
                "category",
                "severity",
                "timestamp",
                "result",
                "scored",
                "resources",
                "resourceSelector",
                "message",
                "properties",
            ],
        )?;
        known(&result["timestamp"], &["seconds", "nanos"])?;
        for resource in result["resources"].as_array().into_iter().flatten() {
            known(
                resource,
                &[
                    "apiVersion",
                    "kind",
                    "namespace",
                    "name",
                    "uid",
                    "resourceVersion",
                    "fieldPath",
                ],
            )?;
        }
        let one_of = |field: &str, values: &[&str]| match result[field].as_str() {
            None => true,
            Some(value) => values.contains(&value),
        };
        let texts = result["properties"].as_object().into_iter().flatten();
        if !result["policy"].is_string()
            || !one_of("result", &["pass", "fail", "warn", "error", "skip"])
            || !one_of("severity", &["critical", "high", "low", "medium", "info"])
            || !result["timestamp"]["seconds"].is_i64()
            || !result["timestamp"]["nanos"].is_i64()
            || !texts.into_iter().all(|(_, value)| value.is_string())
        {
            return Err((422, "Invalid", format!("results: Invalid value: {result}")));
        }
    }
    Ok(())
}

fn known(object: &Value, fields: &[&str]) -> Result<(), Refusal> {
    let keys = object.as_object().into_iter().flatten();
    match keys
        .into_iter()
        .find(|(key, _)| !fields.contains(&key.as_str()))
    {
        None => Ok(()),
        Some((key, _)) => {
            let message = format!(
                "failed to create typed patch object: .{key}: field not declared in schema"
            );
            Err((500, "InternalError", message))
        }
    }
}
