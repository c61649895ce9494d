//! The side of the API server: what it asks, and what it makes of an answer.

use ::kube::core::DynamicObject;
use ::kube::core::admission::{AdmissionResponse, AdmissionReview};
use clap::{CommandFactory, Parser};
use podroute::admission::{Admission, Options, Refused};
use serde_json::{Value, json};

use crate::reviewer::Says;

pub(crate) const UID: &str = "705ab4f5-6393-11e8-b7cc-42010a800002";

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    admission: Options,
}

pub(crate) fn admission(arguments: &[&str]) -> Admission {
    let arguments = ["podroute"].iter().chain(arguments);
    Admission::new(Arguments::try_parse_from(arguments).unwrap().admission)
}

/// The users and groups that are exempt when nobody says otherwise.
pub(crate) fn default_exemptions() -> Vec<String> {
    let command = Arguments::command();
    let defaults = ["users", "groups"].map(|id| {
        let mut options = command.get_arguments();
        let option = options.find(|option| option.get_id() == id).unwrap();
        option.get_default_values()[0].to_str().unwrap().to_owned()
    });
    let names = defaults.iter().flat_map(|names| names.split(','));
    names.map(str::to_owned).collect()
}

/// An AdmissionReview as the API server sends it. Of the object's kind and
/// metadata it makes the rest.
pub(crate) fn asks(operation: &str, object: &Value) -> Value {
    let (group, version) = match object["apiVersion"].as_str().unwrap().split_once('/') {
        Some(both) => both,
        None => ("", object["apiVersion"].as_str().unwrap()),
    };
    let kind = object["kind"].as_str().unwrap();
    let plural = format!("{}s", kind.to_lowercase());
    let metadata = &object["metadata"];
    let (new, old) = match operation {
        "CREATE" => (object.clone(), Value::Null),
        "DELETE" => (Value::Null, object.clone()),
        _ => (object.clone(), object.clone()),
    };
    let mut review = json!({
        "kind": "AdmissionReview",
        "apiVersion": "admission.k8s.io/v1",
        "request": {
            "uid": UID,
            "kind": {"group": group, "version": version, "kind": kind},
            "resource": {"group": group, "version": version, "resource": plural},
            "requestKind": {"group": group, "version": version, "kind": kind},
            "requestResource": {"group": group, "version": version, "resource": plural},
            "name": metadata["name"],
            "operation": operation,
            "userInfo": {
                "username": "jane@example.com",
                "uid": "014fbff9a07c",
                "groups": ["platform", "system:authenticated"],
                "extra": {"some-key": ["some-value1"]},
            },
            "object": new,
            "oldObject": old,
            "dryRun": false,
            "options": {"kind": "UpdateOptions", "apiVersion": "meta.k8s.io/v1", "fieldManager": "kubectl"},
        },
    });
    if let Some(namespace) = metadata["namespace"].as_str() {
        review["request"]["namespace"] = json!(namespace);
    }
    review
}

/// The same from somebody else.
pub(crate) fn by(mut review: Value, user: &str, groups: &[&str]) -> Value {
    review["request"]["userInfo"] = json!({"username": user, "groups": groups});
    review
}

pub(crate) async fn ask(
    admission: &Admission,
    reviewer: &Says,
    review: &Value,
) -> Result<AdmissionResponse, Refused> {
    let body = serde_json::to_vec(review).unwrap();
    let answer = admission.answer(&body, reviewer).await?;
    Ok(response(&answer))
}

/// What the API server finds in an answer: its version, kind and uid have to
/// be those that it asked with.
pub(crate) fn response(answer: &[u8]) -> AdmissionResponse {
    let mut value: Value = serde_json::from_slice(answer).unwrap();
    assert_eq!(value["apiVersion"], "admission.k8s.io/v1");
    assert_eq!(value["kind"], "AdmissionReview");
    assert_eq!(value["response"]["uid"], UID);
    // kube wants a status where the API server does not.
    if value["response"]["status"].is_null() {
        value["response"]["status"] = json!({});
    }
    let review: AdmissionReview<DynamicObject> = serde_json::from_value(value).unwrap();
    review.response.unwrap()
}

/// An entry of the audit log, without the webhook's name that the API server
/// puts before it.
pub(crate) fn audit<'a>(response: &'a AdmissionResponse, key: &str) -> Option<&'a str> {
    response.audit_annotations.get(key).map(String::as_str)
}

pub(crate) fn warnings(response: &AdmissionResponse) -> &[String] {
    response.warnings.as_deref().unwrap_or_default()
}

pub(crate) fn service() -> Value {
    json!({
        "apiVersion": "v1", "kind": "Service",
        "metadata": {"namespace": "core", "name": "amf"},
        "spec": {"type": "LoadBalancer", "ports": [{"port": 38412, "protocol": "SCTP"}]},
    })
}

pub(crate) fn node() -> Value {
    json!({
        "apiVersion": "v1", "kind": "Node", "metadata": {"name": "w1"},
        "spec": {"podCIDRs": ["10.0.1.0/24"]},
    })
}
