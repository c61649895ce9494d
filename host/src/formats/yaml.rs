//! The report as YAML, for people who read their clusters that way.

use super::Checked;

pub(super) fn render(checked: &Checked<'_>) -> String {
    // The report is JSON, and all JSON can be said in YAML.
    let value: serde_json::Value = serde_json::from_str(checked.json).unwrap_or_default();
    serde_norway::to_string(&value).unwrap_or_default()
}
