//! Gateway, of the Gateway API (gateway.networking.k8s.io) and of its first
//! draft (networking.x-k8s.io), which AKO calls the services API.

use serde::Deserialize;

use super::metadata::{Metadata, WireMetadata};
use super::text::Text;

#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gateway {
    pub metadata: Metadata,
    pub generation: Generation,
    /// spec.gatewayClassName.
    pub class: String,
    pub listeners: Vec<Listener>,
}

/// Which API a Gateway is of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Generation {
    /// networking.x-k8s.io/v1alpha1.
    ServicesApi,
    /// gateway.networking.k8s.io.
    #[default]
    GatewayApi,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Listener {
    /// Empty in the services API, which does not name listeners.
    pub name: String,
    pub port: u16,
    pub protocol: String,
}

impl Listener {
    pub fn is_sctp(&self) -> bool {
        self.protocol == "SCTP"
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct WireGateway<'a> {
    #[serde(borrow, rename = "apiVersion")]
    api_version: Option<Text<'a>>,
    #[serde(borrow)]
    metadata: WireMetadata<'a>,
    #[serde(borrow)]
    spec: WireSpec<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireSpec<'a> {
    #[serde(borrow)]
    gateway_class_name: Text<'a>,
    #[serde(borrow)]
    listeners: Option<Vec<WireListener<'a>>>,
}

#[derive(Deserialize)]
struct WireListener<'a> {
    #[serde(borrow, default)]
    name: Text<'a>,
    port: u16,
    #[serde(borrow, default)]
    protocol: Text<'a>,
}

impl From<WireGateway<'_>> for Gateway {
    fn from(wire: WireGateway<'_>) -> Self {
        let generation = match wire.api_version.as_deref() {
            Some(version) if version.starts_with("networking.x-k8s.io/") => Generation::ServicesApi,
            _ => Generation::GatewayApi,
        };
        Self {
            metadata: wire.metadata.into(),
            generation,
            class: wire.spec.gateway_class_name.into_owned(),
            listeners: wire
                .spec
                .listeners
                .unwrap_or_default()
                .into_iter()
                .map(|listener| Listener {
                    name: listener.name.into_owned(),
                    port: listener.port,
                    protocol: listener.protocol.into_owned(),
                })
                .collect(),
        }
    }
}
