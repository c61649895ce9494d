//! What was found, worst first, each with its fix.

use super::html::Html;
use crate::picture::report::{Finding, Report, Severity};
use crate::picture::text::counted;

/// Objects of a finding that are named; the report has all.
const NAMED: usize = 40;

pub(super) fn section(html: &mut Html, report: &Report) {
    html.section("findings", "Findings", |html| {
        let counts = Severity::ALL.map(|one| format!("{} {}", report.count(one), one.name()));
        html.element("p", "hint", &counts.join(", "));
        if report.findings.is_empty() {
            html.element("p", "", none(report));
        }
        for finding in &report.findings {
            one(html, finding, &[]);
        }
    });
}

/// That nothing was found says something only of what was looked at.
fn none(report: &Report) -> &'static str {
    if !report.undecided.is_empty() {
        "Nothing was found, which means nothing: no verdict on the routes is possible."
    } else if !report.not_evaluated.is_empty() {
        "Nothing was found. Some rules were not evaluated: see below."
    } else {
        "Nothing was found."
    }
}

/// A finding, and why it is accepted, if it is.
pub(super) fn one(html: &mut Html, finding: &Finding, reasons: &[String]) {
    let open = match (finding.severity, reasons) {
        (Severity::Error, []) => " open=\"\"",
        _ => "",
    };
    html.raw(&format!(
        "<details class=\"finding {}\"{open}>\n<summary>",
        finding.severity.name()
    ));
    html.severity(finding.severity);
    html.raw(" ");
    html.element("code", "", &finding.rule);
    html.element("span", "message", &finding.message);
    html.raw("</summary>\n");
    html.within("dl", "", |html| {
        for reason in reasons {
            entry(html, "Accepted", reason);
        }
        entry(html, "Then", &finding.effect);
        entry(html, "Fix", &finding.fix);
        html.within("div", "", |html| {
            html.element("dt", "", "At");
            html.within("dd", "", |html| objects(html, finding));
        });
        html.within("div", "", |html| {
            html.element("dt", "", "See");
            html.within("dd", "", |html| reference(html, &finding.reference));
        });
    });
    html.raw("</details>\n");
}

fn entry(html: &mut Html, name: &str, words: &str) {
    html.within("div", "", |html| {
        html.element("dt", "", name);
        html.element("dd", "", words);
    });
}

fn objects(html: &mut Html, finding: &Finding) {
    let named = finding.objects.iter().take(NAMED);
    html.list(named, |html, object| {
        html.element("code", "", &object.words());
    });
    if let Some(more) = finding
        .objects
        .len()
        .checked_sub(NAMED)
        .filter(|more| *more > 0)
    {
        let words = format!("and {} more in the report", counted(more, "object"));
        html.element("p", "hint", &words);
    }
}

/// A link where it is one for sure: nobody clicks on a script.
fn reference(html: &mut Html, reference: &str) {
    if reference.starts_with("https://") {
        let escaped = crate::picture::text::escape(reference);
        html.raw(&format!("<a href=\"{escaped}\" rel=\"noreferrer\">"));
        html.text(reference);
        html.raw("</a>");
    } else {
        html.text(reference);
    }
}
