//! Findings that somebody has accepted, with a reason and perhaps until a day:
//! in the settings, or in the annotation `podroute.dev/ignore` of an object.
//!
//! What is accepted is still reported, apart from the findings; and so is
//! every suppression that matches nothing, has run out or cannot be read.

mod apply;
mod declared;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::report::{Finding, ObjectRef};

pub use apply::{Outcome, apply};
pub use declared::in_annotations;

/// A suppression of the settings, as it comes in.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct RawSuppression {
    pub rule: String,
    #[serde(default)]
    pub object: Option<ObjectPattern>,
    pub reason: String,
    #[serde(default)]
    pub until: Option<String>,
}

/// The object that a suppression is for.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectPattern {
    pub kind: String,
    /// None for kinds outside namespaces.
    #[serde(default)]
    pub namespace: Option<String>,
    pub name: String,
}

/// A suppression that has been read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    /// A rule's id, `family/*` or `*`.
    pub rule: String,
    /// None: whatever the object.
    pub object: Option<ObjectPattern>,
    pub reason: String,
    /// The last day on which it counts, in UTC.
    pub until: Option<Date>,
    /// The annotation that it stands in; None when in the settings.
    pub declared_at: Option<ObjectRef>,
    /// It cannot be read; `reason` says why.
    pub invalid: bool,
}

/// What became of a suppression.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Audited {
    pub rule: String,
    pub object: Option<ObjectPattern>,
    pub reason: String,
    pub until: Option<String>,
    pub declared_at: Option<ObjectRef>,
    pub status: Status,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It covers a finding, or a part of one.
    Used,
    /// The rule finds nothing that it covers: it can go.
    Unused,
    /// The rule was not evaluated or is off.
    Unknown,
    /// Its last day is over: it covers nothing any more.
    Expired,
    /// It has a last day, but which day it is was not said: it covers nothing.
    Undated,
    /// It cannot be read: it covers nothing.
    Invalid,
}

/// A finding, or a part of one, that was accepted.
#[derive(Clone, Debug, Serialize)]
pub struct Suppressed {
    pub finding: Finding,
    /// Why, as whoever accepted it wrote.
    pub reasons: Vec<String>,
}

impl ObjectPattern {
    pub fn matches(&self, object: &ObjectRef) -> bool {
        self.kind == object.kind
            && self.name == object.name
            && self.namespace.as_deref().unwrap_or_default()
                == object.namespace.as_deref().unwrap_or_default()
    }
}
