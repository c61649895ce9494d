//! Pod (v1).

use serde::Deserialize;

use super::metadata::{Labels, Metadata, WireMetadata};
use super::text::Text;

#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pod {
    pub metadata: Metadata,
    pub labels: Labels,
    pub containers: Vec<Container>,
    /// spec.nodeName; empty until the Pod is scheduled.
    pub node: String,
    /// spec.hostNetwork: the Pod has its node's addresses.
    pub host_network: bool,
    /// status.phase: `Pending`, `Running`, `Succeeded`, `Failed`, `Unknown`.
    pub phase: String,
    /// status.podIPs, else status.podIP.
    pub ips: Vec<String>,
    /// The condition Ready; None when it is not reported.
    pub ready: Option<bool>,
    /// The Pod is being deleted.
    pub deleting: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Container {
    pub name: String,
    pub image: String,
    /// The program that is run: the first word of `command`; None when the
    /// image says it.
    pub program: Option<String>,
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
    #[serde(borrow)]
    status: WirePodStatus<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct WirePodSpec<'a> {
    #[serde(borrow)]
    containers: Option<Vec<WireContainer<'a>>>,
    host_network: Option<bool>,
    #[serde(borrow)]
    node_name: Option<Text<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WirePodStatus<'a> {
    #[serde(borrow)]
    phase: Option<Text<'a>>,
    #[serde(borrow, rename = "podIP")]
    pod_ip: Option<Text<'a>>,
    #[serde(borrow, rename = "podIPs")]
    pod_ips: Option<Vec<WirePodIp<'a>>>,
    #[serde(borrow)]
    conditions: Option<Vec<WireCondition<'a>>>,
}

#[derive(Deserialize)]
struct WirePodIp<'a> {
    #[serde(borrow, default)]
    ip: Text<'a>,
}

#[derive(Deserialize)]
struct WireCondition<'a> {
    #[serde(borrow, rename = "type")]
    kind: Text<'a>,
    #[serde(borrow)]
    status: Text<'a>,
}

#[derive(Deserialize)]
struct WireContainer<'a> {
    #[serde(borrow, default)]
    name: Text<'a>,
    #[serde(borrow, default)]
    image: Text<'a>,
    #[serde(borrow)]
    command: Option<Vec<Text<'a>>>,
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
            program: self
                .command
                .and_then(|command| command.into_iter().next())
                .map(Text::into_owned),
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

impl WirePodStatus<'_> {
    fn ready(&self) -> Option<bool> {
        self.conditions
            .iter()
            .flatten()
            .find(|condition| &*condition.kind == "Ready")
            .map(|condition| &*condition.status == "True")
    }

    fn ips(self) -> Vec<String> {
        let ips: Vec<Text<'_>> = match self.pod_ips {
            Some(ips) if !ips.is_empty() => ips.into_iter().map(|one| one.ip).collect(),
            _ => self.pod_ip.into_iter().collect(),
        };
        ips.into_iter()
            .filter(|ip| !ip.is_empty())
            .map(Text::into_owned)
            .collect()
    }
}

impl From<WirePod<'_>> for Pod {
    fn from(mut wire: WirePod<'_>) -> Self {
        Self {
            labels: Labels::keep(wire.metadata.labels),
            deleting: wire.metadata.is_deleting(),
            metadata: wire.metadata.into(),
            node: wire
                .spec
                .node_name
                .take()
                .map(Text::into_owned)
                .unwrap_or_default(),
            host_network: wire.spec.host_network == Some(true),
            containers: wire.spec.containers(),
            phase: wire
                .status
                .phase
                .take()
                .map(Text::into_owned)
                .unwrap_or_default(),
            ready: wire.status.ready(),
            ips: wire.status.ips(),
        }
    }
}
