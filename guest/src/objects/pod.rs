//! Pod (v1).

use serde::Deserialize;

use super::metadata::{Labels, Metadata, WireMetadata};
use super::text::Text;

#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pod {
    pub metadata: Metadata,
    pub labels: Labels,
    pub containers: Vec<Container>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Container {
    pub name: String,
    pub image: String,
    pub ports: Vec<ContainerPort>,
    /// The Pod shares its node's network, which no CNI looks after.
    pub host_network: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ContainerPort {
    /// Empty when the port has no name.
    pub name: String,
    pub port: u16,
    /// `TCP` when not set, as the API server defaults it.
    pub protocol: String,
}

impl ContainerPort {
    pub fn is_sctp(&self) -> bool {
        self.protocol == "SCTP"
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct WirePod<'a> {
    #[serde(borrow)]
    metadata: WireMetadata<'a>,
    #[serde(borrow)]
    spec: WirePodSpec<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct WirePodSpec<'a> {
    #[serde(borrow)]
    containers: Option<Vec<WireContainer<'a>>>,
    host_network: Option<bool>,
}

#[derive(Deserialize)]
struct WireContainer<'a> {
    #[serde(borrow, default)]
    name: Text<'a>,
    #[serde(borrow, default)]
    image: Text<'a>,
    #[serde(borrow)]
    ports: Option<Vec<WirePort<'a>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WirePort<'a> {
    #[serde(borrow)]
    name: Option<Text<'a>>,
    container_port: u16,
    #[serde(borrow)]
    protocol: Option<Text<'a>>,
}

impl WirePodSpec<'_> {
    pub(super) fn containers(self) -> Vec<Container> {
        let host_network = self.host_network == Some(true);
        self.containers
            .unwrap_or_default()
            .into_iter()
            .map(|wire| wire.owned(host_network))
            .collect()
    }
}

impl WireContainer<'_> {
    fn owned(self, host_network: bool) -> Container {
        Container {
            name: self.name.into_owned(),
            image: self.image.into_owned(),
            ports: self
                .ports
                .unwrap_or_default()
                .into_iter()
                .map(|port| ContainerPort {
                    name: port.name.map(Text::into_owned).unwrap_or_default(),
                    port: port.container_port,
                    protocol: port
                        .protocol
                        .map_or_else(|| "TCP".to_owned(), Text::into_owned),
                })
                .collect(),
            host_network,
        }
    }
}

impl From<WirePod<'_>> for Pod {
    fn from(wire: WirePod<'_>) -> Self {
        Self {
            labels: Labels::keep(wire.metadata.labels),
            metadata: wire.metadata.into(),
            containers: wire.spec.containers(),
        }
    }
}
