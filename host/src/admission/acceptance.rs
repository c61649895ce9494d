//! Who may accept findings: the annotation `podroute.dev/ignore`.
//!
//! An accepted finding stops no change. If whoever writes an object could
//! accept what it brings about, nothing would ever be denied to them.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::options::Options;
use super::request::Request;

const ANNOTATION: &str = "podroute.dev/ignore";

impl Options {
    /// What is wrong with it when somebody accepts findings who may not.
    pub(super) fn unaccepted(&self, request: &Request<'_>) -> Option<String> {
        let accepted = request.object().and_then(ignored)?;
        if request.old_object().and_then(ignored).as_ref() == Some(&accepted)
            || self.may_accept(request.groups())
        {
            return None;
        }
        Some(format!(
            "the annotation {ANNOTATION} accepts findings, and only members of these groups may set it: {}; leave it out, or have one of them set it (podroute webhook --accepting-group)",
            self.accepting()
        ))
    }
}

/// What the annotation of an object says. Most have none, which is seen
/// without reading them.
fn ignored(object: &RawValue) -> Option<Cow<'_, str>> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Object<'a> {
        #[serde(borrow)]
        metadata: Metadata<'a>,
    }
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Metadata<'a> {
        #[serde(borrow)]
        annotations: Option<Annotations<'a>>,
    }
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Annotations<'a> {
        #[serde(borrow, rename = "podroute.dev/ignore")]
        ignore: Option<Cow<'a, str>>,
    }
    if !object.get().contains(ANNOTATION) {
        return None;
    }
    let object: Object<'_> = serde_json::from_str(object.get()).ok()?;
    object.metadata.annotations?.ignore
}
