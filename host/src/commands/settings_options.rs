//! Options that become the settings of an evaluation.

use std::str::FromStr;

use clap::Args;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use podroute::Profile;
use podroute::policy::{Level, OtherCluster, RuleSetting, Settings};

use super::Failure;

const SNAPSHOT: &str = "What the snapshot cannot tell";
const DEVICE: &str = "The load balancer";
const ROUTES: &str = "Routes";
const RULES: &str = "Rules";

#[derive(Args)]
pub(super) struct SettingsOptions {
    /// The CNI, instead of the detected one: cilium, calico, ..., or kubernetes (pod CIDRs on the Nodes)
    #[arg(long, value_name = "CNI", help_heading = SNAPSHOT)]
    cni: Option<String>,

    /// Cilium's IPAM mode, instead of the one in cilium-config
    #[arg(long, value_name = "MODE", help_heading = SNAPSHOT)]
    ipam: Option<String>,

    /// Cilium's version, where no image tag tells it
    #[arg(long, value_name = "VERSION", help_heading = SNAPSHOT)]
    cilium_version: Option<String>,

    /// The Avi Controller's version, where AKO's settings do not tell it
    #[arg(long, value_name = "VERSION", help_heading = SNAPSHOT)]
    avi_version: Option<String>,

    /// The time of the snapshot, for rules about age: 2026-01-31T12:00:00Z
    #[arg(long, value_name = "TIME", help_heading = SNAPSHOT)]
    at: Option<String>,

    /// Address types that may be a next hop, best first
    #[arg(long, value_name = "TYPE", value_delimiter = ',', help_heading = ROUTES,
          default_values = ["InternalIP", "ExternalIP"])]
    next_hop_types: Vec<String>,

    /// A network that next hops are chosen from, as CIDR; may be repeated. Nodes outside get no route
    #[arg(long, value_name = "CIDR", value_delimiter = ',', help_heading = ROUTES)]
    node_network: Vec<String>,

    /// The nodes that routes go to, as for kubectl get -l: 'zone=a,!edge'
    #[arg(long, short = 'l', value_name = "SELECTOR", help_heading = ROUTES)]
    node_selector: Option<String>,

    /// Make one route of adjacent pod CIDRs of one node, where that covers no other address
    #[arg(long, help_heading = ROUTES)]
    aggregate: bool,

    /// A network that the load balancer is connected to, as CIDR; may be repeated
    #[arg(long, value_name = "CIDR", value_delimiter = ',', help_heading = DEVICE)]
    connected_network: Vec<String>,

    /// A network that no route may cover, as CIDR; may be repeated
    #[arg(long, value_name = "CIDR", value_delimiter = ',', help_heading = DEVICE)]
    protected_network: Vec<String>,

    /// Pod CIDRs of another cluster behind the same load balancer; may be repeated
    #[arg(long, value_name = "NAME=CIDR,...", help_heading = DEVICE)]
    other_cluster: Vec<Other>,

    /// How many routes the device holds
    #[arg(long, value_name = "COUNT", help_heading = DEVICE)]
    route_limit: Option<u32>,

    /// A profile of rules: ako, default, generic, strict, or a TOML file; may be repeated, the last counts
    #[arg(long, value_name = "PROFILE", help_heading = RULES)]
    profile: Vec<String>,

    /// The severity of a rule, of a family (ako/*) or of all (*): off, info, warning, error; may be repeated
    #[arg(long, value_name = "RULE=SEVERITY", help_heading = RULES)]
    rule: Vec<Override>,
}

#[derive(Clone)]
struct Other(OtherCluster);

#[derive(Clone)]
struct Override(RuleSetting);

impl SettingsOptions {
    /// The settings, but for what only the snapshot tells.
    pub(super) fn read(&self) -> Result<Settings, Failure> {
        let mut rules = Vec::new();
        let mut suppressions = Vec::new();
        for name in &self.profile {
            let profile = Profile::load(name)?;
            rules.extend(profile.rules);
            suppressions.extend(profile.suppressions);
        }
        rules.extend(self.rule.iter().map(|rule| rule.0.clone()));
        Ok(Settings {
            cni: self.cni.clone(),
            ipam_mode: self.ipam.clone(),
            cilium_version: self.cilium_version.clone(),
            avi_version: self.avi_version.clone(),
            next_hop_types: self.next_hop_types.clone(),
            node_networks: self.node_network.clone(),
            node_selector: self.node_selector.clone(),
            aggregate: self.aggregate,
            connected_networks: self.connected_network.clone(),
            protected_networks: self.protected_network.clone(),
            other_clusters: self.other_cluster.iter().map(|one| one.0.clone()).collect(),
            route_limit: self.route_limit,
            at: self.at.clone(),
            today: Some(today()),
            rules,
            suppressions,
            ..Settings::default()
        })
    }
}

/// Today's date in UTC.
fn today() -> String {
    Timestamp::now().to_zoned(TimeZone::UTC).date().to_string()
}

impl FromStr for Other {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, cidrs) = text
            .split_once('=')
            .filter(|(name, _)| !name.is_empty())
            .ok_or("expected NAME=CIDR,... such as east=10.128.0.0/14")?;
        Ok(Self(OtherCluster {
            name: name.to_owned(),
            pod_cidrs: cidrs.split(',').map(str::to_owned).collect(),
        }))
    }
}

impl FromStr for Override {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (rule, level) = text
            .split_once('=')
            .ok_or("expected RULE=SEVERITY such as node/host-bits=off")?;
        let severity = match level {
            "off" => Level::Off,
            "info" => Level::Info,
            "warning" => Level::Warning,
            "error" => Level::Error,
            other => return Err(format!("`{other}` is none of off, info, warning, error")),
        };
        Ok(Self(RuleSetting {
            rule: rule.to_owned(),
            severity: Some(severity),
            parameters: Vec::new(),
        }))
    }
}
