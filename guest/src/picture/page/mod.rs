//! The report as HTML: what goes into the `main` of a page. Scripts may make
//! it handier (search, sorting); nothing is hidden without them.

mod facts;
mod findings;
mod html;
mod open;
mod tables;

use super::map;
use super::report::Report;
use html::Html;

/// Every section.
pub(super) fn write(report: &Report) -> String {
    let mut html = Html::default();
    facts::summary(&mut html, report);
    facts::detected(&mut html, report);
    findings::section(&mut html, report);
    html.section("map", "Address space", |html| {
        html.element("p", "hint", "Each cell is a pod CIDR. Rest the pointer on one, or move through them with the arrow keys.");
        html.raw("<div class=\"map\" id=\"map-cells\" tabindex=\"0\" role=\"group\" aria-label=\"Map of pod CIDRs\">\n");
        html.raw(&map::inside(report));
        html.raw("</div>\n<p class=\"cell-words\" id=\"cell-words\" role=\"status\"></p>\n");
    });
    tables::routes(&mut html, report);
    tables::withheld(&mut html, report);
    tables::networks(&mut html, report);
    open::not_evaluated(&mut html, report);
    open::accepted(&mut html, report);
    open::rules_off(&mut html, report);
    open::problems(&mut html, report);
    html.finish()
}
