//! Calico: which IPAM plugin hands out the pods' addresses.

use crate::cluster::Cluster;
use crate::objects::block_affinity::BlockAffinity;
use crate::objects::config_map::ConfigMap;

/// An IPAM plugin that Calico's CNI plugin may be set to use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ipam {
    /// calico-ipam: blocks, given to nodes by BlockAffinities.
    Calico,
    /// host-local: Node.spec.podCIDRs.
    HostLocal,
}

impl Ipam {
    /// The plugin that the Installation of Calico's operator names, else the
    /// one in the configuration of a manifest; None when neither says.
    pub fn find(cluster: &Cluster) -> Option<Self> {
        Self::with_evidence(cluster).map(|(ipam, _)| ipam)
    }

    /// The plugin, and which object says so.
    pub fn with_evidence(cluster: &Cluster) -> Option<(Self, String)> {
        Self::installed(cluster).or_else(|| Self::configured(cluster))
    }

    fn installed(cluster: &Cluster) -> Option<(Self, String)> {
        cluster.installations.iter().find_map(|(name, found)| {
            let ipam = match (found.ipam.as_deref(), found.cni.as_deref()) {
                (Some("Calico"), _) | (None, Some("Calico")) => Self::Calico,
                (Some("HostLocal"), _) | (None, Some("GKE")) => Self::HostLocal,
                _ => return None,
            };
            Some((ipam, format!("{} IPAM by Installation {name}", ipam.name())))
        })
    }

    fn configured(cluster: &Cluster) -> Option<(Self, String)> {
        cluster
            .config_maps
            .iter()
            .filter(|((_, name), _)| {
                [ConfigMap::CALICO, ConfigMap::CANAL, ConfigMap::RKE2_CANAL]
                    .contains(&name.as_str())
            })
            .find_map(|((namespace, name), config)| {
                let ipam = Self::of_template(config.data.get("cni_network_config")?)?;
                let words = format!("{} IPAM by ConfigMap {namespace}/{name}", ipam.name());
                Some((ipam, words))
            })
    }

    /// The name of the plugin.
    pub fn name(self) -> &'static str {
        match self {
            Self::Calico => "calico-ipam",
            Self::HostLocal => "host-local",
        }
    }

    /// Reads the plugin from the template of a CNI configuration. That is no
    /// JSON: numbers stand in it as words like `__CNI_MTU__`.
    fn of_template(template: &str) -> Option<Self> {
        template.split("\"type\"").skip(1).find_map(|rest| {
            let value = rest.trim_start().strip_prefix(':')?.trim_start();
            if value.starts_with("\"calico-ipam\"") {
                Some(Self::Calico)
            } else if value.starts_with("\"host-local\"") {
                Some(Self::HostLocal)
            } else {
                None
            }
        })
    }
}

/// Whether Calico hands out addresses itself, as far as anything says so:
/// beside another CNI it may only enforce policies.
pub fn hands_out_addresses(cluster: &Cluster) -> bool {
    match Ipam::find(cluster) {
        Some(ipam) => ipam == Ipam::Calico,
        None => cluster.block_affinities.values().any(BlockAffinity::holds),
    }
}

/// The CNI that Calico's operator was told to work with: spec.cni.type.
pub fn installed_beside(cluster: &Cluster) -> Option<&str> {
    cluster
        .installations
        .values()
        .find_map(|installation| installation.cni.as_deref())
}

#[cfg(test)]
mod tests {
    use super::Ipam;

    #[test]
    fn reads_templates_that_are_no_json() {
        let calico = r#"{"plugins": [{"type": "calico", "mtu": __CNI_MTU__,
            "ipam" : {"type"
               :  "calico-ipam"}}, {"type": "portmap"}]}"#;
        assert_eq!(Ipam::of_template(calico), Some(Ipam::Calico));
        let canal = r#"{"plugins":[{"type":"calico","nodename":"__KUBERNETES_NODE_NAME__",
            "ipam":{"type":"host-local","subnet":"usePodCidr"}}]}"#;
        assert_eq!(Ipam::of_template(canal), Some(Ipam::HostLocal));
        assert_eq!(Ipam::of_template(r#"{"type": "calico"}"#), None);
        assert_eq!(Ipam::of_template("\"type\" \"calico-ipam\""), None);
        assert_eq!(Ipam::of_template(""), None);
    }
}
