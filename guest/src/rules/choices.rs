//! What the settings say about rules: which are off, other severities, and
//! values of parameters.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::rule::{Parameter, Rule};
use crate::report::{Finding, Severity};
use crate::settings::InvalidSetting;

/// What the settings say about one rule, or about several by a pattern.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct RawRuleSetting {
    /// A rule's id, all rules of a family (`ako/*`), or all rules (`*`).
    pub rule: String,
    pub severity: Option<Level>,
    pub parameters: BTreeMap<String, i64>,
}

/// A severity, or none at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The rule does not run.
    Off,
    Info,
    Warning,
    Error,
}

/// What has been chosen, by rule.
#[derive(Clone, Debug, Default)]
pub struct Choices(BTreeMap<&'static str, Choice>);

#[derive(Clone, Debug, Default)]
struct Choice {
    level: Option<Level>,
    parameters: BTreeMap<&'static str, i64>,
}

impl TryFrom<Vec<RawRuleSetting>> for Choices {
    type Error = InvalidSetting;

    /// Later entries count before earlier ones.
    fn try_from(raw: Vec<RawRuleSetting>) -> Result<Self, InvalidSetting> {
        let mut choices = BTreeMap::<_, Choice>::new();
        for entry in raw {
            let rules = matching(&entry.rule).map_err(invalid)?;
            for rule in rules {
                let choice = choices.entry(rule.id).or_default();
                choice.level = entry.severity.or(choice.level);
                for (name, value) in &entry.parameters {
                    let parameter = parameter(rule, name, *value)?;
                    choice.parameters.insert(parameter.name, *value);
                }
            }
        }
        Ok(Self(choices))
    }
}

impl Choices {
    pub fn is_off(&self, rule: &Rule) -> bool {
        self.level(rule) == Some(Level::Off)
    }

    /// Gives findings the severities that have been chosen. What a rule that
    /// warns elsewhere only mentions stays a mention.
    pub fn weigh(&self, findings: &mut [Finding]) {
        for finding in findings {
            let chosen = self.0.get(finding.rule).and_then(|choice| choice.level);
            if finding.severity == Severity::Info && warns(finding.rule) {
                continue;
            }
            finding.severity = match chosen {
                Some(Level::Info) => Severity::Info,
                Some(Level::Warning) => Severity::Warning,
                Some(Level::Error) => Severity::Error,
                Some(Level::Off) | None => finding.severity,
            };
        }
    }

    /// The value of a parameter: as chosen, else its default.
    pub fn parameter(&self, rule: &Rule, parameter: Parameter) -> i64 {
        let chosen = self.0.get(rule.id);
        chosen
            .and_then(|choice| choice.parameters.get(parameter.name))
            .copied()
            .unwrap_or(parameter.default)
    }

    fn level(&self, rule: &Rule) -> Option<Level> {
        self.0.get(rule.id)?.level
    }
}

/// Whether a rule has severities above info.
fn warns(id: &str) -> bool {
    super::all()
        .filter(|rule| rule.id == id)
        .any(|rule| rule.severities.iter().any(|one| *one > Severity::Info))
}

/// The rules that a pattern names; the error says why it names none.
pub fn matching(pattern: &str) -> Result<Vec<&'static Rule>, String> {
    let found: Vec<&Rule> = super::all()
        .filter(|rule| matches(pattern, rule.id))
        .collect();
    if found.is_empty() {
        return Err(format!(
            "`{pattern}` is no rule; see `podroute rules`, or write `family/*` for all of a family"
        ));
    }
    Ok(found)
}

/// Whether a pattern names a rule.
pub fn matches(pattern: &str, id: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some("") => true,
        Some(family) if family.ends_with('/') => id.starts_with(family),
        _ => pattern == id,
    }
}

fn parameter(rule: &Rule, name: &str, value: i64) -> Result<Parameter, InvalidSetting> {
    let Some(parameter) = rule.parameters.iter().find(|one| one.name == name) else {
        let names: Vec<&str> = rule.parameters.iter().map(|one| one.name).collect();
        return Err(invalid(format!(
            "{} has no parameter `{name}`; it has {}",
            rule.id,
            if names.is_empty() {
                "none".to_owned()
            } else {
                names.join(", ")
            }
        )));
    };
    let (least, greatest) = parameter.range;
    if !(least..=greatest).contains(&value) {
        return Err(invalid(format!(
            "parameter `{name}` of {} is {value}, and must be from {least} to {greatest}",
            rule.id
        )));
    }
    Ok(*parameter)
}

fn invalid(message: String) -> InvalidSetting {
    InvalidSetting {
        name: "rules",
        message,
    }
}

#[cfg(test)]
mod tests {
    use super::{Choices, RawRuleSetting, matches};
    use crate::report::{Finding, Severity};
    use crate::rules::ako::static_routes_off;
    use crate::rules::node::{host_bits, not_ready};
    use crate::rules::route::limit;

    fn choices(json: &str) -> Result<Choices, String> {
        let raw: Vec<RawRuleSetting> = serde_json::from_str(json).unwrap();
        Choices::try_from(raw).map_err(|error| error.message)
    }

    #[test]
    fn later_entries_count() {
        let chosen = choices(
            r#"[{"rule":"node/*","severity":"off"},{"rule":"node/host-bits","severity":"error"},
                {"rule":"ako/*","severity":"error"}]"#,
        )
        .unwrap();
        assert!(chosen.is_off(&not_ready::RULE));
        assert!(!chosen.is_off(&host_bits::RULE));
        let mut findings = [
            (&host_bits::RULE, Severity::Info),
            (&limit::RULE, Severity::Warning),
            (&static_routes_off::RULE, Severity::Warning),
            (&static_routes_off::RULE, Severity::Info),
        ]
        .map(|(rule, severity)| Finding {
            rule: rule.id,
            severity,
            message: String::new(),
            effect: String::new(),
            fix: String::new(),
            reference: "",
            objects: Vec::new(),
        });
        chosen.weigh(&mut findings);
        let severities = findings.map(|finding| finding.severity);
        assert_eq!(
            severities,
            [
                Severity::Error,
                Severity::Warning,
                Severity::Error,
                Severity::Info
            ]
        );
    }

    #[test]
    fn parameters_are_checked() {
        let set = |value: i64| {
            choices(&format!(
                r#"[{{"rule":"route/limit","parameters":{{"warnAtPercent":{value}}}}}]"#
            ))
        };
        let parameter = limit::RULE.parameters[0];
        assert_eq!(set(50).unwrap().parameter(&limit::RULE, parameter), 50);
        assert_eq!(
            Choices::default().parameter(&limit::RULE, parameter),
            parameter.default
        );
        assert!(set(101).unwrap_err().contains("must be from 1 to 100"));
        assert!(
            choices(r#"[{"rule":"node/host-bits","parameters":{"x":1}}]"#)
                .unwrap_err()
                .contains("has no parameter `x`; it has none")
        );
        assert!(
            choices(r#"[{"rule":"node/typo"}]"#)
                .unwrap_err()
                .contains("`node/typo` is no rule")
        );
    }

    #[test]
    fn patterns_name_rules() {
        assert!(matches("*", "node/host-bits"));
        assert!(matches("node/*", "node/host-bits"));
        assert!(matches("node/host-bits", "node/host-bits"));
        assert!(!matches("nod*", "node/host-bits"));
        assert!(!matches("node", "node/host-bits"));
    }
}
