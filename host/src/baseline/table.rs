//! What a baseline knows, in a few lines: the findings themselves were shown
//! when it was made.

use std::fmt::Write;

use super::Compared;
use crate::diff::Why;
use crate::render::style::{self, dim, heading};
use crate::render::table::{object, plural};

pub(super) fn render(compared: &Compared) -> String {
    let mut text = heading(format!("Baseline {}", compared.name)) + "\n";
    let known = compared.known.len();
    let verb = if known == 1 { "is" } else { "are" };
    let _ = writeln!(
        text,
        "  {} {verb} in the baseline and did not count:",
        plural(known, "known finding")
    );
    for finding in &compared.known {
        let main = finding.objects.first().map(object);
        let _ = writeln!(
            text,
            "    {} {}  {}",
            style::severity(finding.severity),
            finding.rule,
            dim(main.unwrap_or_default())
        );
    }
    if !compared.gone.is_empty() {
        let count = compared.gone.len();
        let verb = if count == 1 { "is" } else { "are" };
        let _ = writeln!(
            text,
            "  {} of the baseline {verb} gone:",
            plural(count, "finding")
        );
        for gone in &compared.gone {
            let why = gone.why.describe();
            let _ = writeln!(
                text,
                "    {} {}  {why}",
                style::severity(gone.finding.severity.into()),
                gone.finding.rule
            );
        }
        if compared.gone.iter().any(|gone| gone.why == Why::Fixed) {
            text.push_str(
                "  make the baseline anew, so that what is fixed counts when it comes back\n",
            );
        }
    }
    text
}
