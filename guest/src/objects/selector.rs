//! metav1.LabelSelector.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Selects by labels. An empty selector matches everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct LabelSelector {
    match_labels: Option<BTreeMap<String, String>>,
    match_expressions: Option<Vec<Requirement>>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
struct Requirement {
    key: String,
    operator: Operator,
    #[serde(default)]
    values: Option<Vec<String>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
enum Operator {
    In,
    NotIn,
    Exists,
    DoesNotExist,
}

impl LabelSelector {
    /// Reads a selector as `kubectl get -l` takes it: requirements separated
    /// by commas, each of the form `key`, `!key`, `key=value`, `key==value`,
    /// `key!=value`, `key in (a,b)` or `key notin (a,b)`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let requirements = split_outside_parentheses(text)
            .into_iter()
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(requirement)
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            match_labels: None,
            match_expressions: Some(requirements),
        })
    }

    pub fn matches(&self, labels: &BTreeMap<String, String>) -> bool {
        let equal = self
            .match_labels
            .iter()
            .flatten()
            .all(|(key, value)| labels.get(key) == Some(value));
        equal
            && self
                .match_expressions
                .iter()
                .flatten()
                .all(|requirement| requirement.holds(labels.get(&requirement.key)))
    }
}

impl Requirement {
    fn holds(&self, value: Option<&String>) -> bool {
        let listed = |value| self.values.iter().flatten().any(|one| one == value);
        match self.operator {
            Operator::In => value.is_some_and(listed),
            // A missing label is not in the list.
            Operator::NotIn => !value.is_some_and(listed),
            Operator::Exists => value.is_some(),
            Operator::DoesNotExist => value.is_none(),
        }
    }
}

fn split_outside_parentheses(text: &str) -> Vec<&str> {
    let mut depth = 0_u32;
    text.split(|c| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    })
    .collect()
}

fn requirement(text: &str) -> Result<Requirement, String> {
    let one = |key: &str, operator, value: &str| (key.to_owned(), operator, vec![value.to_owned()]);
    let (key, operator, values) = if let Some((key, value)) = text.split_once("!=") {
        one(key, Operator::NotIn, value)
    } else if let Some((key, value)) = text.split_once("==").or_else(|| text.split_once('=')) {
        one(key, Operator::In, value)
    } else if let Some((key, rest)) = text.split_once(char::is_whitespace) {
        let (operator, list) = match rest.trim().split_once('(') {
            Some((word, list)) => (word.trim(), list),
            None => return Err(format!("`{text}` is not a label requirement")),
        };
        let operator = match operator {
            "in" => Operator::In,
            "notin" => Operator::NotIn,
            other => return Err(format!("`{other}` is neither `in` nor `notin`")),
        };
        let list = list
            .strip_suffix(')')
            .ok_or_else(|| format!("`{text}` lacks a closing parenthesis"))?;
        let values = list.split(',').map(|value| value.trim().to_owned());
        (key.to_owned(), operator, values.collect())
    } else if let Some(key) = text.strip_prefix('!') {
        (key.to_owned(), Operator::DoesNotExist, Vec::new())
    } else {
        (text.to_owned(), Operator::Exists, Vec::new())
    };
    let key = key.trim().to_owned();
    let values: Vec<String> = values.iter().map(|value| value.trim().to_owned()).collect();
    if !is_label_text(&key, true) || key.is_empty() {
        return Err(format!("`{key}` is not a label key"));
    }
    if let Some(bad) = values.iter().find(|value| !is_label_text(value, false)) {
        return Err(format!("`{bad}` is not a label value"));
    }
    Ok(Requirement {
        key,
        operator,
        values: Some(values),
    })
}

fn is_label_text(text: &str, is_key: bool) -> bool {
    text.chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') || (is_key && c == '/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_as_kubernetes_does() {
        let labels = BTreeMap::from([("zone".to_owned(), "a".to_owned())]);
        for (selector, expected) in [
            ("{}", true),
            (r#"{"matchLabels":{"zone":"a"}}"#, true),
            (r#"{"matchLabels":{"zone":"b"}}"#, false),
            (r#"{"matchLabels":{"zone":"a","rack":"1"}}"#, false),
            (
                r#"{"matchExpressions":[{"key":"zone","operator":"In","values":["b","a"]}]}"#,
                true,
            ),
            (
                r#"{"matchExpressions":[{"key":"zone","operator":"NotIn","values":["a"]}]}"#,
                false,
            ),
            (
                r#"{"matchExpressions":[{"key":"rack","operator":"NotIn","values":["1"]}]}"#,
                true,
            ),
            (
                r#"{"matchExpressions":[{"key":"zone","operator":"Exists"}]}"#,
                true,
            ),
            (
                r#"{"matchExpressions":[{"key":"zone","operator":"DoesNotExist"}]}"#,
                false,
            ),
        ] {
            let selector: LabelSelector = serde_json::from_str(selector).unwrap();
            assert_eq!(selector.matches(&labels), expected, "{selector:?}");
        }
    }

    #[test]
    fn reads_what_kubectl_takes() {
        let labels = BTreeMap::from([
            ("zone".to_owned(), "a".to_owned()),
            ("example.com/tier".to_owned(), "front".to_owned()),
        ]);
        for (text, expected) in [
            ("", true),
            ("zone", true),
            ("!zone", false),
            ("rack", false),
            ("!rack", true),
            ("zone=a", true),
            ("zone==b", false),
            ("zone!=a", false),
            ("rack!=1", true),
            ("zone in (a, b),example.com/tier=front", true),
            ("zone notin (a,b)", false),
            (" zone = a , !rack", true),
        ] {
            let selector = LabelSelector::parse(text).unwrap();
            assert_eq!(selector.matches(&labels), expected, "{text:?}");
        }
        for text in [
            "zone in a",
            "zone in (a",
            "zone of (a)",
            "=a",
            "zo ne",
            "zone=a b",
            "a>1",
        ] {
            assert!(LabelSelector::parse(text).is_err(), "{text:?}");
        }
    }
}
