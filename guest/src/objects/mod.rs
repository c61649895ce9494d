//! Kubernetes objects: one file per kind, and only the fields that are read.
//!
//! Each kind has a wire form that borrows from the JSON text, and an owned
//! form that is kept. [`document`] turns text into objects.

pub mod annotations;
pub mod block_affinity;
pub mod cidr;
pub mod cilium_node;
pub mod cilium_node_config;
pub mod cilium_pod_ip_pool;
pub mod config_map;
pub mod document;
pub mod gateway;
pub mod gateway_class;
pub mod host_subnet;
pub mod installation;
pub mod ip_pool;
pub mod metadata;
pub mod node;
pub mod pod;
pub mod selector;
pub mod service;
pub mod text;
pub mod workload;

use serde::Deserialize;
use serde_json::Error;

use block_affinity::{BlockAffinity, WireBlockAffinity};
use cilium_node::{CiliumNode, WireCiliumNode};
use cilium_node_config::{CiliumNodeConfig, WireCiliumNodeConfig};
use cilium_pod_ip_pool::{CiliumPodIpPool, WireCiliumPodIpPool};
use config_map::{ConfigMap, WireConfigMap};
use gateway::{Gateway, WireGateway};
use gateway_class::{GatewayClass, WireGatewayClass};
use host_subnet::{HostSubnet, WireHostSubnet};
use installation::{Installation, WireInstallation};
use ip_pool::{IpPool, WireIpPool};
use metadata::Metadata;
use node::{Node, WireNode};
use pod::{Pod, WirePod};
use service::{Service, WireService};
use workload::{WireWorkload, Workload};

/// The kinds that are read, in the order of their names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    BlockAffinity,
    CiliumNode,
    CiliumNodeConfig,
    CiliumPodIpPool,
    ConfigMap,
    DaemonSet,
    Deployment,
    Gateway,
    GatewayClass,
    HostSubnet,
    Installation,
    IpPool,
    Node,
    Pod,
    Service,
    StatefulSet,
}

/// An object of a kind that is read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Object {
    BlockAffinity(BlockAffinity),
    CiliumNode(CiliumNode),
    CiliumNodeConfig(CiliumNodeConfig),
    CiliumPodIpPool(CiliumPodIpPool),
    ConfigMap(ConfigMap),
    DaemonSet(Workload),
    Deployment(Workload),
    Gateway(Gateway),
    GatewayClass(GatewayClass),
    HostSubnet(HostSubnet),
    Installation(Installation),
    IpPool(IpPool),
    Node(Node),
    Pod(Pod),
    Service(Service),
    StatefulSet(Workload),
}

/// What makes an object the same object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    pub kind: Kind,
    /// Empty for kinds outside namespaces.
    pub namespace: String,
    pub name: String,
}

metadata::versioned!(
    BlockAffinity,
    CiliumNode,
    CiliumNodeConfig,
    CiliumPodIpPool,
    ConfigMap,
    Gateway,
    GatewayClass,
    HostSubnet,
    Installation,
    IpPool,
    Node,
    Pod,
    Service,
    Workload,
);

impl Kind {
    const ALL: [Self; 16] = [
        Self::BlockAffinity,
        Self::CiliumNode,
        Self::CiliumNodeConfig,
        Self::CiliumPodIpPool,
        Self::ConfigMap,
        Self::DaemonSet,
        Self::Deployment,
        Self::Gateway,
        Self::GatewayClass,
        Self::HostSubnet,
        Self::Installation,
        Self::IpPool,
        Self::Node,
        Self::Pod,
        Self::Service,
        Self::StatefulSet,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::BlockAffinity => "BlockAffinity",
            Self::CiliumNode => "CiliumNode",
            Self::CiliumNodeConfig => "CiliumNodeConfig",
            Self::CiliumPodIpPool => "CiliumPodIPPool",
            Self::ConfigMap => "ConfigMap",
            Self::DaemonSet => "DaemonSet",
            Self::Deployment => "Deployment",
            Self::Gateway => "Gateway",
            Self::GatewayClass => "GatewayClass",
            Self::HostSubnet => "HostSubnet",
            Self::Installation => "Installation",
            Self::IpPool => "IPPool",
            Self::Node => "Node",
            Self::Pod => "Pod",
            Self::Service => "Service",
            Self::StatefulSet => "StatefulSet",
        }
    }

    /// The kind by its bare name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The kind that an object with this apiVersion and kind is of. Names are
    /// not unique across API groups: Istio has a Gateway too.
    pub fn of(api_version: &str, name: &str) -> Option<Self> {
        let group = match api_version.split_once('/') {
            Some((group, _)) => group,
            None => "",
        };
        Self::named(name).filter(|kind| kind.groups().contains(&group))
    }

    fn groups(self) -> &'static [&'static str] {
        match self {
            Self::ConfigMap | Self::Node | Self::Pod | Self::Service => &[""],
            Self::DaemonSet | Self::Deployment | Self::StatefulSet => &["apps"],
            Self::BlockAffinity | Self::IpPool => &["crd.projectcalico.org", "projectcalico.org"],
            Self::CiliumNode | Self::CiliumNodeConfig | Self::CiliumPodIpPool => &["cilium.io"],
            Self::HostSubnet => &["network.openshift.io"],
            Self::Installation => &["operator.tigera.io"],
            Self::Gateway | Self::GatewayClass => {
                &["gateway.networking.k8s.io", "networking.x-k8s.io"]
            }
        }
    }

    /// Reads an object of this kind.
    pub fn read(self, text: &str) -> Result<Object, Error> {
        fn wire<'a, W: Deserialize<'a>, T: From<W>>(text: &'a str) -> Result<T, Error> {
            serde_json::from_str::<W>(text).map(T::from)
        }
        match self {
            Self::BlockAffinity => wire::<WireBlockAffinity, _>(text).map(Object::BlockAffinity),
            Self::CiliumNode => wire::<WireCiliumNode, _>(text).map(Object::CiliumNode),
            Self::CiliumNodeConfig => {
                wire::<WireCiliumNodeConfig, _>(text).map(Object::CiliumNodeConfig)
            }
            Self::CiliumPodIpPool => {
                wire::<WireCiliumPodIpPool, _>(text).map(Object::CiliumPodIpPool)
            }
            Self::ConfigMap => wire::<WireConfigMap, _>(text).map(Object::ConfigMap),
            Self::DaemonSet => wire::<WireWorkload, _>(text).map(Object::DaemonSet),
            Self::Deployment => wire::<WireWorkload, _>(text).map(Object::Deployment),
            Self::Gateway => wire::<WireGateway, _>(text).map(Object::Gateway),
            Self::GatewayClass => wire::<WireGatewayClass, _>(text).map(Object::GatewayClass),
            Self::HostSubnet => wire::<WireHostSubnet, _>(text).map(Object::HostSubnet),
            Self::Installation => wire::<WireInstallation, _>(text).map(Object::Installation),
            Self::IpPool => wire::<WireIpPool, _>(text).map(Object::IpPool),
            Self::Node => wire::<WireNode, _>(text).map(Object::Node),
            Self::Pod => wire::<WirePod, _>(text).map(Object::Pod),
            Self::Service => wire::<WireService, _>(text).map(Object::Service),
            Self::StatefulSet => wire::<WireWorkload, _>(text).map(Object::StatefulSet),
        }
    }

    /// The field of an unreadable object that is at fault, and why. Slower
    /// than [`Kind::read`], hence only asked after it failed.
    pub fn explain(self, text: &str) -> Option<(String, String)> {
        fn path<'a, W: Deserialize<'a>>(text: &'a str) -> Option<(String, String)> {
            let mut json = serde_json::Deserializer::from_str(text);
            let error = serde_path_to_error::deserialize::<_, W>(&mut json).err()?;
            Some((error.path().to_string(), error.into_inner().to_string()))
        }
        match self {
            Self::BlockAffinity => path::<WireBlockAffinity>(text),
            Self::CiliumNode => path::<WireCiliumNode>(text),
            Self::CiliumNodeConfig => path::<WireCiliumNodeConfig>(text),
            Self::CiliumPodIpPool => path::<WireCiliumPodIpPool>(text),
            Self::ConfigMap => path::<WireConfigMap>(text),
            Self::Gateway => path::<WireGateway>(text),
            Self::GatewayClass => path::<WireGatewayClass>(text),
            Self::HostSubnet => path::<WireHostSubnet>(text),
            Self::Installation => path::<WireInstallation>(text),
            Self::IpPool => path::<WireIpPool>(text),
            Self::Node => path::<WireNode>(text),
            Self::Pod => path::<WirePod>(text),
            Self::Service => path::<WireService>(text),
            Self::DaemonSet | Self::Deployment | Self::StatefulSet => path::<WireWorkload>(text),
        }
    }
}

impl Object {
    pub fn kind(&self) -> Kind {
        match self {
            Self::BlockAffinity(_) => Kind::BlockAffinity,
            Self::CiliumNode(_) => Kind::CiliumNode,
            Self::CiliumNodeConfig(_) => Kind::CiliumNodeConfig,
            Self::CiliumPodIpPool(_) => Kind::CiliumPodIpPool,
            Self::ConfigMap(_) => Kind::ConfigMap,
            Self::DaemonSet(_) => Kind::DaemonSet,
            Self::Deployment(_) => Kind::Deployment,
            Self::Gateway(_) => Kind::Gateway,
            Self::GatewayClass(_) => Kind::GatewayClass,
            Self::HostSubnet(_) => Kind::HostSubnet,
            Self::Installation(_) => Kind::Installation,
            Self::IpPool(_) => Kind::IpPool,
            Self::Node(_) => Kind::Node,
            Self::Pod(_) => Kind::Pod,
            Self::Service(_) => Kind::Service,
            Self::StatefulSet(_) => Kind::StatefulSet,
        }
    }

    pub fn metadata(&self) -> &Metadata {
        match self {
            Self::BlockAffinity(object) => &object.metadata,
            Self::CiliumNode(object) => &object.metadata,
            Self::CiliumNodeConfig(object) => &object.metadata,
            Self::CiliumPodIpPool(object) => &object.metadata,
            Self::ConfigMap(object) => &object.metadata,
            Self::Gateway(object) => &object.metadata,
            Self::GatewayClass(object) => &object.metadata,
            Self::HostSubnet(object) => &object.metadata,
            Self::Installation(object) => &object.metadata,
            Self::IpPool(object) => &object.metadata,
            Self::Node(object) => &object.metadata,
            Self::Pod(object) => &object.metadata,
            Self::Service(object) => &object.metadata,
            Self::DaemonSet(object) | Self::Deployment(object) | Self::StatefulSet(object) => {
                &object.metadata
            }
        }
    }

    /// Kind, namespace and name: what makes it the same object.
    pub fn identity(&self) -> (Kind, &str, &str) {
        let metadata = self.metadata();
        (self.kind(), &metadata.namespace, &metadata.name)
    }

    pub fn key(&self) -> Key {
        let (kind, namespace, name) = self.identity();
        Key {
            kind,
            namespace: namespace.to_owned(),
            name: name.to_owned(),
        }
    }
}
