//! The routes as CSV, for spreadsheets and scripts. Only what is to be routed
//! stands in it: withheld prefixes do not.

use super::Checked;
use crate::policy::{Family, Report, Route};

const COLUMNS: [&str; 7] = [
    "prefix",
    "next_hop",
    "node",
    "family",
    "source_kind",
    "source_name",
    "source_field",
];

pub(super) fn render(checked: &Checked<'_>) -> String {
    let report = checked.report;
    if !report.undecided.is_empty() {
        return no_verdict(report);
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Nothing that is written to memory fails.
    let _ = writer.write_record(COLUMNS);
    for route in &report.routes {
        let _ = writer.write_record(row(route).map(|cell| guarded(&cell)));
    }
    let bytes = writer.into_inner().unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// One line that is no heading: whoever looks for the columns does not find
/// them, where an empty table would pass for "no routes".
fn no_verdict(report: &Report) -> String {
    let reasons = report.undecided.join("; ").replace(['\r', '\n', '"'], " ");
    format!("\"# no verdict on the routes: {reasons}\"\n")
}

fn row(route: &Route) -> [String; 7] {
    let family = match route.family {
        Family::Ipv4 => "IPv4",
        Family::Ipv6 => "IPv6",
    };
    let source = &route.source;
    [
        route.prefix.clone(),
        route.next_hop.clone(),
        route.node.clone(),
        family.to_owned(),
        source.kind.clone(),
        source.name.clone(),
        source.field.clone().unwrap_or_default(),
    ]
}

/// Text that no spreadsheet takes for a formula.
fn guarded(cell: &str) -> String {
    match cell.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n') => format!("'{cell}"),
        _ => cell.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_text() {
        assert_eq!(guarded("=1+1"), "'=1+1");
        assert_eq!(guarded("@SUM(A1)"), "'@SUM(A1)");
        assert_eq!(guarded("\tx"), "'\tx");
        assert_eq!(guarded("worker-1"), "worker-1");
        assert_eq!(guarded("::/0"), "::/0");
        assert_eq!(guarded(""), "");
    }
}
