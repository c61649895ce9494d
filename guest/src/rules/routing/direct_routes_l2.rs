//! routing/direct-routes-l2: routes to nodes that are in another subnet.
//!
//! The addresses of Nodes carry no masks. Which subnets there are is known
//! from the networks that the load balancer is connected to and from AKO's
//! nodeNetworkList; without them nothing is said.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::agents::{RESTART, each_family, has_family, routing_mode, set};
use crate::detect::cilium::agents::AgentConfig;
use crate::detect::cilium::routing::RoutingMode;
use crate::objects::node::Node;
use crate::prefix::{Family, Prefix};
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "routing/direct-routes-l2",
    reach: Reach::Cluster,
    severities: &[Severity::Warning],
    parameters: &[],
    page: include_str!("direct_routes_l2.md"),
    check,
};

const DIRECT: &str = "auto-direct-node-routes";
const SKIP: &str = "direct-routing-skip-unreachable";
pub(in crate::rules) const KEYS: [&str; 6] = [
    DIRECT,
    SKIP,
    "enable-ipv4",
    "enable-ipv6",
    "routing-mode",
    "tunnel",
];

/// How many networks a message spells out.
const SPELLED_OUT: usize = 3;

/// The known networks in which a node has an address, by their position.
type Whereabouts = BTreeSet<usize>;

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    each_family(context, verdict, &KEYS, judge)
}

fn judge(
    context: &Context<'_>,
    agents: &AgentConfig<'_>,
    family: Family,
) -> Result<Option<Draft>, Missing> {
    let is_direct =
        agents.is_on(DIRECT, false) && !agents.is_on(SKIP, false) && has_family(agents, family);
    if !is_direct || routing_mode(context, agents)? != Some(RoutingMode::Native) {
        return Ok(None);
    }
    let networks = known_networks(context, family);
    let mut nodes_at: BTreeMap<Whereabouts, Vec<&Node>> = BTreeMap::new();
    for node in context.nodes()?.values() {
        let addresses = addresses(node, family);
        if !addresses.is_empty() {
            let at = whereabouts(&addresses, &networks);
            nodes_at.entry(at).or_default().push(node);
        }
    }
    let unplaced = nodes_at.remove(&Whereabouts::new()).unwrap_or_default();
    if !are_apart(agents, &nodes_at) {
        // A single node has nobody to be apart from.
        let others = nodes_at.values().map(Vec::len).sum::<usize>();
        return match (unplaced.len(), others) {
            (0, _) | (1, 0) => Ok(None),
            _ => Err(Missing::other(
                "the networks of the nodes (the setting connectedNetworks)",
            )),
        };
    }
    let largest = nodes_at
        .iter()
        .max_by_key(|(_, nodes)| nodes.len())
        .map(|(at, _)| at);
    Ok(Some(
        Draft::new(format!(
            "{}: {DIRECT} needs all nodes in one subnet, and is set{}",
            describe(&nodes_at, &networks),
            agents.whose()
        ))
        .effect("Cilium installs no route to nodes behind a gateway (\"must be directly reachable\"): pods on nodes of different subnets do not reach each other, unless routers know the pod CIDRs; the load balancer's own routes work")
        .fix(format!(
            "{} (Cilium 1.16 and newer; Helm: directRoutingSkipUnreachable=true) and let BGP or static routes on the routers carry the pod CIDRs between the subnets; or use routing-mode: \"tunnel\" without {DIRECT}; {RESTART}",
            set(agents, SKIP, "true")
        ))
        .object(agents.key_ref(DIRECT))
        .objects(
            nodes_at
                .iter()
                .filter(|(at, _)| Some(*at) != largest)
                .flat_map(|(_, nodes)| nodes)
                .map(|node| node.to_ref().at("status.addresses")),
        ),
    ))
}

/// The networks that anything names, of one family each. What AKO calls one
/// network counts as one, however many CIDRs it has.
fn known_networks(context: &Context<'_>, family: Family) -> Vec<Vec<Prefix>> {
    let connected = context
        .settings
        .connected_networks
        .iter()
        .map(|network| vec![*network]);
    let of_ako = context.detected.akos.iter().flat_map(|ako| {
        let networks = ako.node_networks().unwrap_or_default();
        networks.into_iter().map(|network| {
            let parsed = network.cidrs.iter().map(|text| Prefix::parse(text));
            parsed.flatten().map(|parsed| parsed.prefix).collect()
        })
    });
    let mut networks: Vec<Vec<Prefix>> = connected.chain(of_ako).collect();
    for network in &mut networks {
        network.retain(|prefix| prefix.family() == family);
    }
    networks
}

/// The addresses to which Cilium would route: a node's own.
fn addresses(node: &Node, family: Family) -> Vec<IpAddr> {
    node.addresses
        .iter()
        .filter(|address| address.kind == "InternalIP")
        .filter_map(|address| address.ip)
        .filter(|address| Family::of(*address) == family)
        .collect()
}

fn whereabouts(addresses: &[IpAddr], networks: &[Vec<Prefix>]) -> Whereabouts {
    let holds_one = |network: &&Prefix| addresses.iter().any(|one| network.contains_address(*one));
    networks
        .iter()
        .enumerate()
        .filter(|(_, network)| network.iter().any(|prefix| holds_one(&prefix)))
        .map(|(position, _)| position)
        .collect()
}

/// Whether one of these agents' nodes shares no network with some other node.
fn are_apart(agents: &AgentConfig<'_>, nodes_at: &BTreeMap<Whereabouts, Vec<&Node>>) -> bool {
    let own: BTreeSet<&str> = agents.nodes.iter().map(|node| node.name()).collect();
    let is_own = |nodes: &[&Node]| nodes.iter().any(|node| own.contains(node.name()));
    nodes_at
        .iter()
        .filter(|(_, nodes)| is_own(nodes))
        .any(|(here, _)| nodes_at.keys().any(|there| here.is_disjoint(there)))
}

/// `worker-1 is in 192.0.2.0/24, 2 nodes (worker-2, ...) are in ...`.
fn describe(nodes_at: &BTreeMap<Whereabouts, Vec<&Node>>, networks: &[Vec<Prefix>]) -> String {
    let mut parts: Vec<String> = nodes_at
        .iter()
        .take(SPELLED_OUT)
        .filter_map(|(at, nodes)| {
            let network = at.first().and_then(|at| networks.get(*at)?.first())?;
            let first = nodes.first()?.name();
            Some(match nodes.len() {
                1 => format!("{first} is in {network}"),
                count => format!("{count} nodes ({first}, ...) are in {network}"),
            })
        })
        .collect();
    if nodes_at.len() > SPELLED_OUT {
        parts.push("...".to_owned());
    }
    parts.join(", ")
}
