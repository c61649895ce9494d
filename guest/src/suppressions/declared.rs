//! Where suppressions are declared, and how they are written there.

use jiff::civil::Date;

use super::{ObjectPattern, RawSuppression, Suppression};
use crate::cluster::Cluster;
use crate::objects::Kind;
use crate::objects::annotations::names::IGNORE;
use crate::objects::metadata::Metadata;
use crate::report::ObjectRef;
use crate::rules::choices;
use crate::settings::InvalidSetting;
use crate::sources::annotation_path;

impl TryFrom<RawSuppression> for Suppression {
    type Error = InvalidSetting;

    fn try_from(raw: RawSuppression) -> Result<Self, InvalidSetting> {
        let invalid = |message| InvalidSetting {
            name: "suppressions",
            message,
        };
        choices::matching(&raw.rule).map_err(invalid)?;
        let reason = raw.reason.trim();
        if reason.is_empty() {
            return Err(invalid(format!("that of {} gives no reason", raw.rule)));
        }
        Ok(Self {
            until: raw.until.as_deref().map(day).transpose().map_err(invalid)?,
            reason: reason.to_owned(),
            rule: raw.rule,
            object: raw.object,
            declared_at: None,
            invalid: false,
        })
    }
}

/// The suppressions that stand in annotations, by object and line.
pub fn in_annotations(cluster: &Cluster) -> Vec<Suppression> {
    let mut found = Vec::new();
    for (kind, metadata) in cluster.metadata() {
        let Some(text) = &metadata.ignore else {
            continue;
        };
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        found.extend(lines.map(|line| on_object(kind, metadata, line)));
    }
    found
}

fn on_object(kind: Kind, metadata: &Metadata, line: &str) -> Suppression {
    let namespace = Some(metadata.namespace.clone()).filter(|namespace| !namespace.is_empty());
    let read = read_line(line);
    let invalid = read.is_err();
    let (rule, until, reason) = read.unwrap_or_else(|why| (line.to_owned(), None, why));
    Suppression {
        rule,
        object: Some(ObjectPattern {
            kind: kind.name().to_owned(),
            namespace: namespace.clone(),
            name: metadata.name.clone(),
        }),
        reason,
        until,
        declared_at: Some(ObjectRef {
            kind: kind.name().into(),
            namespace,
            name: metadata.name.clone(),
            field: Some(annotation_path(IGNORE)),
        }),
        invalid,
    }
}

/// `rule: reason`, or `rule until 2027-01-31: reason`.
fn read_line(line: &str) -> Result<(String, Option<Date>, String), String> {
    let (head, reason) = line
        .split_once(':')
        .ok_or("is not of the form `rule: reason`")?;
    let mut words = head.split_whitespace();
    let rule = words.next().unwrap_or_default();
    let until = match (words.next(), words.next(), words.next()) {
        (None, ..) => None,
        (Some("until"), Some(text), None) => Some(day(text)?),
        _ => return Err("is not of the form `rule until 2027-01-31: reason`".to_owned()),
    };
    choices::matching(rule)?;
    let reason = reason.trim();
    if reason.is_empty() {
        return Err("gives no reason".to_owned());
    }
    Ok((rule.to_owned(), until, reason.to_owned()))
}

/// A day such as `2027-01-31`.
pub(super) fn day(text: &str) -> Result<Date, String> {
    text.parse()
        .map_err(|_| format!("`{text}` is not a day such as 2027-01-31"))
}

#[cfg(test)]
mod tests {
    use super::read_line;

    #[test]
    fn reads_lines_of_the_annotation() {
        let read = |line| {
            read_line(line)
                .map(|(rule, until, reason)| (rule, until.map(|day| day.to_string()), reason))
        };
        assert_eq!(
            read("node/host-bits: known, see OPS-1: harmless"),
            Ok((
                "node/host-bits".into(),
                None,
                "known, see OPS-1: harmless".into()
            ))
        );
        assert_eq!(
            read("node/* until 2027-01-31: being replaced"),
            Ok((
                "node/*".into(),
                Some("2027-01-31".into()),
                "being replaced".into()
            ))
        );
        for line in [
            "node/host-bits",
            "node/host-bits:",
            "node/typo: reason",
            ": reason",
            "node/host-bits until: reason",
            "node/host-bits until tomorrow: reason",
            "node/host-bits since 2027-01-31: reason",
        ] {
            assert!(read(line).is_err(), "{line}");
        }
    }
}
