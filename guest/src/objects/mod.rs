//! Kubernetes objects: one file per kind, and only the fields that are read.
//!
//! Each kind has a wire form that borrows from the JSON text, and an owned
//! form that is kept. [`document`] turns text into objects.

pub mod cilium_node;
pub mod cilium_node_config;
pub mod config_map;
pub mod document;
pub mod gateway;
pub mod gateway_class;
pub mod metadata;
pub mod node;
pub mod pod;
pub mod selector;
pub mod service;
pub mod text;
pub mod workload;

use serde::Deserialize;
use serde_json::Error;

use cilium_node::{CiliumNode, WireCiliumNode};
use cilium_node_config::{CiliumNodeConfig, WireCiliumNodeConfig};
use config_map::{ConfigMap, WireConfigMap};
use gateway::{Gateway, WireGateway};
use gateway_class::{GatewayClass, WireGatewayClass};
use metadata::Metadata;
use node::{Node, WireNode};
use pod::{Pod, WirePod};
use service::{Service, WireService};
use workload::{WireWorkload, Workload};

/// The kinds that are read, in the order of their names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    CiliumNode,
    CiliumNodeConfig,
    ConfigMap,
    DaemonSet,
    Deployment,
    Gateway,
    GatewayClass,
    Node,
    Pod,
    Service,
    StatefulSet,
}

/// An object of a kind that is read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Object {
    CiliumNode(CiliumNode),
    CiliumNodeConfig(CiliumNodeConfig),
    ConfigMap(ConfigMap),
    DaemonSet(Workload),
    Deployment(Workload),
    Gateway(Gateway),
    GatewayClass(GatewayClass),
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
    CiliumNode,
    CiliumNodeConfig,
    ConfigMap,
    Gateway,
    GatewayClass,
    Node,
    Pod,
    Service,
    Workload,
);

impl Kind {
    const ALL: [Self; 11] = [
        Self::CiliumNode,
        Self::CiliumNodeConfig,
        Self::ConfigMap,
        Self::DaemonSet,
        Self::Deployment,
        Self::Gateway,
        Self::GatewayClass,
        Self::Node,
        Self::Pod,
        Self::Service,
        Self::StatefulSet,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::CiliumNode => "CiliumNode",
            Self::CiliumNodeConfig => "CiliumNodeConfig",
            Self::ConfigMap => "ConfigMap",
            Self::DaemonSet => "DaemonSet",
            Self::Deployment => "Deployment",
            Self::Gateway => "Gateway",
            Self::GatewayClass => "GatewayClass",
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
            Self::CiliumNode | Self::CiliumNodeConfig => &["cilium.io"],
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
            Self::CiliumNode => wire::<WireCiliumNode, _>(text).map(Object::CiliumNode),
            Self::CiliumNodeConfig => {
                wire::<WireCiliumNodeConfig, _>(text).map(Object::CiliumNodeConfig)
            }
            Self::ConfigMap => wire::<WireConfigMap, _>(text).map(Object::ConfigMap),
            Self::DaemonSet => wire::<WireWorkload, _>(text).map(Object::DaemonSet),
            Self::Deployment => wire::<WireWorkload, _>(text).map(Object::Deployment),
            Self::Gateway => wire::<WireGateway, _>(text).map(Object::Gateway),
            Self::GatewayClass => wire::<WireGatewayClass, _>(text).map(Object::GatewayClass),
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
            Self::CiliumNode => path::<WireCiliumNode>(text),
            Self::CiliumNodeConfig => path::<WireCiliumNodeConfig>(text),
            Self::ConfigMap => path::<WireConfigMap>(text),
            Self::DaemonSet | Self::Deployment | Self::StatefulSet => path::<WireWorkload>(text),
            Self::Gateway => path::<WireGateway>(text),
            Self::GatewayClass => path::<WireGatewayClass>(text),
            Self::Node => path::<WireNode>(text),
            Self::Pod => path::<WirePod>(text),
            Self::Service => path::<WireService>(text),
        }
    }
}

impl Object {
    pub fn kind(&self) -> Kind {
        match self {
            Self::CiliumNode(_) => Kind::CiliumNode,
            Self::CiliumNodeConfig(_) => Kind::CiliumNodeConfig,
            Self::ConfigMap(_) => Kind::ConfigMap,
            Self::DaemonSet(_) => Kind::DaemonSet,
            Self::Deployment(_) => Kind::Deployment,
            Self::Gateway(_) => Kind::Gateway,
            Self::GatewayClass(_) => Kind::GatewayClass,
            Self::Node(_) => Kind::Node,
            Self::Pod(_) => Kind::Pod,
            Self::Service(_) => Kind::Service,
            Self::StatefulSet(_) => Kind::StatefulSet,
        }
    }

    pub fn metadata(&self) -> &Metadata {
        match self {
            Self::CiliumNode(object) => &object.metadata,
            Self::CiliumNodeConfig(object) => &object.metadata,
            Self::ConfigMap(object) => &object.metadata,
            Self::DaemonSet(object) | Self::Deployment(object) | Self::StatefulSet(object) => {
                &object.metadata
            }
            Self::Gateway(object) => &object.metadata,
            Self::GatewayClass(object) => &object.metadata,
            Self::Node(object) => &object.metadata,
            Self::Pod(object) => &object.metadata,
            Self::Service(object) => &object.metadata,
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
