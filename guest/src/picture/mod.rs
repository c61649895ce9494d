//! Reports as people look at them: a map of the address space, as SVG, and
//! the whole report, as HTML. Made here, so that the command line and a page
//! in a browser show the same.
//!
//! report -> claims -> bands (one per range) -> grid (rows of blocks) -> SVG

mod bands;
mod claims;
mod grid;
mod map;
mod overview;
mod page;
mod report;
mod svg;
mod text;

use report::Report;

/// The map of a `podroute.report/v1`.
pub fn map(report: &str) -> Result<String, String> {
    Ok(map::draw(&Report::read(report)?))
}

/// The sections of a page on a `podroute.report/v1`.
pub fn page(report: &str) -> Result<String, String> {
    Ok(page::write(&Report::read(report)?))
}
