//! Asking the policy server for objects.
//!
//! `list_resources_all` answers with a list as the API server writes it. The
//! server keeps one watch per question, so the same question must always be
//! put in the same words.

use podroute_policy::objects::Kind;
use serde::Serialize;

use crate::sources::Source;

/// A host call `kubewarden`/`kubernetes` `list_resources_all`, or what stands
/// in for it.
pub type Host = dyn Fn(&[u8]) -> Result<Vec<u8>, String>;

/// What came of asking for a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listed {
    /// The JSON text of the list.
    List(String),
    /// The API server does not know the kind, so there are none.
    NotServed,
    /// Nobody can tell what there is; why.
    Refused(String),
}

/// `ListAllResourcesRequest` of Kubewarden's SDK.
#[derive(Serialize)]
struct Question<'a> {
    api_version: &'a str,
    kind: &'a str,
    label_selector: Option<&'a str>,
    field_selector: Option<String>,
    disable_cache: bool,
    /// What to send of each object besides its metadata. Policy servers that
    /// do not know this send everything.
    field_masks: &'a [&'a str],
}

impl Source {
    /// Asks for the objects of a source in one of its versions.
    pub fn list(&self, version: &str, host: &Host) -> Listed {
        let question = Question {
            api_version: version,
            kind: self.kind.name(),
            label_selector: None,
            field_selector: self.name.map(|name| format!("metadata.name={name}")),
            disable_cache: false,
            field_masks: self.fields,
        };
        let answer = serde_json::to_vec(&question)
            .map_err(|error| error.to_string())
            .and_then(|question| host(&question));
        match answer.map(String::from_utf8) {
            Ok(Ok(text)) => Listed::List(text),
            Ok(Err(error)) => Listed::Refused(format!("the policy server's answer: {error}")),
            Err(error) if !is_everywhere(version) && says_unknown(&error, version, self.kind) => {
                Listed::NotServed
            }
            Err(error) => Listed::Refused(error),
        }
    }
}

/// Whether every API server has this version. The others come with a CRD or an
/// API server of their own, and a cluster without them is complete.
fn is_everywhere(version: &str) -> bool {
    matches!(version, "v1" | "apps/v1")
}

/// Whether the policy server says that the API server does not know a kind.
/// It has no other way to say it than these words of its Kubernetes client:
/// the first where the group is there without the kind, the second, with the
/// API server's 404, where the group is not.
fn says_unknown(error: &str, version: &str, kind: Kind) -> bool {
    let kind = kind.name();
    error.contains(&format!("Cannot find resource {version}/{kind}"))
        || (error.contains(&format!("error finding resource {version} / {kind}"))
            && error.contains("404"))
}
