//! The `json` interface: text in, text out.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::cluster::Cluster;
use crate::desired::Desired;
use crate::evaluate::evaluate;
use crate::objects::{Key, Kind};
use crate::review::{Change, Reviewer};
use crate::settings::{InvalidSetting, RawSettings, Settings};
use crate::suppressions::ObjectPattern;

/// A `podroute.request/v1`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Request<'a> {
    #[serde(borrow)]
    objects: Vec<&'a RawValue>,
    #[serde(default)]
    settings: RawSettings,
}

/// A `podroute.review-request/v1`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReviewRequest<'a> {
    #[serde(borrow)]
    objects: Vec<&'a RawValue>,
    #[serde(default)]
    settings: RawSettings,
    #[serde(borrow)]
    changes: Vec<WireChange<'a>>,
}

/// A change as it comes in: exactly one of the two.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "lowercase")]
enum WireChange<'a> {
    #[serde(borrow)]
    Put(&'a RawValue),
    Delete(ObjectPattern),
}

/// Why a request cannot be answered.
#[derive(Debug, Serialize)]
#[serde(tag = "error", rename_all = "kebab-case")]
enum Error {
    InvalidRequest { message: String },
    InvalidSetting { name: &'static str, message: String },
    Other { message: String },
}

/// Answers a request with a `podroute.report/v1`, or with an error in JSON.
pub fn evaluate_request(request: &str) -> Result<String, String> {
    answer(request).map_err(|error| error.write())
}

/// Answers a request with a `podroute.review/v1`, or with an error in JSON.
pub fn review_request(request: &str) -> Result<String, String> {
    answer_review(request).map_err(|error| error.write())
}

fn answer(request: &str) -> Result<String, Error> {
    let request: Request<'_> = read(request)?;
    let settings = Settings::try_from(request.settings)?;
    let mut cluster = Cluster::default();
    cluster.load(request.objects.iter().map(|object| object.get()));
    let report = evaluate(&cluster, &settings);
    write(&report).map_err(|message| Error::Other { message })
}

fn answer_review(request: &str) -> Result<String, Error> {
    let request: ReviewRequest<'_> = read(request)?;
    let settings = Settings::try_from(request.settings)?;
    let mut cluster = Cluster::default();
    cluster.load(request.objects.iter().map(|object| object.get()));
    let changes: Vec<Change> = request.changes.into_iter().filter_map(change).collect();
    let mut desired = Desired::default();
    let review = Reviewer::default().review(&mut cluster, &mut desired, &settings, &changes);
    write(&review).map_err(|message| Error::Other { message })
}

fn read<'a, T: Deserialize<'a>>(request: &'a str) -> Result<T, Error> {
    serde_json::from_str(request).map_err(|error| Error::InvalidRequest {
        message: error.to_string(),
    })
}

/// None for an object that nothing reads: that it goes changes nothing.
fn change(change: WireChange<'_>) -> Option<Change> {
    match change {
        WireChange::Put(object) => Some(Change::Put(object.get().to_owned())),
        WireChange::Delete(object) => Some(Change::Delete(Key {
            kind: Kind::named(&object.kind)?,
            namespace: object.namespace.unwrap_or_default(),
            name: object.name,
        })),
    }
}

/// A report or a review as JSON.
pub fn write(answer: &impl Serialize) -> Result<String, String> {
    serde_json::to_string(answer).map_err(|error| error.to_string())
}

impl Error {
    fn write(&self) -> String {
        // An enum of strings always serialises; the catch-all is for form.
        serde_json::to_string(self).unwrap_or_else(|_| "{\"error\":\"other\"}".to_owned())
    }
}

impl From<InvalidSetting> for Error {
    fn from(invalid: InvalidSetting) -> Self {
        Self::InvalidSetting {
            name: invalid.name,
            message: invalid.message,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::evaluate_request;

    #[test]
    fn says_what_is_wrong_with_a_request() {
        let error = |request| evaluate_request(request).unwrap_err();
        assert!(error("{").starts_with(r#"{"error":"invalid-request","message":"EOF"#));
        assert!(error(r#"{"objects":[],"setings":{}}"#).contains("unknown field `setings`"));
        assert_eq!(
            error(r#"{"objects":[],"settings":{"cni":"x"}}"#),
            r#"{"error":"invalid-setting","name":"cni","message":"`x` is not one of cilium, ovn-kubernetes, antrea, flannel, kindnet, kube-router, calico, canal, openshift-sdn, weave, ncp, aws-vpc, azure, kubernetes"}"#
        );
    }
}
