//! What nodes claim: routes and withheld prefixes, and which of them share
//! addresses.

use std::fmt::Write as _;

use super::report::{Report, Route, Withheld};
use crate::prefix::Prefix;

/// A prefix that a node claims.
pub(super) struct Claim<'r> {
    pub prefix: Prefix,
    pub node: &'r str,
    pub next_hop: Option<&'r str>,
    /// The rule that withholds the route; None when there is one.
    pub withheld_by: Option<&'r str>,
    /// How many pod CIDRs an aggregate stands for; 0 for a single one.
    pub stands_for: usize,
    /// Whether another node claims some of the same addresses.
    pub contested: bool,
    /// Inside of how many other claims it lies.
    pub depth: usize,
    /// Which one it is of how many with the same prefix.
    pub share: (usize, usize),
}

/// Every claim, by prefix and node.
pub(super) fn of(report: &Report) -> Vec<Claim<'_>> {
    let routes = report.routes.iter().map(Claim::routed);
    let withheld = report.withheld.iter().map(Claim::withheld);
    let mut claims: Vec<Claim<'_>> = routes.chain(withheld).collect();
    claims
        .sort_by(|a, b| (a.prefix, a.node, a.withheld_by).cmp(&(b.prefix, b.node, b.withheld_by)));
    let groups = claims.chunk_by_mut(|a, b| a.prefix == b.prefix);
    let mut around: Vec<Around<'_>> = Vec::new();
    let mut contested = Vec::new();
    for (at, group) in groups.enumerate() {
        let Some(prefix) = group.first().map(|claim| claim.prefix) else {
            continue;
        };
        while around
            .pop_if(|outer| !outer.prefix.contains(prefix))
            .is_some()
        {}
        let node = one_node(group);
        if node.is_none() {
            contested.push(at);
        }
        for outer in &around {
            if outer.node.is_none() || node != outer.node {
                contested.extend([outer.at, at]);
            }
        }
        let count = group.len();
        for (share, claim) in group.iter_mut().enumerate() {
            claim.depth = around.len();
            claim.share = (share, count);
        }
        around.push(Around { prefix, node, at });
    }
    contested.sort_unstable();
    let groups = claims.chunk_by_mut(|a, b| a.prefix == b.prefix);
    for (at, group) in groups.enumerate() {
        let is_contested = contested.binary_search(&at).is_ok();
        for claim in group {
            claim.contested = is_contested;
        }
    }
    claims
}

/// A prefix that others may lie in.
struct Around<'r> {
    prefix: Prefix,
    /// The node that claims it; None when there are several.
    node: Option<&'r str>,
    /// Its position among the prefixes.
    at: usize,
}

fn one_node<'r>(group: &[Claim<'r>]) -> Option<&'r str> {
    let first = group.first()?.node;
    group
        .iter()
        .all(|claim| claim.node == first)
        .then_some(first)
}

impl<'r> Claim<'r> {
    fn routed(route: &'r Route) -> Self {
        Self {
            next_hop: Some(&route.next_hop),
            stands_for: route.stands_for.len(),
            ..Self::new(route.prefix, &route.node)
        }
    }

    fn withheld(withheld: &'r Withheld) -> Self {
        Self {
            next_hop: withheld.next_hop.as_deref(),
            withheld_by: Some(&withheld.rule),
            ..Self::new(withheld.prefix, &withheld.node)
        }
    }

    fn new(prefix: Prefix, node: &'r str) -> Self {
        Self {
            prefix,
            node,
            next_hop: None,
            withheld_by: None,
            stands_for: 0,
            contested: false,
            depth: 0,
            share: (0, 1),
        }
    }

    /// All there is to say, in a line.
    pub(super) fn words(&self) -> String {
        let mut words = format!("{} of {}", self.prefix, self.node);
        match (self.withheld_by, self.next_hop) {
            (None, Some(hop)) => {
                let _ = write!(words, ": routed via {hop}");
            }
            (Some(rule), Some(hop)) => {
                let _ = write!(words, ": withheld by {rule}, next hop {hop}");
            }
            (Some(rule), None) => {
                let _ = write!(words, ": withheld by {rule}, no next hop");
            }
            (None, None) => {}
        }
        if self.stands_for > 0 {
            let _ = write!(words, "; stands for {} pod CIDRs", self.stands_for);
        }
        if self.contested {
            words += "; another node claims some of the same addresses";
        }
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(claims: &[(&str, &str, bool)]) -> Report {
        let object = serde_json::json!({"kind":"Node","namespace":null,"name":"n","field":null});
        let (routes, withheld): (Vec<_>, Vec<_>) = claims.iter().partition(|claim| claim.2);
        let report = serde_json::json!({
            "schema": "podroute.report/v1",
            "cluster": {"cni":"cilium","cniEvidence":[],"ipamMode":null,"podCidrSource":null,
                "ciliumVersion":null,"kubernetesVersion":null,"families":[],"nodes":0,
                "ciliumNodes":0,"ako":[]},
            "routes": routes.iter().map(|(prefix, node, _)| serde_json::json!({
                "prefix":prefix,"node":node,"nextHop":"192.0.2.1","family":"IPv4",
                "source":object,"standsFor":[]})).collect::<Vec<_>>(),
            "withheld": withheld.iter().map(|(prefix, node, _)| serde_json::json!({
                "prefix":prefix,"node":node,"nextHop":null,"rule":"route/x"})).collect::<Vec<_>>(),
            "networks": [], "findings": [], "suppressed": [], "suppressions": [],
            "notEvaluated": [], "rulesOff": [], "undecided": [], "problems": [],
        });
        Report::read(&report.to_string()).unwrap()
    }

    #[test]
    fn sees_who_shares_addresses_with_whom() {
        let report = report(&[
            ("10.0.0.0/24", "a", true),
            ("10.0.1.0/24", "b", true),
            ("10.0.1.0/24", "c", false),
            // One node's own: nobody contests it.
            ("10.0.2.0/23", "d", true),
            ("10.0.3.0/24", "d", true),
            ("10.0.4.0/22", "e", true),
            ("10.0.5.0/24", "f", false),
            ("fd00::/64", "a", true),
        ]);
        let seen: Vec<String> = of(&report)
            .iter()
            .map(|claim| {
                let Claim { prefix, node, .. } = claim;
                let (share, of) = claim.share;
                format!(
                    "{prefix} {node} {} {} {share}/{of}",
                    claim.contested, claim.depth
                )
            })
            .collect();
        assert_eq!(
            seen,
            [
                "10.0.0.0/24 a false 0 0/1",
                "10.0.1.0/24 b true 0 0/2",
                "10.0.1.0/24 c true 0 1/2",
                "10.0.2.0/23 d false 0 0/1",
                "10.0.3.0/24 d false 1 0/1",
                "10.0.4.0/22 e true 0 0/1",
                "10.0.5.0/24 f true 1 0/1",
                "fd00::/64 a false 0 0/1",
            ]
        );
    }
}
