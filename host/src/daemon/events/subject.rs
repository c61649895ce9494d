//! The objects that Events are about.

use std::env;

use k8s_openapi::api::core::v1::ObjectReference;
use kube::api::{Api, ApiResource, DynamicObject, GroupVersionKind};
use kube::{Client, ResourceExt};

/// Which object an Event is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    Node {
        name: String,
        /// `metadata.uid`.
        uid: Option<String>,
    },
    /// podroute itself.
    Daemon,
}

/// The object that stands for podroute itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Own {
    group: &'static str,
    kind: &'static str,
    namespace: String,
    name: String,
    uid: Option<String>,
}

impl Own {
    /// The Pod, if the environment names it (POD_NAMESPACE, POD_NAME and
    /// POD_UID), else the Lease.
    pub fn find(lease: Option<(&str, &str)>) -> Option<Self> {
        let set = |name| env::var(name).ok().filter(|value| !value.is_empty());
        if let (Some(namespace), Some(name)) = (set("POD_NAMESPACE"), set("POD_NAME")) {
            return Some(Self::pod(&namespace, &name, set("POD_UID")));
        }
        let (namespace, name) = lease?;
        Some(Self::lease(namespace, name))
    }

    pub fn pod(namespace: &str, name: &str, uid: Option<String>) -> Self {
        Self {
            group: "",
            kind: "Pod",
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            uid,
        }
    }

    pub fn lease(namespace: &str, name: &str) -> Self {
        Self {
            group: "coordination.k8s.io",
            kind: "Lease",
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            uid: None,
        }
    }

    /// Asks for the uid if it is not known: without it `kubectl describe` does
    /// not show the Event. Where that is not allowed it goes without.
    pub(super) async fn look_up(&mut self, client: &Client) {
        if self.uid.is_some() {
            return;
        }
        let kind = ApiResource::from_gvk(&self.kind());
        let api: Api<DynamicObject> = Api::namespaced_with(client.clone(), &self.namespace, &kind);
        if let Ok(metadata) = api.get_metadata(&self.name).await {
            self.uid = metadata.uid();
        }
    }

    pub(super) fn reference(&self) -> ObjectReference {
        ObjectReference {
            api_version: Some(self.kind().api_version()),
            kind: Some(self.kind.to_owned()),
            namespace: Some(self.namespace.clone()),
            name: Some(self.name.clone()),
            uid: self.uid.clone(),
            ..ObjectReference::default()
        }
    }

    fn kind(&self) -> GroupVersionKind {
        GroupVersionKind::gvk(self.group, "v1", self.kind)
    }
}

/// A Node as Events refer to it. The kubelet writes the name for the uid, and
/// kubectl looks for both.
pub(super) fn node(name: &str, uid: Option<&str>) -> ObjectReference {
    ObjectReference {
        api_version: Some("v1".to_owned()),
        kind: Some("Node".to_owned()),
        name: Some(name.to_owned()),
        uid: Some(uid.unwrap_or(name).to_owned()),
        ..ObjectReference::default()
    }
}
