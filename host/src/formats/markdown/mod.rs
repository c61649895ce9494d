//! A comment for a pull request, in GitHub's Markdown: the verdict, what is
//! wrong, and folded away what would be long.

mod escape;

use super::Checked;
use super::place::FilePlace;
use super::wording;
use crate::policy::{Finding, Report, Severity};
use crate::render::style::severity_name;
use crate::render::table;
use escape::{code, escape};

/// How much a comment may hold is 65,536 characters. Each part has a share of
/// it, counted in bytes, which are never fewer; the rest is for headings.
const UNDECIDED: usize = 6_000;
const PROBLEMS: usize = 6_000;
const FINDINGS: usize = 32_000;
const WITHHELD: usize = 6_000;
const NOT_EVALUATED: usize = 6_000;
const ACCEPTED: usize = 6_000;
/// How long one text of a finding may be.
const TEXT: usize = 900;
/// And the name of one object.
const NAME: usize = 200;
const OBJECTS: usize = 3;

pub(super) fn render(checked: &Checked<'_>) -> String {
    let report = checked.report;
    let parts = [
        headline(report),
        undecided(report),
        problems(checked),
        findings(checked),
        withheld(report),
        not_evaluated(report),
        accepted(report),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    // A comment is found again by its first line.
    format!("<!-- podroute check -->\n{}", parts.join("\n"))
}

fn headline(report: &Report) -> Option<String> {
    let sign = if !report.undecided.is_empty() {
        "\u{2754}"
    } else if wording::count(report, Severity::Error) > 0 {
        "\u{274c}"
    } else if wording::count(report, Severity::Warning) > 0 {
        "\u{26a0}\u{fe0f}"
    } else {
        "\u{2705}"
    };
    let (verdict, summary) = (wording::verdict(report), wording::summary(report));
    Some(format!("### {sign} podroute: {verdict}\n\n{summary}\n"))
}

fn undecided(report: &Report) -> Option<String> {
    let lines = report.undecided.iter();
    let lines = lines.map(|reason| format!("- {}\n", escape(reason, TEXT)));
    let list = Limited::of(lines, UNDECIDED)?;
    Some(format!(
        "**No verdict on the routes is possible; that nothing was found means nothing:**\n\n{}{}",
        list.text,
        list.more("- and {} more reasons\n")
    ))
}

fn problems(checked: &Checked<'_>) -> Option<String> {
    let errors = checked.snapshot.errors.iter();
    let errors = errors.map(|error| format!("- error: {}\n", escape(&error.to_string(), TEXT)));
    let problems = checked.report.problems.iter().map(|problem| {
        let name = severity_name(problem.severity);
        format!("- {name}: {}\n", escape(&wording::problem(problem), TEXT))
    });
    let list = Limited::of(errors.chain(problems), PROBLEMS)?;
    Some(format!(
        "**Problems with the input:**\n\n{}{}",
        list.text,
        list.more("- and {} more problems\n")
    ))
}

fn findings(checked: &Checked<'_>) -> Option<String> {
    let rows = checked.report.findings.iter();
    let rows = rows.map(|finding| row(finding, checked));
    let list = Limited::of(rows, FINDINGS)?;
    Some(format!(
        "| | Rule | Finding | Where |\n|---|---|---|---|\n{}{}",
        list.text,
        list.more("\nand {} more findings, none worse than these\n")
    ))
}

fn row(finding: &Finding, checked: &Checked<'_>) -> String {
    let sign = match finding.severity {
        Severity::Error => "\u{274c}",
        Severity::Warning => "\u{26a0}\u{fe0f}",
        Severity::Info => "\u{2139}\u{fe0f}",
    };
    let objects = finding.objects.iter().take(OBJECTS).map(|object| {
        let place = FilePlace::of(object, checked.snapshot).into_iter().next();
        let place = place.map(|place| match place.line {
            Some(line) => format!("<br>{}", code(&format!("{}:{line}", place.path))),
            None => format!("<br>{}", code(&place.path)),
        });
        let object = escape(&table::object(object), NAME);
        format!("{object}{}", place.unwrap_or_default())
    });
    let mut places = objects.collect::<Vec<_>>().join("<br>");
    if finding.objects.len() > OBJECTS {
        let more = finding.objects.len() - OBJECTS;
        places = format!("{places}<br>and {more} more objects");
    }
    format!(
        "| {sign} {} | {} | {}<details><summary>effect and fix</summary>Then: {}<br>Fix: {}</details> | {places} |\n",
        severity_name(finding.severity),
        code(&finding.rule),
        escape(&finding.message, TEXT),
        escape(&finding.effect, TEXT),
        escape(&finding.fix, TEXT),
    )
}

fn withheld(report: &Report) -> Option<String> {
    let rows = report.withheld.iter().map(|one| {
        format!(
            "| {} | {} | {} | {} |\n",
            code(&one.prefix),
            one.next_hop.as_deref().map(code).unwrap_or_default(),
            escape(&one.node, NAME),
            code(&one.rule)
        )
    });
    let list = Limited::of(rows, WITHHELD)?;
    let table = format!(
        "| Prefix | Next hop | Node | Withheld by |\n|---|---|---|---|\n{}{}",
        list.text,
        list.more("\nand {} more\n")
    );
    Some(folded("Withheld routes", report.withheld.len(), &table))
}

fn not_evaluated(report: &Report) -> Option<String> {
    let waiting = wording::by_missing(&report.not_evaluated).into_iter();
    let waiting = waiting.map(|(missing, rules)| {
        let rules: Vec<String> = rules.into_iter().map(code).collect();
        format!(
            "- for want of {}: {}\n",
            escape(&missing, TEXT),
            rules.join(", ")
        )
    });
    let off = report.rules_off.iter();
    let off = off.map(|rule| format!("- switched off: {}\n", code(rule)));
    let list = Limited::of(waiting.chain(off), NOT_EVALUATED)?;
    let text = format!("{}{}", list.text, list.more("- and {} more\n"));
    let rules = report.not_evaluated.len() + report.rules_off.len();
    Some(folded("Rules not evaluated", rules, &text))
}

fn accepted(report: &Report) -> Option<String> {
    let lines = report.suppressed.iter().map(|suppressed| {
        let finding = &suppressed.finding;
        format!(
            "- {} {} (because: {})\n",
            code(&finding.rule),
            escape(&finding.message, TEXT),
            escape(&suppressed.reasons.join("; "), TEXT)
        )
    });
    let list = Limited::of(lines, ACCEPTED)?;
    let text = format!("{}{}", list.text, list.more("- and {} more\n"));
    Some(folded("Accepted", report.suppressed.len(), &text))
}

fn folded(title: &str, count: usize, text: &str) -> String {
    format!("<details><summary>{title} ({count})</summary>\n\n{text}\n</details>\n")
}

/// As many lines as there is room for.
struct Limited {
    text: String,
    left_out: usize,
}

impl Limited {
    /// None if there is no line at all.
    fn of(lines: impl Iterator<Item = String>, room: usize) -> Option<Self> {
        let mut limited = Self {
            text: String::new(),
            left_out: 0,
        };
        for line in lines {
            // After the first that is left out all are: the worst come first.
            if limited.left_out > 0 || limited.text.len() + line.len() > room {
                limited.left_out += 1;
            } else {
                limited.text += &line;
            }
        }
        let is_any = limited.left_out > 0 || !limited.text.is_empty();
        is_any.then_some(limited)
    }

    fn more(&self, words: &str) -> String {
        match self.left_out {
            0 => String::new(),
            count => words.replace("{}", &count.to_string()),
        }
    }
}
