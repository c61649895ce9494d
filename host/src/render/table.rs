//! The report for a person: what was detected, the routes, what is wrong and
//! how to mend it, and what could not be judged.

use std::collections::BTreeMap;
use std::fmt::Write;

use comfy_table::{ContentArrangement, Table};

use super::style::{self, dim, heading};
use crate::Snapshot;
use crate::policy::{
    ClusterFacts, Family, Finding, NotEvaluated, ObjectRef, Problem, Report, Route, Severity,
};

/// How many routes are shown unless all are asked for.
const ROUTES_SHOWN: usize = 40;
/// How many objects of a finding are shown.
const OBJECTS_SHOWN: usize = 3;
const WIDTH: usize = 100;

/// Which routes to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Routes {
    All,
    /// The first few, and how many more there are.
    Some,
}

/// The whole report. The snapshot tells where objects stand.
pub fn render(report: &Report, snapshot: &Snapshot, routes: Routes) -> String {
    let sections = [
        cluster(&report.cluster),
        routes_section(report, routes),
        withheld(report),
        findings(report, snapshot),
        problems(report, snapshot),
        accepted(report),
        not_evaluated(&report.not_evaluated),
        rules_off(&report.rules_off),
        undecided(report),
        summary(report),
    ];
    let sections: Vec<String> = sections.into_iter().flatten().collect();
    sections.join("\n")
}

fn cluster(facts: &ClusterFacts) -> Option<String> {
    let families: Vec<&str> = facts
        .families
        .iter()
        .map(|family| match family {
            Family::Ipv4 => "IPv4",
            Family::Ipv6 => "IPv6",
        })
        .collect();
    let mut rows: Vec<(&str, String)> = vec![("CNI", facts.cni.clone())];
    if !facts.cni_evidence.is_empty() {
        rows.extend(facts.cni_evidence.iter().map(|proof| ("", dim(proof))));
    }
    if let Some(mode) = &facts.ipam_mode {
        rows.push(("IPAM mode", mode.clone()));
    }
    rows.push((
        "pod CIDRs in",
        facts
            .pod_cidr_source
            .clone()
            .unwrap_or_else(|| "nowhere that static routes could be made from".to_owned()),
    ));
    if let Some(version) = &facts.cilium_version {
        rows.push(("Cilium", version.clone()));
    }
    if let Some(version) = &facts.kubernetes_version {
        rows.push(("Kubernetes", version.clone()));
    }
    rows.push(("nodes", format!("{} {}", facts.nodes, families.join(", "))));
    for ako in &facts.ako {
        rows.push((
            "AKO",
            format!(
                "{} in {}, cluster name {}, cniPlugin \"{}\", {}",
                ako.version.as_deref().unwrap_or("of unknown version"),
                ako.namespace,
                ako.cluster_name.as_deref().unwrap_or("not set"),
                ako.cni_plugin,
                if ako.syncs_routes {
                    "programs static routes"
                } else {
                    "programs no static routes"
                }
            ),
        ));
    }
    let mut text = heading("Cluster") + "\n";
    for (label, value) in rows {
        let _ = writeln!(text, "  {label:<13} {}", value.trim_end());
    }
    Some(text)
}

fn routes_section(report: &Report, routes: Routes) -> Option<String> {
    let total = report.routes.len();
    let shown = match routes {
        Routes::All => total,
        // Cutting off a line or two would save nothing.
        Routes::Some if total <= ROUTES_SHOWN + 5 => total,
        Routes::Some => ROUTES_SHOWN,
    };
    let mut text = format!("{}\n", heading(format!("Routes ({total})")));
    if total == 0 {
        return Some(text + "  none\n");
    }
    let mut table = columns(["PREFIX", "NEXT HOP", "NODE", "READ FROM"]);
    for route in report.routes.iter().take(shown) {
        table.add_row([
            route.prefix.clone(),
            route.next_hop.clone(),
            route.node.clone(),
            read_from(route),
        ]);
    }
    text += &indented(&table.trim_fmt());
    if shown < total {
        let _ = writeln!(
            text,
            "  {}",
            dim(format!(
                "and {} more; --all-routes shows them",
                total - shown
            ))
        );
    }
    Some(text)
}

/// Where a route's prefix was read; of an aggregate, what it stands for.
fn read_from(route: &Route) -> String {
    const PARTS_SHOWN: usize = 3;
    if route.stands_for.is_empty() {
        return object(&route.source);
    }
    let parts = route.stands_for.iter().take(PARTS_SHOWN);
    let parts: Vec<&str> = parts.map(|part| part.prefix.as_str()).collect();
    let more = match route.stands_for.len() - parts.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!(
        "{} pod CIDRs: {}{more}",
        route.stands_for.len(),
        parts.join(", ")
    )
}

fn withheld(report: &Report) -> Option<String> {
    if report.withheld.is_empty() {
        return None;
    }
    let mut table = columns(["PREFIX", "NEXT HOP", "NODE", "WITHHELD BY"]);
    for withheld in report.withheld.iter().take(ROUTES_SHOWN) {
        table.add_row([
            withheld.prefix.as_str(),
            withheld.next_hop.as_deref().unwrap_or("-"),
            &withheld.node,
            &withheld.rule,
        ]);
    }
    let total = report.withheld.len();
    let mut text = format!("{}\n", heading(format!("Withheld routes ({total})")));
    text += &indented(&table.trim_fmt());
    if total > ROUTES_SHOWN {
        let _ = writeln!(
            text,
            "  {}",
            dim(format!("and {} more", total - ROUTES_SHOWN))
        );
    }
    Some(text)
}

fn findings(report: &Report, snapshot: &Snapshot) -> Option<String> {
    if report.findings.is_empty() {
        return None;
    }
    let text = heading("Findings") + "\n";
    let findings: Vec<String> = report
        .findings
        .iter()
        .map(|finding| one_finding(finding, snapshot))
        .collect();
    Some(text + &findings.join("\n"))
}

pub(crate) fn one_finding(finding: &Finding, snapshot: &Snapshot) -> String {
    let mut text = format!(
        "  {} {}\n",
        style::severity(finding.severity),
        heading(&finding.rule)
    );
    text += &paragraph("", &finding.message);
    text += &paragraph("then: ", &finding.effect);
    text += &paragraph("fix:  ", &finding.fix);
    for found in finding.objects.iter().take(OBJECTS_SHOWN) {
        let places = places(found, snapshot);
        let _ = writeln!(text, "    {} {}{}", dim("at"), object(found), dim(places));
    }
    if finding.objects.len() > OBJECTS_SHOWN {
        let more = finding.objects.len() - OBJECTS_SHOWN;
        let _ = writeln!(text, "    {}", dim(format!("and {more} more objects")));
    }
    text
}

/// The findings that were accepted, and why.
fn accepted(report: &Report) -> Option<String> {
    if report.suppressed.is_empty() {
        return None;
    }
    let mut text = heading(format!("Accepted ({})", report.suppressed.len())) + "\n";
    for suppressed in &report.suppressed {
        let finding = &suppressed.finding;
        text += &paragraph("", &format!("{}: {}", finding.rule, finding.message));
        text += &paragraph("because: ", &suppressed.reasons.join("; "));
    }
    Some(text)
}

fn problems(report: &Report, snapshot: &Snapshot) -> Option<String> {
    if report.problems.is_empty() {
        return None;
    }
    let mut text = heading("Problems with the input") + "\n";
    for one in &report.problems {
        let label = style::severity(one.severity);
        let _ = writeln!(text, "  {label} {}", problem(one, snapshot));
    }
    Some(text)
}

/// A problem in one line, with the files that the object stands in.
pub fn problem(problem: &Problem, snapshot: &Snapshot) -> String {
    match &problem.object {
        None => problem.message.clone(),
        Some(found) => {
            format!(
                "{}{}: {}",
                object(found),
                places(found, snapshot),
                problem.message
            )
        }
    }
}

/// By what is missing, not by rule: one missing kind keeps many rules waiting.
fn not_evaluated(entries: &[NotEvaluated]) -> Option<String> {
    if entries.is_empty() {
        return None;
    }
    let mut waiting: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for entry in entries {
        waiting
            .entry(entry.missing.join(", "))
            .or_default()
            .push(&entry.rule);
    }
    let mut text = format!(
        "{}\n",
        heading(format!("Not evaluated ({} rules)", entries.len()))
    );
    for (missing, rules) in waiting {
        text += &paragraph("", &format!("for want of {missing}:"));
        text += &paragraph("  ", &rules.join(", "));
    }
    Some(text)
}

fn rules_off(rules: &[String]) -> Option<String> {
    if rules.is_empty() {
        return None;
    }
    let text = heading(format!("Switched off ({})", plural(rules.len(), "rule"))) + "\n";
    Some(text + &paragraph("", &rules.join(", ")))
}

fn undecided(report: &Report) -> Option<String> {
    if report.undecided.is_empty() {
        return None;
    }
    let mut text = style::error("No verdict on the routes") + "\n";
    for reason in &report.undecided {
        text += &paragraph("- ", reason);
    }
    Some(text)
}

pub(crate) fn summary(report: &Report) -> Option<String> {
    let count = |severity| {
        report
            .findings
            .iter()
            .filter(|finding| finding.severity == severity)
            .count()
    };
    let accepted = match report.suppressed.len() {
        0 => String::new(),
        count => format!("; {count} accepted"),
    };
    Some(format!(
        "{}, {} withheld; {}, {}, {} info{accepted}\n",
        plural(report.routes.len(), "route"),
        report.withheld.len(),
        plural(count(Severity::Error), "error"),
        plural(count(Severity::Warning), "warning"),
        count(Severity::Info),
    ))
}

pub(crate) fn plural(count: usize, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    }
}

/// `ConfigMap kube-system/cilium-config data.ipam`.
pub(crate) fn object(object: &ObjectRef) -> String {
    let namespace = match &object.namespace {
        Some(namespace) => format!("{namespace}/"),
        None => String::new(),
    };
    let field = match &object.field {
        Some(field) => format!(" {field}"),
        None => String::new(),
    };
    format!("{} {namespace}{}{field}", object.kind, object.name)
}

pub(crate) fn places(object: &ObjectRef, snapshot: &Snapshot) -> String {
    let places: Vec<String> = snapshot
        .locate(object)
        .iter()
        .map(ToString::to_string)
        .collect();
    if places.is_empty() {
        return String::new();
    }
    format!(" ({})", places.join(", "))
}

/// A table without borders, its columns apart by two spaces.
pub(crate) fn columns<const N: usize>(headings: [&str; N]) -> Table {
    let mut table = Table::new();
    table
        .load_style(comfy_table::presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(headings);
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table
}

pub(crate) fn indented(text: &str) -> String {
    let mut indented = String::with_capacity(text.len());
    for line in text.lines() {
        let _ = writeln!(indented, "  {}", line.trim_end());
    }
    indented
}

/// Wrapped text with a hanging indent as wide as its label.
pub(crate) fn paragraph(label: &str, text: &str) -> String {
    let hang = " ".repeat(4 + label.len());
    let first = format!("    {label}");
    let options = textwrap::Options::new(WIDTH)
        .initial_indent(&first)
        .subsequent_indent(&hang)
        // Hyphens belong to names: a broken `cilium-config` cannot be copied.
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .break_words(false);
    textwrap::fill(text, options) + "\n"
}
