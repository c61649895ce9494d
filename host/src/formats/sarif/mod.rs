//! SARIF 2.1.0, for GitHub code scanning and whatever else shows results of
//! static analysis.

mod catalogue;
mod log;
mod notices;
mod results;

use std::collections::BTreeMap;
use std::io;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::Checked;
use super::wording;
use catalogue::Catalogue;
use log::{BaseId, Driver, Invocation, Log, Message, Properties, Run, Tool};

/// What relative URIs start from, by the name that is usual.
const ROOT: &str = "%SRCROOT%";
/// GitHub refuses a run with more.
const RESULTS: usize = 25_000;
/// GitHub refuses a file that is longer when compressed.
const COMPRESSED: usize = 10 << 20;

pub(super) fn render(checked: &Checked<'_>) -> String {
    within(checked, RESULTS, COMPRESSED)
}

/// The log with at most so many results, and so short when compressed.
fn within(checked: &Checked<'_>, results: usize, compressed: usize) -> String {
    let all = checked.report.findings.len() + checked.report.suppressed.len();
    let mut shown = all.min(results);
    loop {
        let text = with(checked, shown);
        // What is short is shorter when compressed.
        if shown == 0 || text.len() <= compressed || gzipped(&text) <= compressed {
            return text;
        }
        shown = shown / 4 * 3;
    }
}

/// The log with this many results.
fn with(checked: &Checked<'_>, shown: usize) -> String {
    let (report, snapshot) = (checked.report, checked.snapshot);
    let catalogue = Catalogue::of(checked);
    let log = Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            invocations: [Invocation {
                execution_successful: report.undecided.is_empty()
                    && wording::is_all_read(report, snapshot),
                tool_execution_notifications: notices::of(checked, &catalogue, shown),
                rule_configuration_overrides: catalogue.overrides(&report.rules_off),
            }],
            original_uri_base_ids: BTreeMap::from([(
                ROOT,
                BaseId {
                    description: Message::text("Where podroute ran: the top of the repository."),
                },
            )]),
            results: results::of(checked, &catalogue, shown),
            properties: Properties {
                summary: wording::summary(report),
                routes: report.routes.len(),
                withheld: report.withheld.len(),
            },
            tool: Tool {
                driver: Driver {
                    name: "podroute",
                    semantic_version: env!("CARGO_PKG_VERSION"),
                    notifications: notices::descriptors(),
                    rules: catalogue.rules,
                },
            },
        }],
    };
    // There is nothing in it that JSON cannot say.
    let text = serde_json::to_string_pretty(&log);
    format!("{}\n", text.unwrap_or_default())
}

fn gzipped(text: &str) -> usize {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    // Nothing that is written to memory fails.
    let _ = io::copy(&mut text.as_bytes(), &mut encoder);
    encoder.finish().map_or(0, |bytes| bytes.len())
}
