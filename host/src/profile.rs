//! Profiles: which rules are off, matter more or less, or have other
//! parameters, and which findings are accepted. TOML files; some are built in.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;

use crate::policy::{Level, ObjectKey, Parameter, RuleSetting, Suppression};

/// The built-in profiles, by name. Their files stand in policies/rules/.
const BUILT_IN: [(&str, &str); 4] = [
    ("ako", include_str!("../../policies/rules/ako.toml")),
    ("default", include_str!("../../policies/rules/default.toml")),
    ("generic", include_str!("../../policies/rules/generic.toml")),
    ("strict", include_str!("../../policies/rules/strict.toml")),
];

/// What a profile says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Profile {
    /// In the order in which they count: what names more rules comes first.
    pub rules: Vec<RuleSetting>,
    pub suppressions: Vec<Suppression>,
}

/// Why a profile cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot read the profile {name}: {source}; built in are {}", names().join(", "))]
    Unreadable {
        name: String,
        source: std::io::Error,
    },
    #[error("the profile {name} cannot be used: {message}")]
    Invalid { name: String, message: String },
}

/// The names of the built-in profiles.
pub fn names() -> Vec<&'static str> {
    BUILT_IN.iter().map(|(name, _)| *name).collect()
}

impl Profile {
    /// A built-in profile by its name, or one from a file.
    pub fn load(name: &str) -> Result<Self, Error> {
        if let Some((_, text)) = BUILT_IN.iter().find(|(known, _)| *known == name) {
            return Self::parse(name, text);
        }
        let text = fs::read_to_string(Path::new(name)).map_err(|source| Error::Unreadable {
            name: name.to_owned(),
            source,
        })?;
        Self::parse(name, &text)
    }

    /// Reads a profile. `name` is for errors.
    pub fn parse(name: &str, text: &str) -> Result<Self, Error> {
        let file: File = toml::from_str(text).map_err(|error| Error::Invalid {
            name: name.to_owned(),
            message: error.to_string().trim_end().to_owned(),
        })?;
        let mut rules: Vec<(String, Entry)> = file.rules.into_iter().collect();
        rules.sort_by_key(|(pattern, _)| specificity(pattern));
        Ok(Self {
            rules: rules
                .into_iter()
                .map(|(rule, entry)| entry.into_setting(rule))
                .collect(),
            suppressions: file.suppressions.into_iter().map(Into::into).collect(),
        })
    }
}

/// `*` comes before `family/*`, and that before a rule of its own.
fn specificity(pattern: &str) -> u8 {
    match pattern {
        "*" => 0,
        family if family.ends_with("/*") => 1,
        _ => 2,
    }
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
#[derive(Default)]
struct File {
    rules: BTreeMap<String, Entry>,
    suppressions: Vec<Accepted>,
}

/// `"pool/exhausted" = "error"`, or `{ severity = "error", warnAtPercent = 80 }`.
#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "a severity (off, info, warning, error), or a table of a severity and parameters"
)]
enum Entry {
    Severity(Severity),
    Table {
        severity: Option<Severity>,
        #[serde(flatten)]
        parameters: BTreeMap<String, i64>,
    },
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Severity {
    Off,
    Info,
    Warning,
    Error,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Accepted {
    rule: String,
    object: Option<Object>,
    reason: String,
    until: Option<Day>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Object {
    kind: String,
    namespace: Option<String>,
    name: String,
}

/// A day, as TOML writes it or as text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Day {
    Toml(toml::value::Datetime),
    Text(String),
}

impl Entry {
    fn into_setting(self, rule: String) -> RuleSetting {
        let (severity, parameters) = match self {
            Self::Severity(severity) => (Some(severity), BTreeMap::new()),
            Self::Table {
                severity,
                parameters,
            } => (severity, parameters),
        };
        RuleSetting {
            rule,
            severity: severity.map(Level::from),
            parameters: parameters
                .into_iter()
                .map(|(name, value)| Parameter { name, value })
                .collect(),
        }
    }
}

impl From<Severity> for Level {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Off => Self::Off,
            Severity::Info => Self::Info,
            Severity::Warning => Self::Warning,
            Severity::Error => Self::Error,
        }
    }
}

impl From<Accepted> for Suppression {
    fn from(accepted: Accepted) -> Self {
        Self {
            rule: accepted.rule,
            object: accepted.object.map(|object| ObjectKey {
                kind: object.kind,
                namespace: object.namespace,
                name: object.name,
            }),
            reason: accepted.reason,
            until: accepted.until.map(|until| match until {
                Day::Toml(day) => day.to_string(),
                Day::Text(text) => text,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_severities_parameters_and_suppressions() {
        let profile = Profile::parse(
            "test",
            r#"
            [rules]
            "node/host-bits" = "info"
            "*" = "warning"
            "node/*" = { severity = "off" }
            "route/limit" = { warnAtPercent = 80 }

            [[suppressions]]
            rule = "node/host-bits"
            object = { kind = "Node", name = "a" }
            reason = "known"
            until = 2027-01-31
            "#,
        )
        .unwrap();
        let rules: Vec<_> = profile
            .rules
            .iter()
            .map(|one| (one.rule.as_str(), one.severity))
            .collect();
        assert_eq!(
            rules,
            [
                ("*", Some(Level::Warning)),
                ("node/*", Some(Level::Off)),
                ("node/host-bits", Some(Level::Info)),
                ("route/limit", None),
            ]
        );
        let suppression = profile.suppressions.first().unwrap();
        assert_eq!(suppression.until.as_deref(), Some("2027-01-31"));
    }

    #[test]
    fn says_what_is_wrong() {
        for (text, expected) in [
            ("[rule]\n", "unknown field `rule`"),
            (
                "[rules]\n\"a/b\" = \"fatal\"\n",
                "a severity (off, info, warning, error)",
            ),
            (
                "[rules]\n\"a/b\" = { level = \"off\" }\n",
                "a severity (off, info, warning, error)",
            ),
            (
                "[[suppressions]]\nrule = \"a/b\"\n",
                "missing field `reason`",
            ),
            ("[rules\n", "line 1"),
        ] {
            let error = Profile::parse("test", text).unwrap_err().to_string();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }

    #[test]
    fn every_built_in_profile_can_be_read() {
        for name in names() {
            Profile::load(name).unwrap();
        }
        let error = Profile::load("no-such-profile").unwrap_err().to_string();
        assert!(
            error.contains("built in are ako, default, generic, strict"),
            "{error}"
        );
    }
}
