//! What the API server asks: a change, who makes it, and where.

use std::borrow::Cow;
use std::fmt;

use kube::core::admission::Operation;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::refused::Refused;
use super::text;
use crate::daemon::kinds;
use crate::policy::{Change, ObjectKey};

const API_VERSION: &str = "admission.k8s.io/v1";
const KIND: &str = "AdmissionReview";

/// The body. Objects stay the JSON text that they are: the policy reads them.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    #[serde(borrow, default)]
    api_version: Cow<'a, str>,
    #[serde(borrow, default)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    request: Option<&'a RawValue>,
}

/// The request in an AdmissionReview.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Request<'a> {
    #[serde(borrow)]
    uid: Cow<'a, str>,
    #[serde(borrow)]
    kind: GroupKind<'a>,
    #[serde(borrow, default)]
    sub_resource: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    name: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    namespace: Option<Cow<'a, str>>,
    operation: Operation,
    #[serde(borrow, default)]
    user_info: UserInfo<'a>,
    #[serde(borrow, default)]
    object: Option<&'a RawValue>,
    #[serde(borrow, default)]
    old_object: Option<&'a RawValue>,
    #[serde(default)]
    dry_run: Option<bool>,
}

#[derive(Deserialize)]
struct GroupKind<'a> {
    #[serde(borrow, default)]
    group: Cow<'a, str>,
    #[serde(borrow)]
    kind: Cow<'a, str>,
}

#[derive(Default, Deserialize)]
struct UserInfo<'a> {
    #[serde(borrow, default)]
    username: Option<Cow<'a, str>>,
    #[serde(default)]
    groups: Option<Vec<String>>,
}

/// What to do about a request.
#[derive(Debug)]
pub(super) enum Look {
    At(Change),
    /// There is nothing to look at, for this reason.
    Past(&'static str),
}

impl<'a> Request<'a> {
    pub(super) fn read(body: &'a [u8]) -> Result<Self, Refused> {
        let malformed = |error: serde_json::Error| Refused::Malformed(error.to_string());
        let body: Body<'_> = serde_json::from_slice(body).map_err(malformed)?;
        if body.kind != KIND || body.api_version != API_VERSION {
            let what = format!("{} of {}", or_none(&body.kind), or_none(&body.api_version));
            return Err(Refused::Version(text::line(&what, 200)));
        }
        let request = body
            .request
            .ok_or_else(|| Refused::Malformed("its request is missing".to_owned()))?;
        serde_json::from_str(request.get()).map_err(malformed)
    }

    /// The change that is to be reviewed.
    pub(super) fn look(&self) -> Result<Look, Refused> {
        match self.sub_resource.as_deref().unwrap_or_default() {
            // The status comes with the whole object.
            "" | "status" => {}
            _ => return Ok(Look::Past("podroute does not read this subresource")),
        }
        if self.operation == Operation::Connect {
            return Ok(Look::Past("nothing is changed"));
        }
        if !self.is_read() {
            return Ok(Look::Past("podroute reads no such objects"));
        }
        match self.operation {
            Operation::Delete => self.delete(),
            _ => self.put(),
        }
        .map(Look::At)
    }

    fn put(&self) -> Result<Change, Refused> {
        // An array would be read as a list of objects.
        let object = self.object.filter(|object| object.get().starts_with('{'));
        object
            .map(|object| Change::Put(object.get().to_owned()))
            .ok_or_else(|| {
                let operation = verb(&self.operation);
                Refused::Malformed(format!("{operation} without an object"))
            })
    }

    fn delete(&self) -> Result<Change, Refused> {
        let (name, namespace) = self.names();
        if name.is_empty() {
            return Err(Refused::Malformed(
                "DELETE without the name of an object".to_owned(),
            ));
        }
        Ok(Change::Delete(ObjectKey {
            kind: self.kind.kind.clone().into_owned(),
            namespace: (!namespace.is_empty()).then_some(namespace),
            name,
        }))
    }

    /// Kinds of other groups may have the same name, and of ConfigMaps only a
    /// few are read.
    fn is_read(&self) -> bool {
        let sources = kinds::sources(&self.kind.kind);
        let mut sources = sources.into_iter().filter(|source| {
            let mut groups = source.versions.iter().map(|version| version.group);
            groups.any(|group| group == self.kind.group)
        });
        sources.any(|source| source.name.is_none_or(|only| self.names().0 == only))
    }

    /// Name and namespace. Who deletes a collection names none of its objects.
    fn names(&self) -> (String, String) {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Object {
            metadata: Metadata,
        }
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Metadata {
            name: String,
            namespace: String,
        }
        let given = (self.name().to_owned(), self.namespace().to_owned());
        let old = self.old_object.filter(|_| given.0.is_empty());
        let old = old.map(|old| serde_json::from_str::<Object>(old.get()));
        match old {
            Some(Ok(Object { metadata })) => (metadata.name, metadata.namespace),
            _ => given,
        }
    }

    pub(super) fn uid(&self) -> &str {
        &self.uid
    }

    pub(super) fn user(&self) -> &str {
        self.user_info.username.as_deref().unwrap_or_default()
    }

    pub(super) fn groups(&self) -> &[String] {
        self.user_info.groups.as_deref().unwrap_or_default()
    }

    pub(super) fn namespace(&self) -> &str {
        self.namespace.as_deref().unwrap_or_default()
    }

    pub(super) fn object(&self) -> Option<&RawValue> {
        self.object
    }

    pub(super) fn old_object(&self) -> Option<&RawValue> {
        self.old_object
    }

    pub(super) fn dry_run(&self) -> bool {
        self.dry_run.unwrap_or_default()
    }

    fn name(&self) -> &str {
        self.name.as_deref().unwrap_or_default()
    }
}

/// `UPDATE ConfigMap kube-system/cilium-config`, for logs.
impl fmt::Display for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ", verb(&self.operation), self.kind.kind)?;
        match self.namespace() {
            "" => f.write_str(self.name()),
            namespace => write!(f, "{namespace}/{}", self.name()),
        }
    }
}

fn verb(operation: &Operation) -> &'static str {
    match operation {
        Operation::Create => "CREATE",
        Operation::Update => "UPDATE",
        Operation::Delete => "DELETE",
        Operation::Connect => "CONNECT",
    }
}

fn or_none(text: &str) -> &str {
    match text {
        "" => "(none)",
        text => text,
    }
}
