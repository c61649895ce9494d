//! What a podroute that runs shows, waited for.

use std::time::Duration;

use serde_json::{Value, json};

use crate::kube::Cluster;
use crate::podroute::Podroute;

/// How often to look, with a pause of [`PAUSE`], before giving up. What the
/// API server has forbidden podroute asks again after half a minute only.
const LOOKS: usize = 2400;
const PAUSE: Duration = Duration::from_millis(50);

/// Waits, for two minutes at most, until something is so.
pub(crate) async fn patiently(what: &str, mut is_so: impl FnMut() -> bool) {
    for _ in 0..LOOKS {
        if is_so() {
            return;
        }
        tokio::time::sleep(PAUSE).await;
    }
    panic!("waited two minutes in vain until {what}");
}

/// Waits until a document of the server is as it should be, and returns it.
pub(crate) async fn shown(
    podroute: &Podroute,
    path: &str,
    what: &str,
    is_so: impl Fn(&Value) -> bool,
) -> Value {
    let mut last = String::new();
    for _ in 0..LOOKS {
        if let Some((200, body)) = podroute.get(path).await {
            let document = serde_json::from_str(&body).unwrap();
            if is_so(&document) {
                return document;
            }
            last = body;
        }
        tokio::time::sleep(PAUSE).await;
    }
    panic!(
        "{path} does not show {what}, but {last}; the log:\n{}",
        podroute.log()
    );
}

/// The plan of the only table.
pub(crate) async fn plan(podroute: &Podroute) -> Value {
    podroute.json("/plan").await["tables"][0].clone()
}

/// Waits until the plan of the only table is as it should be.
pub(crate) async fn planned(
    podroute: &Podroute,
    what: &str,
    is_so: impl Fn(&Value) -> bool,
) -> Value {
    let document = shown(podroute, "/plan", what, |plan| is_so(&plan["tables"][0])).await;
    document["tables"][0].clone()
}

/// Waits until podroute has looked at its tables from now on, and done what
/// it found to do.
pub(crate) async fn looked(podroute: &Podroute) {
    // The second look begins when the first has come to its end.
    for _ in 0..2 {
        let before = reads(podroute).await;
        let (status, _) = podroute.post("/reconcile", &json!({})).await;
        assert_eq!(status, 202);
        for _ in 0..LOOKS {
            if reads(podroute).await > before {
                break;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// Waits until so many changes of objects of a kind were told of.
pub(crate) async fn told(podroute: &Podroute, kind: &str, count: f64) {
    let name = format!("podroute_events_total{{kind=\"{kind}\"}}");
    for _ in 0..LOOKS {
        if podroute.metric(&name).await >= Some(count) {
            return;
        }
        tokio::time::sleep(PAUSE).await;
    }
    panic!("not told of {count} changes of {kind} in time");
}

/// The sum of a metric over all its labels, as far as they contain a text.
pub(crate) async fn sum(podroute: &Podroute, metric: &str, label: &str) -> f64 {
    let (_, text) = podroute.get("/metrics").await.expect("an answer");
    let start = format!("{metric}{{");
    text.lines()
        .filter(|line| line.starts_with(&start) && line.contains(label))
        .filter_map(|line| line.rsplit_once(' ')?.1.parse::<f64>().ok())
        .sum()
}

async fn reads(podroute: &Podroute) -> f64 {
    sum(podroute, "podroute_table_reads_total", "").await
}

/// The notes of the Events for a reason.
pub(crate) fn notes(cluster: &Cluster, reason: &str) -> Vec<String> {
    let mut events = cluster.all("Event");
    events.retain(|event| event["reason"] == reason);
    let note = |event: &Value| event["note"].as_str().unwrap().to_owned();
    events.iter().map(note).collect()
}

/// Waits until an Event with this reason says so.
pub(crate) async fn noted(cluster: &Cluster, reason: &str, text: &str) {
    patiently(&format!("an Event {reason} says {text:?}"), || {
        notes(cluster, reason)
            .iter()
            .any(|note| note.contains(text))
    })
    .await;
}
