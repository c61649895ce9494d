//! One address: which route takes its packets and why, who has it, and what
//! AKO makes of it.

mod ako;
mod findings;
mod holders;

use std::net::IpAddr;

pub use ako::TracedAko;
pub use holders::{TracedPod, TracedPool};

use crate::cluster::Cluster;
use crate::detect::Detected;
use crate::objects::Kind;
use crate::prefix::{Family, Prefix};
use crate::programmed::Programmed;
use crate::report::{Finding, ObjectRef, Report, Route};
use crate::routes::MappedClaim;
use crate::rules::context::{Context, Workings};
use crate::settings::Settings;
use crate::suppressions::Suppressed;
use crate::terms::Terms;

/// What becomes of packets for an address.
#[derive(Clone, Debug)]
pub struct Trace {
    pub ip: IpAddr,
    /// The longest that takes them.
    pub route: Option<Route>,
    /// The longest first.
    pub claims: Vec<TracedClaim>,
    /// The routes before and after an address that nobody claims.
    pub nearest: Vec<Route>,
    pub pods: Vec<TracedPod>,
    /// The addresses of nodes that it is.
    pub nodes: Vec<ObjectRef>,
    pub services: Vec<ObjectRef>,
    pub pools: Vec<TracedPool>,
    pub akos: Vec<TracedAko>,
    pub findings: Vec<Finding>,
    pub suppressed: Vec<Suppressed>,
    /// Kinds of which nobody knows whether the address is of one of theirs.
    pub unseen: Vec<&'static str>,
    pub undecided: Vec<String>,
}

/// A claim of a node to the address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TracedClaim {
    pub prefix: Prefix,
    pub next_hop: Option<IpAddr>,
    pub node: String,
    pub source: ObjectRef,
    /// The rule that withholds the route.
    pub withheld_by: Option<&'static str>,
}

impl TracedClaim {
    fn of(mapped: &MappedClaim<'_>) -> Self {
        Self {
            prefix: mapped.claim.prefix,
            next_hop: mapped.next_hop,
            node: mapped.claim.node.to_owned(),
            source: mapped.claim.origin.to_ref(),
            withheld_by: mapped.withheld_by,
        }
    }

    fn is_routed(&self) -> bool {
        self.withheld_by.is_none() && self.next_hop.is_some()
    }
}

impl Trace {
    /// The address in a text; the error says what is wrong with it.
    pub fn address(text: &str) -> Result<IpAddr, String> {
        let trimmed = text.trim();
        match trimmed.parse::<IpAddr>() {
            Ok(address) => Ok(address.to_canonical()),
            Err(_) if Prefix::parse(trimmed).is_ok() => {
                Err(format!("`{text}` is a network; give one address of it"))
            }
            Err(_) => Err(format!(
                "`{text}` is no IP address such as 10.0.1.7 or fd00::7"
            )),
        }
    }

    /// Traces an address through a cluster, of which `report` is the report.
    pub fn of(
        ip: IpAddr,
        cluster: &Cluster,
        settings: &Settings,
        programmed: &Programmed,
        report: &Report,
    ) -> Self {
        let detected = Detected::find(cluster, settings);
        let terms = Terms::of(&detected, settings);
        let workings = Workings::default();
        let context = Context {
            cluster,
            settings,
            detected: &detected,
            terms: &terms,
            programmed,
            workings: &workings,
        };
        let mut claims: Vec<TracedClaim> = context
            .mapping()
            .claims
            .iter()
            .filter(|mapped| mapped.claim.prefix.contains_address(ip))
            .map(TracedClaim::of)
            .collect();
        // Of one length, the one that is routed comes first.
        claims.sort_by_key(|claim| (std::cmp::Reverse(claim.prefix.length()), !claim.is_routed()));
        let right = claims.iter().find(|claim| claim.is_routed());
        let mut trace = Self {
            ip,
            route: longest(&report.routes, ip).cloned(),
            nearest: if claims.is_empty() {
                nearest(&report.routes, ip)
            } else {
                Vec::new()
            },
            pods: holders::pods(cluster, ip, right),
            nodes: holders::nodes(cluster, ip),
            services: holders::services(cluster, ip),
            pools: holders::pools(&context, ip),
            akos: ako::all(&context, ip, right),
            claims,
            findings: Vec::new(),
            suppressed: Vec::new(),
            unseen: unseen(&context),
            undecided: report.undecided.clone(),
        };
        let about = findings::About::of(&trace);
        trace.findings = about.findings(&report.findings);
        trace.suppressed = about.suppressed(&report.suppressed);
        trace
    }
}

fn longest(routes: &[Route], ip: IpAddr) -> Option<&Route> {
    let around = routes
        .iter()
        .filter(|route| route.prefix.contains_address(ip));
    around.max_by_key(|route| route.prefix.length())
}

/// The routes are sorted.
fn nearest(routes: &[Route], ip: IpAddr) -> Vec<Route> {
    let after = routes.partition_point(|route| route.prefix < Prefix::host(ip));
    let before = after.checked_sub(1).and_then(|at| routes.get(at));
    let both = before.into_iter().chain(routes.get(after));
    both.filter(|route| route.prefix.family() == Family::of(ip))
        .cloned()
        .collect()
}

/// The kinds whose objects may have addresses, and that were not looked at
/// completely.
fn unseen(context: &Context<'_>) -> Vec<&'static str> {
    let mut kinds = vec![Kind::Node, Kind::Pod, Kind::Service];
    kinds.extend(context.detected.place.holder());
    let mut unseen: Vec<&str> = kinds
        .into_iter()
        .filter(|kind| context.saw(*kind).is_err())
        .map(Kind::name)
        .collect();
    if context.akos().is_err() {
        unseen.push(Kind::ConfigMap.name());
    }
    unseen.sort_unstable();
    unseen.dedup();
    unseen
}

#[cfg(test)]
mod tests;
