//! The catalogue of rules.

use serde_json::{Value, json};

use super::style;
use crate::policy::Rule;

/// A line per rule: severities, id, summary.
pub fn table(rules: &[Rule]) -> String {
    let mut table = super::table::columns(["SEVERITY", "RULE", "SUMMARY"]);
    for rule in rules {
        let severities: Vec<&str> = rule
            .severities
            .iter()
            .map(|severity| style::severity_name(*severity))
            .collect();
        table.add_row([severities.join(", "), rule.id.clone(), rule.summary.clone()]);
    }
    format!("{}\n", table.trim_fmt())
}

/// The rules without their pages.
pub fn list_json(rules: &[Rule]) -> Value {
    rules.iter().map(without_page).collect()
}

/// A rule with its page.
pub fn rule_json(rule: &Rule) -> Value {
    let mut value = without_page(rule);
    if let Value::Object(fields) = &mut value {
        fields.insert("page".to_owned(), rule.page.clone().into());
    }
    value
}

fn without_page(rule: &Rule) -> Value {
    let severities: Vec<&str> = rule
        .severities
        .iter()
        .map(|severity| style::severity_name(*severity))
        .collect();
    let parameters: Vec<Value> = rule
        .parameters
        .iter()
        .map(|parameter| {
            json!({
                "name": parameter.name, "default": parameter.default,
                "least": parameter.least, "greatest": parameter.greatest,
                "summary": parameter.summary,
            })
        })
        .collect();
    json!({
        "id": rule.id, "severities": severities, "summary": rule.summary,
        "parameters": parameters,
    })
}
