//! What nobody should take for passed: rules not evaluated or off, findings
//! that are accepted, objects that could not be used.

use super::findings;
use super::html::Html;
use crate::picture::report::Report;
use crate::picture::text::counted;

pub(super) fn not_evaluated(html: &mut Html, report: &Report) {
    html.section("not-evaluated", "Not evaluated", |html| {
        if report.not_evaluated.is_empty() {
            html.element("p", "", "Every rule that is on was evaluated.");
            return;
        }
        let count = counted(report.not_evaluated.len(), "rule");
        let words = format!("{count}, wholly or in part. That they report nothing is no pass.");
        html.element("p", "hint", &words);
        html.within("dl", "facts", |html| {
            for (missing, rules) in report.not_evaluated_by_missing() {
                html.within("div", "", |html| {
                    html.element("dt", "", &format!("For want of {missing}"));
                    html.element("dd", "", &rules.join(", "));
                });
            }
        });
    });
}

pub(super) fn accepted(html: &mut Html, report: &Report) {
    if report.suppressed.is_empty() && report.suppressions.is_empty() {
        return;
    }
    html.section("accepted", "Accepted findings", |html| {
        html.element("p", "hint", "They are there, and somebody accepted them.");
        for one in &report.suppressed {
            findings::one(html, &one.finding, &one.reasons);
        }
        let idle = report
            .suppressions
            .iter()
            .filter(|one| one.status != "used");
        html.list(idle, |html, one| {
            let until = one.until.as_ref();
            let until = until.map_or_else(String::new, |until| format!(" until {until}"));
            html.element("code", "", &format!("{}{until}", one.rule));
            html.text(&format!(
                "covers nothing: it is {}; reason given: {}",
                one.status, one.reason
            ));
        });
    });
}

pub(super) fn rules_off(html: &mut Html, report: &Report) {
    if report.rules_off.is_empty() {
        return;
    }
    html.section("rules-off", "Rules that are off", |html| {
        let words = format!(
            "{} off by the settings:",
            counted(report.rules_off.len(), "rule")
        );
        html.element("p", "hint", &words);
        html.element("p", "", &report.rules_off.join(", "));
    });
}

pub(super) fn problems(html: &mut Html, report: &Report) {
    if report.problems.is_empty() {
        return;
    }
    html.section("problems", "Problems with the input", |html| {
        html.list(&report.problems, |html, problem| {
            html.severity(problem.severity);
            html.raw(" ");
            if let Some(object) = &problem.object {
                html.element("code", "", &object.words());
            }
            html.text(&problem.message);
        });
    });
}
