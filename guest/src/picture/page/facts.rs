//! The first look: is it well, and what was detected.

use super::html::Html;
use crate::picture::report::{Ako, Report, Severity};
use crate::picture::text::{counted, grouped};

pub(super) fn summary(html: &mut Html, report: &Report) {
    html.section("summary", "Summary", |html| {
        let (class, words) = verdict(report);
        html.within("p", class, |html| html.element("strong", "", &words));
        if !report.undecided.is_empty() {
            html.list(&report.undecided, |html, reason| html.text(reason));
        }
        html.within("dl", "tiles", |html| {
            let count = |severity| report.count(severity);
            tile(html, "#routes", "routes", report.routes.len(), "");
            tile(
                html,
                "#withheld",
                "withheld",
                report.withheld.len(),
                "warning",
            );
            tile(html, "#findings", "errors", count(Severity::Error), "error");
            tile(
                html,
                "#findings",
                "warnings",
                count(Severity::Warning),
                "warning",
            );
            tile(html, "#findings", "info", count(Severity::Info), "");
            let open = report.not_evaluated.len();
            tile(
                html,
                "#not-evaluated",
                "rules not evaluated",
                open,
                "warning",
            );
            if !report.suppressed.is_empty() {
                tile(html, "#accepted", "accepted", report.suppressed.len(), "");
            }
            if !report.problems.is_empty() {
                tile(
                    html,
                    "#problems",
                    "problems",
                    report.problems.len(),
                    "error",
                );
            }
        });
    });
}

fn tile(html: &mut Html, link: &str, name: &str, count: usize, class: &str) {
    let class = if count == 0 { "" } else { class };
    html.raw(&format!("<div class=\"tile {class}\"><dt>"));
    html.raw(&format!("<a href=\"{link}\">"));
    html.text(name);
    html.raw("</a></dt>");
    html.element(
        "dd",
        "",
        &grouped(u128::try_from(count).unwrap_or_default()),
    );
    html.raw("</div>\n");
}

/// Nothing that was not looked at is called well.
fn verdict(report: &Report) -> (&'static str, String) {
    let errors = report.count(Severity::Error);
    let warnings = report.count(Severity::Warning);
    if !report.undecided.is_empty() {
        (
            "verdict undecided",
            "No verdict on the routes is possible".to_owned(),
        )
    } else if report
        .problems
        .iter()
        .any(|one| one.severity == Severity::Error)
    {
        (
            "verdict undecided",
            "Some objects could not be read: the rest was checked".to_owned(),
        )
    } else if errors > 0 {
        (
            "verdict error",
            format!("{} to mend", counted(errors, "error")),
        )
    } else if warnings > 0 {
        (
            "verdict warning",
            format!("No error, {}", counted(warnings, "warning")),
        )
    } else if report.not_evaluated.is_empty() {
        ("verdict fine", "No error and no warning".to_owned())
    } else {
        let open = counted(report.not_evaluated.len(), "rule");
        (
            "verdict fine",
            format!("No error and no warning; {open} not evaluated"),
        )
    }
}

pub(super) fn detected(html: &mut Html, report: &Report) {
    let cluster = &report.cluster;
    html.section("detected", "Detected", |html| {
        html.within("dl", "facts", |html| {
            fact(html, "CNI", &cluster.cni);
            for evidence in &cluster.cni_evidence {
                fact(html, "Shown by", evidence);
            }
            let known =
                |fact: &Option<String>| fact.clone().unwrap_or_else(|| "not known".to_owned());
            if cluster.cni == "cilium" {
                fact(html, "IPAM mode", &known(&cluster.ipam_mode));
                fact(html, "Cilium", &known(&cluster.cilium_version));
            }
            let source = cluster.pod_cidr_source.as_deref();
            fact(
                html,
                "Pod CIDRs from",
                source.unwrap_or("nowhere: no node has one of its own"),
            );
            fact(html, "Kubernetes", &known(&cluster.kubernetes_version));
            let families = match cluster.families.join(" and ") {
                none if none.is_empty() => "none".to_owned(),
                families => families,
            };
            fact(html, "Families", &families);
            fact(
                html,
                "Nodes",
                &format!(
                    "{} Nodes, {} CiliumNodes",
                    cluster.nodes, cluster.cilium_nodes
                ),
            );
            for ako in &cluster.ako {
                fact(html, "AKO", &ako_words(ako));
            }
        });
    });
}

fn fact(html: &mut Html, name: &str, words: &str) {
    html.within("div", "", |html| {
        html.element("dt", "", name);
        html.element("dd", "", words);
    });
}

fn ako_words(ako: &Ako) -> String {
    let known = |fact: &Option<String>| fact.clone().unwrap_or_else(|| "not known".to_owned());
    let routes = if ako.syncs_routes {
        "programs static routes"
    } else {
        "programs no static routes"
    };
    format!(
        "version {} in {}, cluster name {}, cniPlugin \"{}\", {routes}",
        known(&ako.version),
        ako.namespace,
        known(&ako.cluster_name),
        ako.cni_plugin
    )
}
