//! Claims of different nodes that share addresses, and who keeps them.
//!
//! Prefixes nest or are disjoint, so one sweep over the sorted claims finds
//! every group that overlaps, and only those are looked at pair by pair.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::prefix::Prefix;

/// A claim, as far as conflicts are concerned.
pub trait Contender {
    fn prefix(&self) -> Prefix;
    fn node(&self) -> &str;
    /// Contenders that sort first keep what is contested.
    fn precedes(&self, other: &Self) -> std::cmp::Ordering;
}

/// Two claims of different nodes that share addresses: `owner` keeps its
/// prefix, `loser` does not. Positions in the slice that was examined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Contest {
    pub owner: usize,
    pub loser: usize,
}

/// Every claim that has to yield, with the claim that it yields to. The
/// result is sorted, and depends only on the claims, not on their order.
pub fn resolve<C: Contender>(claims: &[C]) -> Vec<Contest> {
    let mut contests = Vec::new();
    for group in overlapping_groups(claims) {
        contests.extend(resolve_group(claims, group));
    }
    contests.sort_unstable();
    contests
}

/// Groups of claims under one covering prefix in which two nodes overlap.
fn overlapping_groups<C: Contender>(claims: &[C]) -> Vec<Vec<usize>> {
    // A covering prefix sorts before what it covers: the same or a lower
    // address, and then the shorter length.
    let prefixes = claims.iter().map(Contender::prefix);
    let mut order: Vec<(Prefix, usize)> = prefixes.zip(0..).collect();
    order.sort_unstable();
    let is_of_several_nodes = |group: &[(Prefix, usize)]| {
        let mut nodes = group
            .iter()
            .filter_map(|(_, at)| claims.get(*at))
            .map(Contender::node);
        let first = nodes.next();
        nodes.any(|node| Some(node) != first)
    };
    let mut groups = Vec::new();
    let mut rest = order.as_slice();
    while let Some(((cover, _), others)) = rest.split_first() {
        let covered = others.iter().take_while(|(one, _)| cover.contains(*one));
        let (group, others) = rest.split_at(1 + covered.count());
        if is_of_several_nodes(group) {
            groups.push(group.iter().map(|(_, at)| *at).collect());
        }
        rest = others;
    }
    groups
}

/// In order of precedence, a claim is accepted unless it overlaps what
/// another node was accepted for.
fn resolve_group<C: Contender>(claims: &[C], mut group: Vec<usize>) -> Vec<Contest> {
    group.sort_by(|&a, &b| match (claims.get(a), claims.get(b)) {
        (Some(a), Some(b)) => a.precedes(b),
        _ => std::cmp::Ordering::Equal,
    });
    let mut accepted = Accepted::default();
    let mut contests = Vec::new();
    for at in group {
        let Some(claim) = claims.get(at) else {
            continue;
        };
        match accepted.overlapping(claims, claim) {
            Some(owner) => contests.push(Contest { owner, loser: at }),
            None => accepted.add(claim.prefix(), at),
        }
    }
    contests
}

/// Accepted claims by first address, then length. Those of one node may nest.
#[derive(Default)]
struct Accepted {
    by_prefix: BTreeMap<(IpAddr, u8), usize>,
    /// How many were accepted of each length, to know which covers to try.
    lengths: BTreeMap<u8, usize>,
}

impl Accepted {
    fn add(&mut self, prefix: Prefix, at: usize) {
        self.by_prefix
            .insert((prefix.first_address(), prefix.length()), at);
        *self.lengths.entry(prefix.length()).or_default() += 1;
    }

    /// The first accepted claim of another node that overlaps: one that
    /// covers `claim`, the shortest first, else one inside it.
    fn overlapping<C: Contender>(&self, claims: &[C], claim: &C) -> Option<usize> {
        let prefix = claim.prefix();
        let other = |at: &usize| {
            claims
                .get(*at)
                .is_some_and(|owner| owner.node() != claim.node())
        };
        let covering = self
            .lengths
            .range(..prefix.length())
            .filter_map(|(&length, _)| {
                let cover = prefix.shortened(length)?;
                self.by_prefix.get(&(cover.first_address(), length))
            })
            .find(|at| other(at));
        covering
            .or_else(|| {
                self.by_prefix
                    .range(
                        (prefix.first_address(), prefix.length())
                            ..=(prefix.last_address(), u8::MAX),
                    )
                    .map(|(_, at)| at)
                    .find(|at| other(at))
            })
            .copied()
    }
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Debug)]
    struct Plain {
        prefix: Prefix,
        node: String,
    }

    impl Contender for Plain {
        fn prefix(&self) -> Prefix {
            self.prefix
        }
        fn node(&self) -> &str {
            &self.node
        }
        fn precedes(&self, other: &Self) -> Ordering {
            (&self.node, self.prefix).cmp(&(&other.node, other.prefix))
        }
    }

    fn claims(list: &[(&str, &str)]) -> Vec<Plain> {
        list.iter()
            .map(|(prefix, node)| Plain {
                prefix: Prefix::parse(prefix).unwrap().prefix,
                node: (*node).to_owned(),
            })
            .collect()
    }

    fn contest(owner: usize, loser: usize) -> Contest {
        Contest { owner, loser }
    }

    #[test]
    fn the_first_keeps_a_contested_prefix() {
        let claims = claims(&[
            ("10.0.1.0/24", "b"),
            ("10.0.1.0/24", "a"),
            ("10.0.2.0/24", "b"),
            ("10.0.1.0/24", "c"),
        ]);
        assert_eq!(resolve(&claims), [contest(1, 0), contest(1, 3)]);
    }

    #[test]
    fn nesting_is_a_conflict_in_both_directions() {
        let wide_first = claims(&[("10.0.0.0/16", "a"), ("10.0.1.0/24", "b")]);
        assert_eq!(resolve(&wide_first), [contest(0, 1)]);
        let wide_last = claims(&[("10.0.0.0/16", "b"), ("10.0.1.0/24", "a")]);
        assert_eq!(resolve(&wide_last), [contest(1, 0)]);
    }

    #[test]
    fn a_node_does_not_contest_itself_and_neighbours_do_not_touch() {
        let claims = claims(&[
            ("10.0.0.0/16", "a"),
            ("10.0.1.0/24", "a"),
            ("10.1.0.0/24", "b"),
            ("10.1.1.0/24", "c"),
            ("fd00::/64", "b"),
            ("fd00:0:0:1::/64", "c"),
        ]);
        assert_eq!(resolve(&claims), []);
    }

    #[test]
    fn who_has_to_yield_makes_no_one_else_yield() {
        // b's wide prefix loses against a; c only overlaps b, so c stays.
        let claims = claims(&[
            ("10.0.0.0/24", "a"),
            ("10.0.0.0/16", "b"),
            ("10.0.5.0/24", "c"),
        ]);
        assert_eq!(resolve(&claims), [contest(0, 1)]);
    }

    /// Few addresses and lengths, so that overlaps are common.
    fn arbitrary_claims() -> impl Strategy<Value = Vec<Plain>> {
        let v4 = (0_u8..4, 0_u8..4, 14_u8..=26)
            .prop_map(|(second, third, length)| format!("10.{second}.{third}.0/{length}"));
        let v6 =
            (0_u8..4, 60_u8..=66).prop_map(|(part, length)| format!("fd00:0:0:{part}::/{length}"));
        let claim = (prop_oneof![v4, v6], 0_u8..5).prop_map(|(text, node)| Plain {
            prefix: Prefix::parse(&text).unwrap().prefix,
            node: format!("node-{node}"),
        });
        proptest::collection::vec(claim, 0..40)
    }

    /// Every pair compared by first and last address, accepted one by one.
    fn naive(claims: &[Plain]) -> Vec<Contest> {
        let mut order: Vec<usize> = (0..claims.len()).collect();
        order.sort_by(|&a, &b| claims[a].precedes(&claims[b]));
        let mut accepted: Vec<usize> = Vec::new();
        let mut contests = Vec::new();
        for at in order {
            let mut owners: Vec<usize> = accepted
                .iter()
                .copied()
                .filter(|&owner| {
                    let (a, b) = (claims[owner].prefix, claims[at].prefix);
                    claims[owner].node != claims[at].node
                        && a.family() == b.family()
                        && a.first_address() <= b.last_address()
                        && b.first_address() <= a.last_address()
                })
                .collect();
            // A cover before what is inside; then by address and length.
            owners.sort_by_key(|&owner| {
                let prefix = claims[owner].prefix;
                (
                    prefix.length() >= claims[at].prefix.length(),
                    prefix.first_address(),
                    prefix.length(),
                )
            });
            match owners.first() {
                Some(&owner) => contests.push(Contest { owner, loser: at }),
                None => accepted.push(at),
            }
        }
        contests.sort_unstable();
        contests
    }

    fn by_content(claims: &[Plain], contests: &[Contest]) -> Vec<String> {
        let mut texts: Vec<_> = contests
            .iter()
            .map(|contest| format!("{:?} {:?}", claims[contest.owner], claims[contest.loser]))
            .collect();
        texts.sort();
        texts.dedup();
        texts
    }

    proptest! {
        #[test]
        fn equals_the_naive_oracle(claims in arbitrary_claims()) {
            prop_assert_eq!(by_content(&claims, &resolve(&claims)), by_content(&claims, &naive(&claims)));
        }

        #[test]
        fn does_not_depend_on_the_order(claims in arbitrary_claims()) {
            let mut reversed = claims.clone();
            reversed.reverse();
            prop_assert_eq!(
                by_content(&claims, &resolve(&claims)),
                by_content(&reversed, &resolve(&reversed))
            );
        }
    }
}
