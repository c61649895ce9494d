//! Kyverno's variables: JMESPath between double braces.

use serde_json::{Map, Value};

/// Replaces the variables in all strings of a document.
pub(crate) fn substitute(document: &Value, context: &Value) -> Result<Value, String> {
    match document {
        Value::String(text) => substitute_text(text, context),
        Value::Array(items) => items.iter().map(|item| substitute(item, context)).collect(),
        Value::Object(fields) => {
            let fields: Result<Map<String, Value>, String> = fields
                .iter()
                .map(|(name, value)| Ok((name.clone(), substitute(value, context)?)))
                .collect();
            fields.map(Value::Object)
        }
        other => Ok(other.clone()),
    }
}

/// A string that is one variable becomes its value, of whatever type; others
/// stay strings. What is put in is looked through again, unless the variable
/// starts with a dash.
fn substitute_text(text: &str, context: &Value) -> Result<Value, String> {
    let mut done = String::new();
    let mut rest = text.to_owned();
    while let Some((before, variable, after)) = first_variable(&rest) {
        let (expression, shallow) = match variable.strip_prefix('-') {
            Some(expression) => (expression.trim(), true),
            None => (variable, false),
        };
        let value = query(expression, context)?;
        if done.is_empty() && before.is_empty() && after.is_empty() && !shallow {
            return Ok(value);
        }
        let value = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        done.push_str(before);
        rest = if shallow {
            done.push_str(&value);
            after.to_owned()
        } else {
            format!("{value}{after}")
        };
    }
    Ok(Value::String(done + &rest))
}

fn first_variable(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once("{{")?;
    let (variable, after) = rest.split_once("}}")?;
    Some((before, variable.trim(), after))
}

/// What Kyverno does not find is an error to it.
fn query(expression: &str, context: &Value) -> Result<Value, String> {
    let found = jmespath::compile(expression)
        .and_then(|expression| expression.search(context))
        .map_err(|error| format!("{expression}: {error}"))?;
    let found = serde_json::to_value(&*found).map_err(|error| error.to_string())?;
    if found.is_null() {
        return Err(format!("{expression} is not found"));
    }
    Ok(found)
}
