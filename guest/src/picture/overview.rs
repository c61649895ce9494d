//! All networks of a family over one axis, one bar each, so that what lies
//! inside of what, and what overlaps, is seen. The axis is not to scale: each
//! stretch between two ends is as wide as its size has bits, about.

use std::fmt::Write as _;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::bands::Band;
use super::claims::Claim;
use super::report::{Network, Report, Role};
use super::svg::{Anchor, Area, Svg};
use super::text::{counted, escape, shortened};
use crate::prefix::{Family, Prefix};

/// The height of a bar with its words.
const ROW: u32 = 44;
/// More bars would be no overview.
const MOST: usize = 40;

/// A bar.
struct Bar<'r> {
    prefix: Prefix,
    role: &'static str,
    name: String,
    class: &'static str,
    /// What pods have in common with it and should not, or may not have.
    clash: Option<Clash>,
    network: Option<&'r Network>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Clash {
    /// Pods have addresses of it.
    Certain,
    /// Pods have addresses of a range around it.
    Possible,
}

/// Draws the overview of a family at `y`; returns where it ends.
pub(super) fn draw(
    svg: &mut Svg,
    report: &Report,
    family: Family,
    bands: &[Band<'_>],
    claims: &[Claim<'_>],
    (x, width): (u32, u32),
    mut y: u32,
) -> u32 {
    let bars = bars(report, family, bands, claims);
    let shown = bars.get(..MOST).unwrap_or(&bars);
    let axis = Axis::over(&shown.iter().map(|bar| bar.prefix), width);
    for bar in shown {
        let (left, right) = axis.ends(bar.prefix);
        let class = match bar.clash {
            Some(Clash::Certain) => format!("{} clash", bar.class),
            _ => bar.class.to_owned(),
        };
        let area = Area {
            x: x + left,
            y,
            width: (right - left).max(3),
            height: 12,
        };
        let words = format!("{}, {}", bar.prefix, bar.name);
        svg.rect(&class, area, 3, Some(&format!("{}: {words}", bar.role)));
        svg.text("muted", x - 12, y + 11, Anchor::End, bar.role);
        // Words stay inside, whatever is beside the bar.
        let note = match bar.clash {
            Some(Clash::Certain) => "  overlaps pod addresses",
            Some(Clash::Possible) => "  its range overlaps pod addresses",
            None => "",
        };
        let words = shortened(&words, 90);
        let length = u32::try_from(words.chars().count() + note.len()).unwrap_or(u32::MAX);
        let latest = width.saturating_sub(length.saturating_mul(7));
        let at = x + left.min(latest);
        svg.words(at, y + 27, &words, note, bar.clash == Some(Clash::Certain));
        y += ROW;
    }
    let left_out = bars.len() - shown.len();
    if left_out > 0 {
        let words = format!(
            "and {} more: see the networks of the report",
            counted(left_out, "network")
        );
        svg.text("muted", x, y + 11, Anchor::Start, &words);
        y += ROW;
    }
    y
}

impl Svg {
    fn words(&mut self, x: u32, y: u32, words: &str, note: &str, is_certain: bool) {
        let class = if is_certain { "bad" } else { "muted" };
        let _ = writeln!(
            self.0,
            "<text class=\"mono\" x=\"{x}\" y=\"{y}\">{}<tspan class=\"{class}\">{}</tspan></text>",
            escape(words),
            escape(note)
        );
    }
}

fn bars<'r>(
    report: &'r Report,
    family: Family,
    bands: &[Band<'r>],
    claims: &[Claim<'_>],
) -> Vec<Bar<'r>> {
    let mut bars: Vec<Bar<'_>> = Vec::new();
    for band in bands.iter().filter(|band| band.pools.is_empty()) {
        bars.push(Bar {
            prefix: band.prefix,
            role: "Pod CIDRs",
            name: match band.claims.len() {
                1 => "1 pod CIDR".to_owned(),
                count => counted(count, "pod CIDR"),
            },
            class: "span",
            clash: None,
            network: None,
        });
    }
    let networks = report.networks.iter();
    for network in networks.filter(|one| one.prefix.family() == family) {
        let of_pods = || {
            let prefix = network.prefix;
            let mut pools = bands.iter().filter(|band| !band.pools.is_empty());
            pools.any(|band| band.prefix.overlaps(prefix))
                || claims.iter().any(|claim| claim.prefix.overlaps(prefix))
        };
        let role = network.role;
        bars.push(Bar {
            prefix: network.prefix,
            role: role.name(),
            name: network.name.clone(),
            class: match role {
                Role::Pool => "span",
                _ if role.is_around() => "span around",
                _ => "span beside",
            },
            clash: match role {
                _ if role.excludes_pods() && of_pods() => Some(Clash::Certain),
                _ if role.is_around() && of_pods() => Some(Clash::Possible),
                _ => None,
            },
            network: Some(network),
        });
    }
    bars.sort_by_key(|bar| (bar.prefix, bar.network.map(|network| network.role)));
    bars
}

/// Where on the axis the ends of networks are.
struct Axis {
    /// By edge.
    places: BTreeMap<Edge, u32>,
}

/// Before an address, or after it: an end of a network. After the last
/// address there is none that could be named.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Edge(u128, bool);

impl Axis {
    fn over(prefixes: &(impl Iterator<Item = Prefix> + Clone), width: u32) -> Self {
        let edges: BTreeSet<Edge> = prefixes
            .clone()
            .flat_map(|prefix| <[Edge; 2]>::from(edges(prefix)))
            .collect();
        let edges: Vec<Edge> = edges.into_iter().collect();
        let is_used = |from: Edge, to: Edge| {
            let mut of = prefixes.clone().map(self::edges);
            of.any(|(first, last)| first <= from && to <= last)
        };
        let weights: Vec<u32> = edges
            .windows(2)
            .map(|pair| match pair {
                [from, to] if is_used(*from, *to) => {
                    20 + (to.0 - from.0).checked_ilog2().unwrap_or_default()
                }
                _ => 8,
            })
            .collect();
        let total = u64::from(weights.iter().sum::<u32>().max(1));
        let mut sum = 0;
        let mut places = BTreeMap::new();
        for (at, edge) in edges.iter().enumerate() {
            let place = u64::from(width) * u64::from(sum) / total;
            places.insert(*edge, u32::try_from(place).unwrap_or(width));
            sum += weights.get(at).copied().unwrap_or_default();
        }
        Self { places }
    }

    fn ends(&self, prefix: Prefix) -> (u32, u32) {
        let (first, last) = edges(prefix);
        let at = |edge| self.places.get(&edge).copied().unwrap_or_default();
        (at(first), at(last))
    }
}

fn edges(prefix: Prefix) -> (Edge, Edge) {
    let number = |address: IpAddr| match address {
        IpAddr::V4(address) => u128::from(u32::from(address)),
        IpAddr::V6(address) => address.into(),
    };
    let first = number(prefix.first_address());
    let last = number(prefix.last_address());
    match last.checked_add(1) {
        Some(after) => (Edge(first, false), Edge(after, false)),
        None => (Edge(first, false), Edge(last, true)),
    }
}
