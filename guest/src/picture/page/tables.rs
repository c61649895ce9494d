//! What can be looked up: routes, withheld prefixes, networks.

use std::fmt::Write as _;

use super::html::Html;
use crate::picture::report::Report;
use crate::picture::text::counted;

pub(super) fn routes(html: &mut Html, report: &Report) {
    html.section("routes", "Routes", |html| {
        if report.routes.is_empty() {
            html.element(
                "p",
                "",
                if report.undecided.is_empty() {
                    "No route is needed, or none can exist."
                } else {
                    "No route is known: no verdict is possible."
                },
            );
            return;
        }
        let caption = format!(
            "{} that the load balancer needs",
            counted(report.routes.len(), "static route")
        );
        let columns = ["Prefix", "Next hop", "Node", "Read from"];
        table(html, "route-table", &caption, &columns, |html| {
            for route in &report.routes {
                let mut source = route.source.words();
                if !route.stands_for.is_empty() {
                    let _ = write!(
                        source,
                        ", and the rest of {}",
                        counted(route.stands_for.len(), "pod CIDR")
                    );
                }
                let prefix = route.prefix.to_string();
                row(html, &[&prefix, &route.next_hop, &route.node, &source]);
            }
        });
    });
}

pub(super) fn withheld(html: &mut Html, report: &Report) {
    html.section("withheld", "Withheld", |html| {
        if report.withheld.is_empty() {
            html.element("p", "", "No route is withheld.");
            return;
        }
        let caption = format!(
            "{} that some node claims and that must not be routed to it",
            counted(report.withheld.len(), "prefix")
        );
        let columns = ["Prefix", "Next hop", "Node", "Withheld by"];
        table(html, "withheld-table", &caption, &columns, |html| {
            for withheld in &report.withheld {
                let prefix = withheld.prefix.to_string();
                let hop = withheld.next_hop.as_deref().unwrap_or("none");
                row(html, &[&prefix, hop, &withheld.node, &withheld.rule]);
            }
        });
    });
}

pub(super) fn networks(html: &mut Html, report: &Report) {
    html.section("networks", "Networks", |html| {
        if report.networks.is_empty() {
            html.element("p", "", "No pool and no network beside the pods is known.");
            return;
        }
        let caption = format!(
            "{} of the cluster and around it",
            counted(report.networks.len(), "network")
        );
        let columns = ["Network", "What it is", "Name", "Blocks", "Written in"];
        table(html, "network-table", &caption, &columns, |html| {
            for network in &report.networks {
                let blocks = network.block_length.map(|length| format!("/{length}"));
                let source = network
                    .source
                    .as_ref()
                    .map(super::super::report::Object::words);
                row(
                    html,
                    &[
                        &network.prefix.to_string(),
                        network.role.name(),
                        &network.name,
                        &blocks.unwrap_or_default(),
                        &source.unwrap_or_default(),
                    ],
                );
            }
        });
    });
}

/// A table that scripts make searchable and sortable.
fn table(html: &mut Html, id: &str, caption: &str, columns: &[&str], rows: impl FnOnce(&mut Html)) {
    html.raw(&format!("<div class=\"table\" data-table=\"\" tabindex=\"0\" role=\"region\" aria-labelledby=\"{id}-caption\">\n<table id=\"{id}\">\n<caption id=\"{id}-caption\">"));
    html.text(caption);
    html.raw("</caption>\n<thead><tr>");
    for column in columns {
        html.raw("<th scope=\"col\">");
        html.text(column);
        html.raw("</th>");
    }
    html.raw("</tr></thead>\n<tbody>\n");
    rows(html);
    html.raw("</tbody>\n</table>\n</div>\n");
}

fn row(html: &mut Html, texts: &[&str]) {
    html.raw("<tr>");
    for text in texts {
        html.raw("<td>");
        html.text(text);
        html.raw("</td>");
    }
    html.raw("</tr>\n");
}
