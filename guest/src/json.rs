//! The `json` interface: text in, text out.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::cluster::Cluster;
use crate::evaluate::evaluate;
use crate::report::Report;
use crate::settings::{InvalidSetting, RawSettings, Settings};

/// A `podroute.request/v1`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Request<'a> {
    #[serde(borrow)]
    objects: Vec<&'a RawValue>,
    #[serde(default)]
    settings: RawSettings,
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
    answer(request).map_err(|error| {
        // An enum of strings always serialises; the catch-all is for form.
        serde_json::to_string(&error).unwrap_or_else(|_| "{\"error\":\"other\"}".to_owned())
    })
}

fn answer(request: &str) -> Result<String, Error> {
    let request: Request<'_> =
        serde_json::from_str(request).map_err(|error| Error::InvalidRequest {
            message: error.to_string(),
        })?;
    let settings = Settings::try_from(request.settings)?;
    let mut cluster = Cluster::default();
    cluster.load(request.objects.iter().map(|object| object.get()));
    let report = evaluate(&cluster, &settings);
    write(&report).map_err(|message| Error::Other { message })
}

/// The report as JSON.
pub fn write(report: &Report) -> Result<String, String> {
    serde_json::to_string(report).map_err(|error| error.to_string())
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
