//! Host calls as `kwctl run --record-host-capabilities-interactions` writes
//! them, replayed as `--replay-host-capabilities-interactions` does: each
//! question must be the next one, word for word.
//!
//! The sessions here were recorded from the policy server of these tests. To
//! record them again: `PODROUTE_RECORD=1 cargo test sessions`.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::sync::Mutex;
use std::{env, fs};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::module::Policy;
use crate::server::{Exchange, PolicyServer, Question};
use crate::yaml;

/// An entry of a session.
#[derive(Debug, Deserialize, Serialize)]
#[serde(tag = "type")]
enum Entry {
    Exchange { request: String, response: Response },
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(tag = "type")]
enum Response {
    Success { payload: String },
    Error { message: String },
}

/// What stands in `request`, as YAML inside of the YAML.
#[derive(Debug, PartialEq, Eq, Deserialize, Serialize)]
enum Request {
    KubernetesListResourceAll {
        api_version: String,
        kind: String,
        label_selector: Option<String>,
        field_selector: Option<String>,
        disable_cache: bool,
        field_masks: Option<BTreeSet<String>>,
    },
}

impl From<Question> for Request {
    fn from(question: Question) -> Self {
        Self::KubernetesListResourceAll {
            api_version: question.api_version,
            kind: question.kind,
            label_selector: question.label_selector,
            field_selector: question.field_selector,
            disable_cache: question.disable_cache,
            field_masks: question
                .field_masks
                .map(|masks| masks.into_iter().collect()),
        }
    }
}

#[test]
fn an_sctp_service_on_a_cluster_that_does_not_carry_sctp() {
    let server = PolicyServer::of(yaml::snapshot("cilium-cluster-pool"));
    let answer = answer("sctp-is-off", server);
    assert_eq!(answer["accepted"], false);
    assert_eq!(
        answer["audit_annotations"],
        json!({"verdict": "deny", "added": "sctp/not-enabled,sctp/bpf-masquerade"})
    );
}

#[test]
fn the_same_where_the_account_may_not_list_workloads() {
    let forbidden = "ApiError: deployments.apps is forbidden: User \"system:serviceaccount:kubewarden:policy-server\" cannot list resource \"deployments\" in API group \"apps\" at the cluster scope: Forbidden";
    let server = PolicyServer::of(yaml::snapshot("cilium-cluster-pool"));
    let answer = answer("forbidden", server.refusing("Deployment", forbidden));
    assert_eq!(answer["accepted"], false);
    assert_eq!(answer["audit_annotations"]["not-listed"], "Deployment");
    let warnings = answer["warnings"].as_array().unwrap();
    assert_eq!(
        *warnings.last().unwrap(),
        format!(
            "podroute: the cluster was not looked at wholly, since Deployment could not be listed: Host error: Callback evaluation failure: {forbidden}"
        )
    );
}

/// What the policy answers to the request beside the sessions.
fn answer(session: &str, recorded_from: PolicyServer) -> Value {
    let request: Value = serde_json::from_str(&yaml::own("sessions/sctp-service.json")).unwrap();
    let path = format!("sessions/{session}.yaml");
    if env::var_os("PODROUTE_RECORD").is_some() {
        let server = Arc::new(recorded_from);
        Policy::beside(&server).validate(&request, &json!({}));
        let entries: Vec<Entry> = server.exchanges().into_iter().map(entry).collect();
        let text = serde_norway::to_string(&entries).unwrap();
        let policy = env!("CARGO_MANIFEST_DIR");
        fs::write(format!("{policy}/{path}"), text).unwrap();
    }
    let entries: VecDeque<Entry> = serde_norway::from_str(&yaml::own(&path)).unwrap();
    let left = Arc::new(Mutex::new(entries));
    let replayed = Arc::clone(&left);
    let policy = Policy::with(move |payload| {
        let question: Question = serde_json::from_slice(payload).unwrap();
        let next = replayed.lock().unwrap().pop_front();
        let Entry::Exchange { request, response } = next.expect("no such question was recorded");
        let expected: Request = serde_norway::from_str(&request).unwrap();
        assert_eq!(Request::from(question), expected);
        match response {
            Response::Success { payload } => Ok(payload.into_bytes()),
            Response::Error { message } => Err(message),
        }
    });
    let answer = policy.validate(&request, &json!({}));
    assert!(
        left.lock().unwrap().is_empty(),
        "not everything was asked for"
    );
    answer
}

fn entry((question, answer): Exchange) -> Entry {
    Entry::Exchange {
        request: serde_norway::to_string(&Request::from(question)).unwrap(),
        response: match answer {
            Ok(payload) => Response::Success { payload },
            Err(message) => Response::Error { message },
        },
    }
}
