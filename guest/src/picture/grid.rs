//! A band as rows of equal blocks: where each claim is drawn. Rows without a
//! claim are left out, and a gap says how many.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::ops::RangeInclusive;

use super::bands::{Band, blocks};
use super::claims::Claim;
use super::svg::Area;
use crate::prefix::{Family, Prefix};

/// The width of a full row.
pub(super) const WIDTH: u32 = 896;
/// The height of a gap.
pub(super) const GAP: u32 = 26;

/// How large blocks are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Size {
    /// Blocks in a row, a power of two.
    pub columns: u32,
    pub height: u32,
    /// The space between blocks.
    pub space: u32,
    pub radius: u32,
    /// Up to how many claims are drawn like this, and in how many rows.
    claims: usize,
    rows: usize,
}

/// Few claims are drawn with their names, thousands as dots.
pub(super) const SIZES: [Size; 4] = [
    Size::of(8, 48, 6, 5, 24, 10),
    Size::of(32, 24, 3, 3, 192, 24),
    Size::of(64, 14, 2, 2, 1024, 48),
    Size::of(128, 9, 1, 1, usize::MAX, 256),
];

/// A piece of a band, from the top down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Rows that are drawn, from this one on.
    Rows { first: u128, count: u32, y: u32 },
    /// Rows without a claim that are left out.
    Gap { first: u128, count: u128, y: u32 },
}

/// Where a claim is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    /// Its position among the band's claims.
    pub claim: usize,
    pub area: Area,
}

pub(super) struct Grid {
    pub size: Size,
    pub pieces: Vec<Piece>,
    /// The widest prefixes first: others lie on them.
    pub cells: Vec<Cell>,
    /// Whether blocks are where their addresses are. Where claims lie too far
    /// apart for that, they are drawn one after the other.
    pub to_scale: bool,
    pub height: u32,
}

impl Size {
    const fn of(
        columns: u32,
        height: u32,
        space: u32,
        radius: u32,
        claims: usize,
        rows: usize,
    ) -> Self {
        Self {
            columns,
            height,
            space,
            radius,
            claims,
            rows,
        }
    }

    pub(super) fn pitch(self) -> u32 {
        WIDTH / self.columns
    }

    /// Whether there is room for words in a block.
    pub(super) fn has_words(self) -> bool {
        self.columns == 8
    }
}

impl Grid {
    pub(super) fn of(band: &Band<'_>, claims: &[Claim<'_>]) -> Self {
        let fitting = SIZES.iter().filter(|size| claims.len() <= size.claims);
        for size in fitting.clone() {
            if let Some(grid) = Self::to_scale(band, claims, *size) {
                return grid;
            }
        }
        let [.., smallest] = SIZES;
        Self::in_sequence(claims, *fitting.clone().next().unwrap_or(&smallest))
    }

    /// None if that takes too many rows.
    fn to_scale(band: &Band<'_>, claims: &[Claim<'_>], size: Size) -> Option<Self> {
        let columns = u128::from(size.columns);
        let last = blocks(band.prefix, band.unit)?.div_ceil(columns) - 1;
        let mut rows = BTreeSet::new();
        for claim in claims {
            let of_claim = rows_of(band, claim.prefix, columns);
            if of_claim.end() - of_claim.start() > 64 {
                return None;
            }
            rows.extend(of_claim);
            if rows.len() > size.rows {
                return None;
            }
        }
        let (pieces, height) = pieces(&rows, last, size);
        let mut cells: Vec<Cell> = Vec::with_capacity(claims.len());
        for (at, claim) in claims.iter().enumerate() {
            let top = y_of(&pieces, *rows_of(band, claim.prefix, columns).start(), size)?;
            cells.push(Cell {
                claim: at,
                area: area(band, claim, size, top),
            });
        }
        cells.sort_by_key(|cell| claims.get(cell.claim).map(|claim| claim.prefix.length()));
        Some(Self {
            size,
            pieces,
            cells,
            to_scale: true,
            height,
        })
    }

    /// One prefix after the other.
    fn in_sequence(claims: &[Claim<'_>], size: Size) -> Self {
        let mut cells = Vec::with_capacity(claims.len());
        let mut block: u32 = 0;
        let mut before = None;
        for (at, claim) in claims.iter().enumerate() {
            if before.is_some_and(|before| before != claim.prefix) {
                block += 1;
            }
            before = Some(claim.prefix);
            let (row, column) = (block / size.columns, block % size.columns);
            let whole = Area {
                x: column * size.pitch(),
                y: row * size.height,
                width: size.pitch() - size.space,
                height: size.height - size.space,
            };
            cells.push(Cell {
                claim: at,
                area: shared(whole, claim.share),
            });
        }
        let count = block / size.columns + 1;
        Self {
            size,
            pieces: Vec::new(),
            cells,
            to_scale: false,
            height: count * size.height,
        }
    }
}

/// The address of a block.
pub(super) fn address(band: &Band<'_>, block: u128) -> IpAddr {
    let shift = u32::from(width(band.prefix).saturating_sub(band.unit));
    let offset = block.checked_shl(shift).unwrap_or_default();
    match band.prefix.first_address() {
        IpAddr::V4(first) => {
            let offset = u32::try_from(offset).unwrap_or_default();
            IpAddr::V4((u32::from(first).saturating_add(offset)).into())
        }
        IpAddr::V6(first) => IpAddr::V6((u128::from(first).saturating_add(offset)).into()),
    }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u32::from(address).into(),
        IpAddr::V6(address) => address.into(),
    }
}

fn width(prefix: Prefix) -> u8 {
    match prefix.family() {
        Family::V4 => 32,
        Family::V6 => 128,
    }
}

/// How far from the beginning of the band a prefix begins, in blocks.
fn block_of(band: &Band<'_>, prefix: Prefix) -> u128 {
    let offset = number(prefix.first_address()) - number(band.prefix.first_address());
    let shift = u32::from(width(prefix) - band.unit);
    offset.checked_shr(shift).unwrap_or_default()
}

fn rows_of(band: &Band<'_>, prefix: Prefix, columns: u128) -> RangeInclusive<u128> {
    let first = block_of(band, prefix);
    let count = blocks(prefix, band.unit).unwrap_or(u128::MAX);
    let last = first.saturating_add(count - 1);
    first / columns..=last / columns
}

/// Rows with claims, and gaps between them. A gap of one row is drawn.
fn pieces(rows: &BTreeSet<u128>, last: u128, size: Size) -> (Vec<Piece>, u32) {
    let mut pieces: Vec<Piece> = Vec::new();
    let (mut next, mut y) = (0, 0);
    for row in rows.iter().copied().map(Some).chain([None]) {
        let until = row.unwrap_or(last + 1);
        let mut left_out = until.saturating_sub(next);
        let mut drawn = u32::from(row.is_some());
        if left_out == 1 {
            (left_out, drawn) = (0, drawn + 1);
        }
        if left_out > 0 {
            pieces.push(Piece::Gap {
                first: next,
                count: left_out,
                y,
            });
            y += GAP;
            next = until;
        }
        if drawn > 0 {
            match pieces.last_mut() {
                Some(Piece::Rows { count, .. }) => *count += drawn,
                _ => pieces.push(Piece::Rows {
                    first: next,
                    count: drawn,
                    y,
                }),
            }
            y += drawn * size.height;
            next += u128::from(drawn);
        }
    }
    (pieces, y)
}

fn y_of(pieces: &[Piece], row: u128, size: Size) -> Option<u32> {
    let after = pieces.partition_point(|piece| match piece {
        Piece::Rows { first, .. } | Piece::Gap { first, .. } => *first <= row,
    });
    match pieces.get(after.checked_sub(1)?)? {
        Piece::Rows { first, y, .. } => {
            let below = u32::try_from(row - first).ok()?;
            Some(y + below * size.height)
        }
        Piece::Gap { .. } => None,
    }
}

fn area(band: &Band<'_>, claim: &Claim<'_>, size: Size, top: u32) -> Area {
    let columns = u128::from(size.columns);
    let prefix = claim.prefix;
    let small = |number: u128| u32::try_from(number).unwrap_or_default();
    let column = small(block_of(band, prefix) % columns);
    let count = blocks(prefix, band.unit).unwrap_or(columns);
    let (wide, high) = (small(count.min(columns)), small(count.div_ceil(columns)));
    let mut area = Area {
        x: column * size.pitch(),
        y: top,
        width: wide * size.pitch() - size.space,
        height: high * size.height - size.space,
    };
    // A part of a block. What would be too thin to see is drawn wider.
    let finer = prefix.length().saturating_sub(band.unit);
    if finer > 0 {
        let parts = 1_u128.checked_shl(finer.into()).unwrap_or(u128::MAX);
        let shift = u32::from(width(prefix) - prefix.length());
        let offset = number(prefix.first_address()) - number(band.prefix.first_address());
        let part = offset.checked_shr(shift).unwrap_or_default() % parts;
        let within = u128::from(area.width);
        // Both are below 2^128, and a fraction of it is near enough.
        let left = small(
            (part >> finer.saturating_sub(32)) * within / (parts >> finer.saturating_sub(32)),
        );
        area.x += left;
        area.width = small(within / parts)
            .max(2)
            .min(area.width - left.min(area.width - 1));
    }
    // Inside of another claim: what is around it stays in sight.
    let inset = small(claim.depth.min(2) as u128) * (size.space + 1);
    if area.width > 2 * inset + 2 && area.height > 2 * inset + 2 {
        area = Area {
            x: area.x + inset,
            y: area.y + inset,
            width: area.width - 2 * inset,
            height: area.height - 2 * inset,
        };
    }
    shared(area, claim.share)
}

/// Several nodes' claims to one prefix lie one below the other.
fn shared(area: Area, (share, of): (usize, usize)) -> Area {
    let small = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let (share, of) = (small(share), small(of).max(1));
    if of == 1 {
        return area;
    }
    let top = u64::from(area.height) * u64::from(share) / u64::from(of);
    Area {
        y: area.y + u32::try_from(top).unwrap_or_default(),
        height: (area.height / of).saturating_sub(1).max(1),
        ..area
    }
}
