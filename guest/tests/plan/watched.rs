//! A cluster, a table, and plans as text.

use podroute_policy::cluster::Cluster;
use podroute_policy::desired::Desired;
use podroute_policy::objects::selector::LabelSelector;
use podroute_policy::objects::{Key, Kind};
use podroute_policy::plan::{self, Observed, Plan, Request};
use podroute_policy::settings::{RawSettings, Settings};
use serde_json::{Value, json};

pub(crate) struct Watched {
    pub(crate) cluster: Cluster,
    pub(crate) settings: Settings,
    pub(crate) desired: Desired,
}

/// A cluster whose pod CIDRs stand on these Nodes.
pub(crate) fn cluster(nodes: &[Value]) -> Watched {
    with_settings(nodes, RawSettings::default())
}

/// The same, adjacent pod CIDRs aggregated.
pub(crate) fn aggregated(nodes: &[Value]) -> Watched {
    with_settings(
        nodes,
        RawSettings {
            aggregate: true,
            ..RawSettings::default()
        },
    )
}

pub(crate) fn with_settings(nodes: &[Value], settings: RawSettings) -> Watched {
    let settings = RawSettings {
        cni: Some("kubernetes".to_owned()),
        ..settings
    };
    let mut watched = Watched {
        cluster: Cluster::default(),
        settings: Settings::try_from(settings).unwrap(),
        desired: Desired::default(),
    };
    watched.put(nodes);
    watched
}

impl Watched {
    pub(crate) fn put(&mut self, objects: &[Value]) {
        let documents: Vec<String> = objects.iter().map(Value::to_string).collect();
        let problems = self.cluster.upsert(documents.iter().map(String::as_str));
        assert_eq!(problems, []);
    }

    pub(crate) fn remove(&mut self, node: &str) {
        let was_there = self.cluster.remove(&Key {
            kind: Kind::Node,
            namespace: String::new(),
            name: node.to_owned(),
        });
        assert!(was_there, "{node}");
    }

    /// Makes a plan as the component does: what is contested stays where the
    /// table has it.
    pub(crate) fn plan(&mut self, request: &Request) -> Plan {
        if !request.withdraw {
            let nodes = request.nodes.clone();
            self.desired.set_programmed(nodes, request.programmed());
        }
        self.desired.refresh(&mut self.cluster, &self.settings);
        plan::make(&self.cluster, &self.desired, request)
    }

    /// The plan for a table of `shop`, line by line.
    pub(crate) fn lines(&mut self, observed: &[Observed]) -> Vec<String> {
        lines(&self.plan(&request(observed)))
    }
}

/// `nN`, with address `192.0.2.N` and pod CIDR `10.244.N.0/24`.
pub(crate) fn node(number: u8) -> Value {
    let cidr = format!("10.244.{number}.0/24");
    claiming(number, &[&cidr])
}

pub(crate) fn nodes(numbers: impl IntoIterator<Item = u8>) -> Vec<Value> {
    numbers.into_iter().map(node).collect()
}

/// The same node with other pod CIDRs.
pub(crate) fn claiming(number: u8, cidrs: &[&str]) -> Value {
    let address = format!("192.0.2.{number}");
    at(number, &[&address], cidrs)
}

/// The same node at other addresses, with other pod CIDRs.
pub(crate) fn at(number: u8, addresses: &[&str], cidrs: &[&str]) -> Value {
    let addresses: Vec<Value> = addresses
        .iter()
        .map(|address| json!({"type": "InternalIP", "address": address}))
        .collect();
    json!({
        "apiVersion": "v1", "kind": "Node",
        "metadata": {
            "name": format!("n{number}"),
            "creationTimestamp": format!("2025-01-01T00:00:{number:02}Z"),
        },
        "spec": {"podCIDR": cidrs.first(), "podCIDRs": cidrs},
        "status": {"addresses": addresses},
    })
}

pub(crate) fn in_zone(mut node: Value, zone: &str) -> Value {
    node["metadata"]["labels"] = json!({"zone": zone});
    node
}

pub(crate) fn route(id: &str, prefix: &str, next_hop: &str, owner: Option<&str>) -> Observed {
    Observed {
        id: id.to_owned(),
        prefix: prefix.to_owned(),
        next_hop: Some(next_hop.to_owned()),
        owner: owner.map(str::to_owned),
    }
}

pub(crate) fn ours(id: &str, prefix: &str, next_hop: &str) -> Observed {
    route(id, prefix, next_hop, Some("shop"))
}

/// The right route of ours to a node, under an id of its own.
pub(crate) fn right(number: u8) -> Observed {
    ours(
        &format!("r{number}"),
        &format!("10.244.{number}.0/24"),
        &format!("192.0.2.{number}"),
    )
}

pub(crate) fn rights(numbers: impl IntoIterator<Item = u8>) -> Vec<Observed> {
    numbers.into_iter().map(right).collect()
}

pub(crate) fn request(observed: &[Observed]) -> Request {
    Request {
        owner: "shop".to_owned(),
        former_owners: Vec::new(),
        nodes: None,
        observed: observed.to_vec(),
        delete_share: 25,
        confirmed: None,
        withdraw: false,
    }
}

pub(crate) fn selecting(text: &str, observed: &[Observed]) -> Request {
    Request {
        nodes: Some(LabelSelector::parse(text).unwrap()),
        ..request(observed)
    }
}

/// Everything that a plan says but for the token and how many routes are
/// foreign, in words.
pub(crate) fn lines(plan: &Plan) -> Vec<String> {
    let mut lines: Vec<String> = plan
        .stopped
        .iter()
        .map(|reason| format!("stopped: {reason}"))
        .collect();
    lines.extend(plan.adds.iter().map(|to| {
        format!(
            "add {} {} via {} ({})",
            to.id, to.prefix, to.next_hop, to.node
        )
    }));
    lines.extend(plan.updates.iter().map(|update| {
        let (from, to) = (&update.from, &update.to);
        assert_eq!(from.id, to.id);
        format!(
            "update {} {} via {} of {} to {} via {} ({})",
            to.id,
            from.prefix,
            from.next_hop.as_deref().unwrap_or("nothing"),
            from.owner.as_deref().unwrap_or("nobody"),
            to.prefix,
            to.next_hop,
            to.node
        )
    }));
    lines.extend(
        plan.deletes
            .iter()
            .map(|route| format!("delete {} {}", route.id, route.prefix)),
    );
    lines.extend(plan.right.iter().map(|to| {
        format!(
            "right {} {} via {} ({})",
            to.id, to.prefix, to.next_hop, to.node
        )
    }));
    lines.extend(plan.held.iter().map(|held| {
        format!(
            "held {} {}: {}",
            held.route.id, held.route.prefix, held.reason
        )
    }));
    lines.extend(plan.conflicts.iter().map(|conflict| {
        format!(
            "{} {} ({}) by {} {} via {}",
            if conflict.blocks {
                "blocked"
            } else {
                "disturbed"
            },
            conflict.prefix,
            conflict.node,
            conflict.foreign.id,
            conflict.foreign.prefix,
            conflict.foreign.next_hop.as_deref().unwrap_or("nothing"),
        )
    }));
    lines.extend(plan.confirmation.iter().map(|confirmation| {
        format!(
            "{} deletes of {} prefixes {}",
            confirmation.deletes,
            confirmation.of_routes,
            if confirmation.given {
                "confirmed"
            } else {
                "to be confirmed"
            },
        )
    }));
    lines
}

/// The ids of routes in lines that begin with this word.
pub(crate) fn ids<'a>(lines: &'a [String], word: &str) -> Vec<&'a str> {
    lines
        .iter()
        .filter_map(|line| line.strip_prefix(word)?.strip_prefix(' '))
        .filter_map(|rest| rest.split(' ').next())
        .collect()
}
