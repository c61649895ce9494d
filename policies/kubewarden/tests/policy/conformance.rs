//! The same answers as everywhere: as the core gives them natively on the same
//! objects, byte for byte.

use std::fs;
use std::sync::Arc;

use podroute_kubewarden::answer::Answer;
use podroute_kubewarden::settings::Mode;
use podroute_kubewarden::sources::SOURCES;
use podroute_policy::cluster::Cluster;
use podroute_policy::desired::Desired;
use podroute_policy::json::{evaluate_request, review_request};
use podroute_policy::objects::{Key, Kind};
use podroute_policy::review::{Change, Reviewer};
use podroute_policy::settings::Settings;
use serde_json::{Value, json};

use crate::module::Policy;
use crate::requests::{create, delete, sctp_service, update, web_service};
use crate::server::PolicyServer;
use crate::yaml;

#[test]
fn reports_on_the_cases_of_the_embedders() {
    let policy = Policy::alone();
    let mut cases = 0;
    for entry in fs::read_dir(yaml::repository("policies/conformance/requests")).unwrap() {
        let path = entry.unwrap().path();
        let request = fs::read_to_string(&path).unwrap();
        let answer = policy.call("podroute.evaluate", request.as_bytes());
        let answer = answer.map(|report| String::from_utf8(report).unwrap());
        assert_eq!(answer, evaluate_request(&request), "{}", path.display());
        cases += 1;
    }
    assert!(cases > 0);
}

#[test]
fn reports_and_reviews_on_the_snapshots() {
    let policy = Policy::alone();
    for (name, objects) in snapshots() {
        let request = json!({"objects": objects}).to_string();
        let answer = policy.call("podroute.evaluate", request.as_bytes());
        let answer = answer.map(|report| String::from_utf8(report).unwrap());
        assert_eq!(answer, evaluate_request(&request), "{name}");

        let request = json!({
            "objects": objects,
            "changes": [
                {"put": sctp_service()},
                {"delete": {"kind": "ConfigMap", "namespace": "kube-system", "name": "cilium-config"}},
            ],
        });
        let request = request.to_string();
        let answer = policy.call("podroute.review", request.as_bytes());
        let answer = answer.map(|review| String::from_utf8(review).unwrap());
        assert_eq!(answer, review_request(&request), "{name}");
    }
}

/// Over the policy server, field masks and all, the answer is the same as with
/// every object at hand.
#[test]
fn answers_on_the_snapshots() {
    for (name, objects) in snapshots() {
        let server = Arc::new(PolicyServer::of(objects.clone()));
        let policy = Policy::beside(&server);
        for (request, change) in changes(&objects) {
            let answer = policy.validate(&request, &json!({}));
            let expected = serde_json::to_value(native(&objects, &change)).unwrap();
            assert_eq!(answer, expected, "{name}: {request}");
        }
    }
}

fn native(objects: &[Value], change: &Change) -> Answer {
    let mut cluster = Cluster::default();
    let is_listed = |object: &&Value| object["kind"] != "Pod";
    let texts: Vec<String> = objects
        .iter()
        .filter(is_listed)
        .map(Value::to_string)
        .collect();
    cluster.load(texts.iter().map(String::as_str));
    let mut settings = Settings::default();
    for source in SOURCES {
        settings.set_listed(source.kind.name());
    }
    let changes = std::slice::from_ref(change);
    let mut desired = Desired::default();
    let review = Reviewer::default().review(&mut cluster, &mut desired, &settings, changes);
    Answer::new(&review, &[], Mode::Enforce)
}

/// Requests that a cluster may see, and the changes that they are: new
/// Services; and of each of its objects that is read, that it goes, and that
/// it loses what it says.
fn changes(objects: &[Value]) -> Vec<(Request, Change)> {
    let mut changes: Vec<(Request, Change)> = [sctp_service(), web_service()]
        .iter()
        .map(|service| (create(service), Change::Put(service.to_string())))
        .collect();
    for object in objects {
        let kind = object["kind"].as_str().unwrap();
        let api_version = object["apiVersion"].as_str().unwrap();
        let Some(kind) = Kind::of(api_version, kind).filter(|kind| *kind != Kind::Pod) else {
            continue;
        };
        let text = |field: &str| object["metadata"][field].as_str().unwrap_or_default();
        let key = Key {
            kind,
            namespace: text("namespace").to_owned(),
            name: text("name").to_owned(),
        };
        if text("name") == "kube-root-ca.crt" {
            continue;
        }
        changes.push((delete(object), Change::Delete(key)));
        let mut empty = object.clone();
        for field in ["spec", "data"] {
            empty.as_object_mut().unwrap().remove(field);
        }
        changes.push((update(object, &empty), Change::Put(empty.to_string())));
    }
    changes
}

type Request = Value;

/// Calico's objects under one of the two groups that show the same: an API
/// server lists all of them under either, a snapshot may have some of each.
fn once(objects: Vec<Value>) -> Vec<Value> {
    let is_other = |object: &Value| object["apiVersion"] == "projectcalico.org/v3";
    objects
        .into_iter()
        .filter(|object| !is_other(object))
        .collect()
}

fn snapshots() -> Vec<(String, Vec<Value>)> {
    let mut names: Vec<String> = fs::read_dir(yaml::repository("tests/snapshots"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        // Several states of one cluster, and a sysdump.
        .filter(|name| !["dual-stack", "multi-pool-move", "sysdump"].contains(&name.as_str()))
        .collect();
    names.sort();
    assert!(names.len() > 10);
    let with_objects = |name: String| (name.clone(), once(yaml::snapshot(&name)));
    names.into_iter().map(with_objects).collect()
}
