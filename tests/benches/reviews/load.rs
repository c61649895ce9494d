//! Requests at a steady rate, whether or not earlier ones have been answered.

use std::time::{Duration, Instant};

use reqwest::Client;
use serde_json::{Value, json};
use tokio::time::sleep_until;

/// What came of them.
pub(crate) struct Outcome {
    /// From when each was due until its answer was there, sorted.
    pub(crate) times: Vec<Duration>,
    pub(crate) errors: usize,
    pub(crate) denied: usize,
}

pub(crate) async fn run(url: &str, rate: usize, seconds: usize, bodies: &[String]) -> Outcome {
    let client = Client::builder()
        .danger_accept_invalid_certs(true)
        .build()
        .unwrap();
    let start = Instant::now() + Duration::from_millis(100);
    let mut requests = Vec::new();
    for number in 0..rate * seconds {
        let due = start + Duration::from_secs_f64(number as f64 / rate as f64);
        let (client, url) = (client.clone(), url.to_owned());
        let body = bodies[number % bodies.len()].clone();
        requests.push(tokio::spawn(async move {
            sleep_until(due.into()).await;
            let allowed = ask(&client, &url, body).await;
            (due.elapsed(), allowed)
        }));
    }
    let mut outcome = Outcome {
        times: Vec::new(),
        errors: 0,
        denied: 0,
    };
    for request in requests {
        let (time, allowed) = request.await.unwrap();
        outcome.times.push(time);
        match allowed {
            None => outcome.errors += 1,
            Some(false) => outcome.denied += 1,
            Some(true) => {}
        }
    }
    outcome.times.sort();
    outcome
}

/// Whether it was allowed; None for an error.
async fn ask(client: &Client, url: &str, body: String) -> Option<bool> {
    let request = client.post(url).header("content-type", "application/json");
    let answer = request.body(body).send().await.ok()?;
    let review: Value = answer.error_for_status().ok()?.json().await.ok()?;
    review["response"]["allowed"].as_bool()
}

/// An AdmissionReview of an update.
pub(crate) fn admission_review(object: &Value) -> String {
    let metadata = &object["metadata"];
    let (group, version) = match object["apiVersion"].as_str().unwrap().split_once('/') {
        Some((group, version)) => (group, version),
        None => ("", object["apiVersion"].as_str().unwrap()),
    };
    let kind = json!({"group": group, "version": version, "kind": object["kind"]});
    json!({
        "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
        "request": {
            "uid": "705ab4f5-6393-11e8-b7cc-42010a800002",
            "kind": kind, "requestKind": kind,
            "resource": {"group": group, "version": version, "resource": "things"},
            "name": metadata["name"], "namespace": metadata["namespace"],
            "operation": "UPDATE",
            "userInfo": {"username": "somebody", "groups": ["system:authenticated"]},
            "object": object, "oldObject": object,
            "dryRun": false, "options": null,
        },
    })
    .to_string()
}
