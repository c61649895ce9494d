//! What rules look at, and the evidence that they may ask for.
//!
//! A rule asks for evidence only once it needs it: a cluster without SCTP
//! does not need kernel versions. Asking for what was not given ends the rule
//! as "not evaluated".

use std::cell::OnceCell;
use std::collections::BTreeMap;

use super::rule::{Missing, Parameter, Rule, Verdict};
use crate::cluster::{Cluster, Name, Scope};
use crate::detect::Detected;
use crate::detect::ako::Ako;
use crate::detect::cilium::agents::AgentConfig;
use crate::detect::cilium::{Cilium, Config};
use crate::detect::cni::Cni;
use crate::detect::ipam::IpamMode;
use crate::excluded;
use crate::objects::Kind;
use crate::objects::cilium_node::CiliumNode;
use crate::objects::node::Node;
use crate::programmed::Programmed;
use crate::report::ObjectRef;
use crate::routes::Mapping;
use crate::settings::Settings;
use crate::sources::{Claim, Claims};
use crate::terms::Terms;
use crate::version::Version;

/// The cluster and everything that was worked out about it.
pub struct Context<'a> {
    pub cluster: &'a Cluster,
    pub settings: &'a Settings,
    pub detected: &'a Detected<'a>,
    pub terms: &'a Terms,
    /// The routes of ours that devices have.
    pub programmed: &'a Programmed,
    pub workings: &'a Workings<'a>,
}

/// What several rules need, made when the first of them asks for it.
#[derive(Default)]
pub struct Workings<'a> {
    claims: OnceCell<Claims<'a>>,
    mapping: OnceCell<Mapping<'a>>,
}

impl<'a> Context<'a> {
    /// The whole map.
    pub fn mapping(&self) -> &'a Mapping<'a> {
        self.workings.mapping.get_or_init(|| {
            Mapping::build(
                self.claims(),
                self.cluster,
                Scope::All,
                self.terms,
                self.programmed,
                self.settings,
            )
        })
    }

    /// What the nodes claim, without what becomes of it: a fraction of the
    /// map's cost.
    pub fn claims(&self) -> &'a Claims<'a> {
        self.workings
            .claims
            .get_or_init(|| Claims::read(self.cluster, Scope::All, self.terms))
    }

    /// Every valid claim, kept only if another rule needs them again.
    pub fn for_each_claim(&self, look: impl FnMut(Claim<'a>)) {
        match self.workings.claims.get() {
            Some(claims) => claims.valid.iter().copied().for_each(look),
            None => drop(Claims::for_each(self.cluster, Scope::All, self.terms, look)),
        }
    }

    /// The value of a rule's parameter: as set, else its default.
    pub fn parameter(&self, rule: &Rule, parameter: Parameter) -> i64 {
        self.settings.rules.parameter(rule, parameter)
    }

    /// Whether no route goes to a node because somebody says so: what is not
    /// as routes need it there harms nobody.
    pub fn is_excluded(&self, node: &Node) -> bool {
        excluded::exclusion(node, self.settings).is_some()
    }

    /// The Nodes, by name. There is no cluster without one.
    pub fn nodes(&self) -> Result<&'a BTreeMap<String, Node>, Missing> {
        if self.cluster.nodes.is_empty() {
            return Err(Missing::Kind("Node"));
        }
        Ok(&self.cluster.nodes)
    }

    /// The CiliumNodes, by name; possibly none, if that was looked at.
    pub fn cilium_nodes(&self) -> Result<&'a BTreeMap<String, CiliumNode>, Missing> {
        self.saw(Kind::CiliumNode)?;
        Ok(&self.cluster.cilium_nodes)
    }

    /// Fails unless objects of this kind were given completely. A kind of
    /// which nothing was given is unknown, not empty.
    pub fn saw(&self, kind: Kind) -> Result<(), Missing> {
        let seen = self.cluster.has_seen(kind) || self.settings.has_listed(kind);
        if seen && !self.has_gap(kind) {
            Ok(())
        } else {
            Err(Missing::Kind(kind.name()))
        }
    }

    /// Notes kinds that were not given, and goes on with what there is.
    pub fn note_unseen(&self, kinds: &[Kind], verdict: &mut Verdict) {
        for kind in kinds {
            if let Err(missing) = self.saw(*kind) {
                verdict.lacks(missing);
            }
        }
    }

    /// Fails where it is known that objects of a kind are missing.
    pub fn has_no_gap(&self, kind: Kind) -> Result<(), Missing> {
        if self.has_gap(kind) {
            Err(Missing::Kind(kind.name()))
        } else {
            Ok(())
        }
    }

    fn has_gap(&self, kind: Kind) -> bool {
        let name = kind.name();
        self.settings.gaps.iter().any(|gap| gap.kind == name)
            || self.cluster.unreadable().any(|object| object.kind == name)
    }

    /// The Cilium installation; None when another CNI runs. Fails when it is
    /// not known which CNI runs.
    pub fn cilium(&self) -> Result<Option<&'a Cilium<'a>>, Missing> {
        match self.detected.cni.cni {
            Cni::Cilium => Ok(self.detected.cilium.as_ref()),
            Cni::Unknown if !self.detected.cni.conclusive => {
                Err(Missing::other("what tells which CNI runs"))
            }
            _ => Ok(None),
        }
    }

    /// cilium-config; None when another CNI runs.
    pub fn cilium_config(&self) -> Result<Option<&'a Config<'a>>, Missing> {
        match self.cilium()? {
            None => Ok(None),
            Some(cilium) => match &cilium.config {
                Some(config) => Ok(Some(config)),
                None => Err(Missing::other("ConfigMap kube-system/cilium-config")),
            },
        }
    }

    /// What Cilium's agents run with, as far as `keys` are concerned; nothing
    /// when another CNI runs.
    pub fn cilium_agents(&self, keys: &[&str]) -> Result<Vec<AgentConfig<'a>>, Missing> {
        let config = self.cilium_config()?;
        Ok(config.map(|config| config.agents(keys)).unwrap_or_default())
    }

    /// Cilium's IPAM mode; None when another CNI runs or when `ipam` names no
    /// mode, which is for the rule ipam/mode-unknown to say.
    pub fn ipam_mode(&self) -> Result<Option<IpamMode>, Missing> {
        let mode = self.cilium()?.and_then(|cilium| cilium.ipam);
        if mode.is_none() {
            self.cilium_config()?;
        }
        Ok(mode)
    }

    /// The version of Cilium's agent.
    pub fn cilium_version(&self) -> Result<Version, Missing> {
        self.detected
            .cilium
            .as_ref()
            .and_then(|cilium| cilium.version)
            .ok_or_else(|| Missing::other("the Cilium version"))
    }

    /// The AKO instances; none only if all ConfigMaps were looked at.
    pub fn akos(&self) -> Result<&'a [Ako<'a>], Missing> {
        let akos = &self.detected.akos;
        let listed =
            self.cluster.has_seen_all_config_maps() || self.settings.has_listed(Kind::ConfigMap);
        let complete = listed && !self.has_gap(Kind::ConfigMap);
        if akos.is_empty() && !complete {
            return Err(Missing::other("ConfigMap avi-k8s-config (AKO)"));
        }
        Ok(akos)
    }
}

/// An object without a namespace, as a whole.
pub fn cluster_object(kind: Kind, name: &str) -> ObjectRef {
    ObjectRef {
        kind: kind.name().into(),
        namespace: None,
        name: name.to_owned(),
        field: None,
    }
}

/// An object in a namespace, as a whole.
pub fn namespaced_object(kind: Kind, (namespace, name): &Name) -> ObjectRef {
    ObjectRef {
        kind: kind.name().into(),
        namespace: Some(namespace.clone()),
        name: name.clone(),
        field: None,
    }
}

impl ObjectRef {
    /// The same object, at a field.
    #[must_use]
    pub fn at(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }
}

impl Node {
    pub fn to_ref(&self) -> ObjectRef {
        cluster_object(Kind::Node, self.name())
    }
}

impl CiliumNode {
    pub fn to_ref(&self) -> ObjectRef {
        cluster_object(Kind::CiliumNode, self.name())
    }
}

impl Config<'_> {
    /// A key of cilium-config.
    pub fn key_ref(&self, key: &str) -> ObjectRef {
        config_key(&self.object.metadata, key)
    }
}

impl Ako<'_> {
    /// A key of avi-k8s-config.
    pub fn key_ref(&self, key: &str) -> ObjectRef {
        config_key(&self.config.metadata, key)
    }
}

fn config_key(metadata: &crate::objects::metadata::Metadata, key: &str) -> ObjectRef {
    namespaced_object(
        Kind::ConfigMap,
        &(metadata.namespace.clone(), metadata.name.clone()),
    )
    .at(format!("data.{key}"))
}
