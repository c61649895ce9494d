//! The map: for each family an overview of its networks, and below it the
//! bands with a cell for each claim.

use std::fmt::Write as _;

use super::bands::{self, Band};
use super::claims::{self, Claim};
use super::grid::{self, Grid, Piece, SIZES};
use super::overview;
use super::report::Report;
use super::svg::{Anchor, Area, Svg};
use super::text::{counted, escape, grouped, shortened};
use crate::prefix::Family;

const MARGIN: u32 = 24;
/// What stands to the left of the bands.
const GUTTER: u32 = 136;
const LEFT: u32 = MARGIN + GUTTER;
const WIDTH: u32 = LEFT + grid::WIDTH + MARGIN;
/// Bands without claims tell little: only so many are drawn.
const MOST_EMPTY: usize = 12;

/// The picture on its own.
pub(super) fn draw(report: &Report) -> String {
    drawn(report, true)
}

/// The picture as a part of a page that has a heading for it.
pub(super) fn inside(report: &Report) -> String {
    drawn(report, false)
}

fn drawn(report: &Report, with_title: bool) -> String {
    let claims = claims::of(report);
    let mut svg = Svg::default();
    let mut y = MARGIN;
    if with_title {
        svg.text("title", MARGIN, y + 18, Anchor::Start, "Pod address space");
        y += 34;
    }
    svg.text("", MARGIN, y + 12, Anchor::Start, &summary(report, &claims));
    y += 24;
    if !report.undecided.is_empty() {
        let words = "No verdict on the routes is possible: what is drawn is incomplete, or rests on an assumption";
        svg.text("bad", MARGIN, y + 12, Anchor::Start, words);
        y += 24;
    }
    y = legend(&mut svg, y + 4);
    let mut is_empty = true;
    for family in Family::ALL {
        let bands = bands::of(report, &claims, family);
        let has_networks = report
            .networks
            .iter()
            .any(|one| one.prefix.family() == family);
        if bands.is_empty() && !has_networks {
            continue;
        }
        is_empty = false;
        y += 20;
        svg.line("rule", MARGIN, WIDTH - MARGIN, y);
        svg.text("family", MARGIN, y + 30, Anchor::Start, family.name());
        let across = (LEFT, grid::WIDTH);
        y = overview::draw(&mut svg, report, family, &bands, &claims, across, y + 52);
        y = all_bands(&mut svg, report, &bands, &claims, y);
    }
    if is_empty {
        y += 20;
        svg.line("rule", MARGIN, WIDTH - MARGIN, y);
        let words = "No pod CIDR and no network is known: there is nothing to draw";
        svg.text("muted", MARGIN, y + 32, Anchor::Start, words);
        y += 44;
    }
    document(&svg, y + MARGIN, &description(report, &claims))
}

fn document(shapes: &Svg, height: u32, about: &str) -> String {
    let style = include_str!("map.css");
    let about = escape(about);
    let mut free = String::new();
    for size in SIZES {
        let (pitch, high) = (size.pitch(), size.height);
        let (wide, tall, radius) = (pitch - size.space, high - size.space, size.radius);
        let _ = writeln!(
            free,
            "<pattern id=\"podroute-free-{pitch}\" width=\"{pitch}\" height=\"{high}\" patternUnits=\"userSpaceOnUse\"><rect class=\"free\" width=\"{wide}\" height=\"{tall}\" rx=\"{radius}\"/></pattern>"
        );
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"podroute-map\" role=\"img\" aria-labelledby=\"podroute-map-title podroute-map-about\" width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 0 {WIDTH} {height}\">\n\
         <title id=\"podroute-map-title\">Map of the pod address space</title>\n\
         <desc id=\"podroute-map-about\">{about}</desc>\n\
         <style>\n{style}</style>\n\
         <defs>\n<pattern id=\"podroute-held\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\"><rect class=\"held-ground\" width=\"6\" height=\"6\"/><line class=\"held-stripe\" x1=\"0\" x2=\"0\" y1=\"0\" y2=\"6\"/></pattern>\n{free}</defs>\n\
         <rect class=\"paper\" width=\"{WIDTH}\" height=\"{height}\"/>\n{}</svg>\n",
        shapes.0
    )
}

fn contested(claims: &[Claim<'_>]) -> usize {
    claims.iter().filter(|claim| claim.contested).count()
}

fn summary(report: &Report, claims: &[Claim<'_>]) -> String {
    let nodes = usize::try_from(report.cluster.nodes).unwrap_or(usize::MAX);
    format!(
        "{}  ·  {}  ·  {} withheld  ·  {} contested",
        counted(nodes, "node"),
        counted(report.routes.len(), "route"),
        report.withheld.len(),
        contested(claims)
    )
}

/// What the picture says, for those who do not see it.
fn description(report: &Report, claims: &[Claim<'_>]) -> String {
    let networks: Vec<String> = report
        .networks
        .iter()
        .take(12)
        .map(|one| format!("{} {}", one.role.name(), one.prefix))
        .collect();
    let networks = match (networks.is_empty(), report.networks.len()) {
        (true, _) => "No network is known beside them.".to_owned(),
        (_, count) if count > networks.len() => {
            format!(
                "Networks, the first {}: {}.",
                networks.len(),
                networks.join(", ")
            )
        }
        _ => format!("Networks: {}.", networks.join(", ")),
    };
    format!(
        "{}. A cell for each pod CIDR, by address. {networks} Each route, withheld prefix and network is in the report's tables, too.",
        summary(report, claims).replace("  ·  ", ", ")
    )
}

fn legend(svg: &mut Svg, y: u32) -> u32 {
    let entries = [
        ("routed", "routed", 100),
        ("held", "withheld: no route", 164),
        ("routed contested", "claimed by several nodes", 204),
        ("free", "no node has it", 130),
    ];
    let mut x = MARGIN;
    for (class, words, width) in entries {
        let area = Area {
            x,
            y,
            width: 18,
            height: 14,
        };
        svg.rect(class, area, 3, None);
        svg.text("muted", x + 26, y + 11, Anchor::Start, words);
        x += width;
    }
    y + 18
}

fn all_bands(
    svg: &mut Svg,
    report: &Report,
    bands: &[Band<'_>],
    claims: &[Claim<'_>],
    mut y: u32,
) -> u32 {
    let has_pools = bands.iter().any(|band| !band.pools.is_empty());
    let (mut empty, mut left_out) = (0, 0);
    for band in bands {
        let of_band = claims.get(band.claims.clone()).unwrap_or_default();
        empty += usize::from(of_band.is_empty());
        if of_band.is_empty() && empty > MOST_EMPTY {
            left_out += 1;
            continue;
        }
        y = one_band(svg, report, band, of_band, has_pools, y + 16);
    }
    if left_out > 0 {
        let words = format!(
            "and {} of which no node has a CIDR",
            counted(left_out, "pool range")
        );
        svg.text("muted", LEFT, y + 24, Anchor::Start, &words);
        y += 32;
    }
    y
}

fn one_band(
    svg: &mut Svg,
    report: &Report,
    band: &Band<'_>,
    claims: &[Claim<'_>],
    has_pools: bool,
    mut y: u32,
) -> u32 {
    let name = match band.pools.as_slice() {
        [] if has_pools => "Pod CIDRs outside of every pool".to_owned(),
        [] => "Pod CIDRs".to_owned(),
        pools => {
            let mut names: Vec<&str> = pools.iter().map(|pool| pool.name.as_str()).collect();
            names.dedup();
            names.join(", ")
        }
    };
    let name = format!("{}  {}", band.prefix, shortened(&name, 70));
    svg.text("name", LEFT, y + 12, Anchor::Start, &name);
    let grid = Grid::of(band, claims);
    svg.text(
        "muted",
        LEFT,
        y + 29,
        Anchor::Start,
        &usage(band, claims, &grid),
    );
    y += 40;
    let is_certain = report.undecided.is_empty() && !band.pools.is_empty();
    for piece in &grid.pieces {
        match *piece {
            Piece::Rows {
                first,
                count,
                y: at,
            } => rows(svg, band, &grid, (first, count), y + at),
            Piece::Gap {
                first,
                count,
                y: at,
            } => {
                gap(svg, band, &grid, (first, count), is_certain, y + at);
            }
        }
    }
    svg.group(LEFT, y, |svg| {
        for cell in &grid.cells {
            if let Some(claim) = claims.get(cell.claim) {
                one_cell(svg, claim, cell.area, &grid);
            }
        }
    });
    y + grid.height + 8
}

/// How much of the band is taken.
fn usage(band: &Band<'_>, claims: &[Claim<'_>], grid: &Grid) -> String {
    let mut words = match claims.len() {
        0 => "no node has a CIDR of it".to_owned(),
        count => counted(count, "pod CIDR"),
    };
    let blocks = bands::blocks(band.prefix, band.unit);
    if let Some(blocks) = blocks.filter(|blocks| *blocks > 1) {
        let unit = band.unit;
        let _ = write!(words, "; {} blocks of /{unit} in all", grouped(blocks));
    }
    if !grid.to_scale {
        words +=
            "; they lie far apart and are drawn one after the other, without what is between them";
    }
    words
}

/// Rows of free blocks, with the addresses that they begin with.
fn rows(svg: &mut Svg, band: &Band<'_>, grid: &Grid, (first, count): (u128, u32), y: u32) {
    let size = grid.size;
    let blocks = bands::blocks(band.prefix, band.unit).unwrap_or(u128::MAX);
    let wide = u128::from(size.columns).min(blocks);
    svg.group(LEFT, y, |svg| {
        let (width, height) = (
            u32::try_from(wide).unwrap_or(size.columns) * size.pitch(),
            count * size.height,
        );
        let pitch = size.pitch();
        let _ = writeln!(
            svg.0,
            "<rect fill=\"url(#podroute-free-{pitch})\" width=\"{width}\" height=\"{height}\"/>"
        );
    });
    let step = 18_u32.div_ceil(size.height);
    for row in (0..count).step_by(usize::try_from(step).unwrap_or(1)) {
        let block = (first + u128::from(row)) * u128::from(size.columns);
        let address = grid::address(band, block).to_string();
        let middle = y + row * size.height + (size.height - size.space) / 2 + 4;
        svg.text(
            "mono muted",
            LEFT - 12,
            middle,
            Anchor::End,
            &shortened(&address, 20),
        );
    }
}

fn gap(
    svg: &mut Svg,
    band: &Band<'_>,
    grid: &Grid,
    (first, count): (u128, u128),
    is_certain: bool,
    y: u32,
) {
    let columns = u128::from(grid.size.columns);
    let all = bands::blocks(band.prefix, band.unit).unwrap_or(u128::MAX);
    let first = first * columns;
    let blocks = (count.saturating_mul(columns)).min(all - first.min(all));
    let state = if is_certain { "free" } else { "no pod CIDR" };
    let words = format!(
        "{} × /{} {state}, from {}",
        grouped(blocks),
        band.unit,
        grid::address(band, first)
    );
    svg.line("gap", LEFT, LEFT + grid::WIDTH - grid.size.space, y + 11);
    let width = 7 * u32::try_from(words.chars().count()).unwrap_or_default() + 20;
    let middle = LEFT + grid::WIDTH / 2;
    let behind = Area {
        x: middle - width / 2,
        y: y + 2,
        width,
        height: 18,
    };
    svg.rect("paper", behind, 0, None);
    svg.text("muted", middle, y + 15, Anchor::Middle, &words);
}

fn one_cell(svg: &mut Svg, claim: &Claim<'_>, area: Area, grid: &Grid) {
    let class = match (claim.withheld_by, claim.contested) {
        (None, false) => "cell routed",
        (None, true) => "cell routed contested",
        (Some(_), false) => "cell held",
        (Some(_), true) => "cell held contested",
    };
    let radius = grid.size.radius.min(area.height / 3);
    svg.rect(class, area, radius, Some(&claim.words()));
    // 6.6 px a character of the fixed-width font.
    let most = usize::try_from(area.width.saturating_sub(14) * 10 / 66).unwrap_or_default();
    if !grid.size.has_words() || most < 8 || area.height < 18 {
        return;
    }
    let class = match claim.withheld_by {
        None => "mono on-routed",
        Some(_) => "mono on-held",
    };
    let prefix = shortened(&claim.prefix.to_string(), most);
    let node = shortened(claim.node, most);
    let x = area.x + 8;
    if area.height >= 36 {
        let middle = area.y + area.height / 2;
        svg.text(class, x, middle - 3, Anchor::Start, &prefix);
        svg.text(class, x, middle + 12, Anchor::Start, &node);
    } else {
        svg.text(class, x, area.y + area.height / 2 + 4, Anchor::Start, &node);
    }
}
