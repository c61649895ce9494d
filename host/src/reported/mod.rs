//! Reports that were written down: `podroute.report/v1` as it is read from
//! files. What a later podroute adds to it is read over.

mod convert;
mod error;

use serde::{Deserialize, Serialize};

pub use error::Error;

/// The name of the form.
pub const SCHEMA: &str = "podroute.report/v1";

/// A report, as far as reports are compared.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    pub cluster: ClusterFacts,
    pub routes: Vec<Route>,
    pub withheld: Vec<Withheld>,
    pub findings: Vec<Finding>,
    pub suppressed: Vec<Suppressed>,
    pub not_evaluated: Vec<NotEvaluated>,
    pub rules_off: Vec<String>,
    pub undecided: Vec<String>,
    pub problems: Vec<Problem>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClusterFacts {
    pub cni: String,
    pub ipam_mode: Option<String>,
    pub pod_cidr_source: Option<String>,
    pub cilium_version: Option<String>,
    pub kubernetes_version: Option<String>,
    pub families: Vec<String>,
    pub nodes: u64,
    pub cilium_nodes: u64,
    pub ako: Vec<Ako>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Ako {
    pub namespace: String,
    pub version: Option<String>,
    pub cluster_name: Option<String>,
    pub cni_plugin: String,
    pub syncs_routes: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Route {
    pub prefix: String,
    pub next_hop: String,
    pub node: String,
    pub family: String,
    pub source: ObjectRef,
    pub stands_for: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Part {
    pub prefix: String,
    pub source: ObjectRef,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Withheld {
    pub prefix: String,
    pub next_hop: Option<String>,
    pub node: String,
    pub rule: String,
}

/// The worst last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Info,
    Warning,
    Error,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Finding {
    pub rule: String,
    pub severity: Severity,
    pub message: String,
    pub effect: String,
    pub fix: String,
    pub reference: String,
    pub objects: Vec<ObjectRef>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
pub struct ObjectRef {
    pub kind: String,
    pub namespace: Option<String>,
    pub name: String,
    pub field: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Suppressed {
    pub finding: Finding,
    pub reasons: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct NotEvaluated {
    pub rule: String,
    pub missing: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Problem {
    pub object: Option<ObjectRef>,
    pub severity: Severity,
    pub message: String,
}

/// What tells documents apart.
#[derive(Deserialize)]
struct Named {
    schema: Option<String>,
}

/// The `schema` of a JSON document of podroute's; None for anything else.
pub fn schema_of(text: &str) -> Option<String> {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if !text.starts_with('{') {
        return None;
    }
    let named: Named = serde_json::from_str(text).ok()?;
    named.schema.filter(|name| name.starts_with("podroute."))
}

impl Report {
    /// Reads a report.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let text = text.trim_start_matches('\u{feff}');
        let value: serde_json::Value = serde_json::from_str(text).map_err(Error::NotJson)?;
        match value.get("schema").and_then(serde_json::Value::as_str) {
            Some(SCHEMA) => {}
            Some(other) => return Err(Error::OtherSchema(other.to_owned())),
            None => return Err(Error::NoSchema),
        }
        serde_path_to_error::deserialize(value).map_err(|error| Error::Field {
            field: error.path().to_string(),
            message: error.inner().to_string(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &str = r#"{"schema":"podroute.report/v1","cluster":{"cni":"unknown","cniEvidence":[],
        "ipamMode":null,"podCidrSource":null,"ciliumVersion":null,"kubernetesVersion":null,
        "families":[],"nodes":0,"ciliumNodes":0,"ako":[]},"routes":[],"withheld":[],"findings":[],
        "suppressed":[],"suppressions":[],"notEvaluated":[],"rulesOff":[],"undecided":["no Node"],
        "problems":[],"addedLater":7}"#;

    #[test]
    fn reads_what_it_knows() {
        let report = Report::parse(EMPTY).unwrap();
        assert_eq!(report.undecided, ["no Node"]);
        assert_eq!(schema_of(EMPTY).as_deref(), Some(SCHEMA));
        assert_eq!(Report::parse(&format!("\u{feff}{EMPTY}")).unwrap(), report);
    }

    #[test]
    fn says_what_is_wrong() {
        for (text, words) in [
            ("", "is not JSON"),
            ("[]", "has no `schema`"),
            (r#"{"schema":7}"#, "has no `schema`"),
            (r#"{"schema":"podroute.plan/v1"}"#, "is a podroute.plan/v1"),
            (
                r#"{"schema":"podroute.report/v1"}"#,
                "missing field `cluster`",
            ),
            (
                &EMPTY.replace(r#""findings":[]"#, r#""findings":[{"rule":7}]"#),
                "field findings[0].rule: invalid type",
            ),
            (
                &EMPTY.replace(r#""nodes":0"#, r#""nodes":"many""#),
                "field cluster.nodes: invalid type",
            ),
        ] {
            let error = Report::parse(text).unwrap_err().to_string();
            assert!(error.contains(words), "{text}: {error}");
        }
    }

    #[test]
    fn kubernetes_objects_are_no_documents_of_podroute() {
        for text in [
            r#"{"kind":"Node","schema":"x"}"#,
            "kind: Node",
            "[]",
            "",
            "{",
        ] {
            assert_eq!(schema_of(text), None, "{text}");
        }
    }
}
