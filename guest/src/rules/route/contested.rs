//! What route/duplicate-prefix and route/overlapping-prefix share: who keeps
//! a contested prefix, who yields, and why.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::list;
use crate::objects::Kind;
use crate::report::ObjectRef;
use crate::routes::{MappedClaim, Mapping};
use crate::sources::Field;

/// A claim that precedes others, and those that yield to it.
pub(super) struct Contested<'m, 'a> {
    pub owner: &'m MappedClaim<'a>,
    pub losers: Vec<&'m MappedClaim<'a>>,
}

/// The contests over one and the same prefix, or those over nested ones, each
/// with all who yield to its owner.
pub(super) fn by_owner<'m, 'a>(
    mapping: &'m Mapping<'a>,
    same_prefix: bool,
) -> Vec<Contested<'m, 'a>> {
    let mut losers: BTreeMap<usize, Vec<&MappedClaim<'_>>> = BTreeMap::new();
    for contest in &mapping.contests {
        let (Some(owner), Some(loser)) = (
            mapping.claims.get(contest.owner),
            mapping.claims.get(contest.loser),
        ) else {
            continue;
        };
        if (owner.claim.prefix == loser.claim.prefix) == same_prefix {
            losers.entry(contest.owner).or_default().push(loser);
        }
    }
    losers
        .into_iter()
        .filter_map(|(owner, losers)| {
            Some(Contested {
                owner: mapping.claims.get(owner)?,
                losers,
            })
        })
        .collect()
}

impl Contested<'_, '_> {
    /// Who keeps the route and why, and whose is withheld.
    pub(super) fn outcome(&self) -> String {
        let owner = self.owner.claim.node;
        if let Some(rule) = self.owner.withheld_by {
            return format!(
                "none of them gets a route, since that of {owner} is withheld by {rule}"
            );
        }
        let yielding: BTreeSet<&str> = self.losers.iter().map(|loser| loser.claim.node).collect();
        let yielding: Vec<String> = yielding.into_iter().map(str::to_owned).collect();
        format!(
            "{owner} keeps the route because {}; that of {} is withheld",
            self.reasons(),
            list(&yielding)
        )
    }

    /// A way to end the contest: the first loser has to give way.
    pub(super) fn fix(&self) -> String {
        let Some(loser) = self.losers.first() else {
            return String::new();
        };
        let (node, field) = (loser.claim.node, loser.claim.origin.field);
        match (loser.claim.origin.kind, field) {
            (Kind::CiliumNode, _) => format!(
                "find out whose pods really use the addresses; then drain the other node and let the operator allocate anew, for {node}: kubectl delete ciliumnode {node}, and restart its Cilium agent"
            ),
            (Kind::BlockAffinity, _) => format!(
                "find out whose pods really use the addresses: calicoctl ipam show --show-blocks, calicoctl ipam check; then delete the affinity of the other node, here: kubectl delete blockaffinities.crd.projectcalico.org {}",
                loser.claim.origin.name
            ),
            (Kind::HostSubnet, _) => format!(
                "drain one of the nodes, such as {node}, and let it be given a subnet anew: oc delete hostsubnet {}, and restart the node's sdn Pod",
                loser.claim.origin.name
            ),
            (_, Field::AkoAnnotation | Field::OvnAnnotation) => {
                format!(
                    "correct {} of one of the nodes, such as {node}",
                    field.path()
                )
            }
            _ => format!(
                "let only one controller allocate spec.podCIDRs; they cannot be changed, so drain one of the nodes, such as {node}, and let it register anew: kubectl delete node {node}"
            ),
        }
    }

    /// The fields of all claims, the owner's first.
    pub(super) fn objects(&self) -> impl Iterator<Item = ObjectRef> {
        std::iter::once(self.owner)
            .chain(self.losers.iter().copied())
            .map(|mapped| mapped.claim.origin.to_ref())
    }

    /// What decided, against each of the losers.
    fn reasons(&self) -> String {
        let reasons: BTreeSet<&str> = self.losers.iter().map(|loser| self.reason(loser)).collect();
        reasons.into_iter().collect::<Vec<_>>().join(", and ")
    }

    fn reason(&self, loser: &MappedClaim<'_>) -> &'static str {
        if !yields_only(loser) {
            return "only it can be routed";
        }
        match age(self.owner).cmp(&age(loser)) {
            Ordering::Less => "its object is older",
            Ordering::Equal if self.owner.claim.node < loser.claim.node => "its name comes first",
            _ => "a table has a route to it already",
        }
    }
}

/// Sorts by age, the oldest first. An object without a creation time counts as
/// the youngest.
fn age<'a>(mapped: &MappedClaim<'a>) -> (bool, Option<&'a str>) {
    let created = mapped.claim.created;
    (created.is_none(), created)
}

/// Whether a claim would be a route if it did not have to yield.
fn yields_only(loser: &MappedClaim<'_>) -> bool {
    loser.withheld_by.is_some_and(|rule| {
        rule == super::duplicate_prefix::RULE.id || rule == super::overlapping_prefix::RULE.id
    })
}
