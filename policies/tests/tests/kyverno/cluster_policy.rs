//! ClusterPolicy: a rule's context, its conditions and its message.

use serde_json::{Map, Value, json};

use crate::outcome::Outcome;
use crate::request::post;
use crate::substitution::substitute;

/// What a ClusterPolicy says of a request.
pub(crate) fn judge(policy: &Value, request: &Value) -> Outcome {
    let spec = &policy["spec"];
    let mut outcome = Outcome {
        fails_closed: spec["webhookConfiguration"]["failurePolicy"] == "Fail",
        ..Outcome::default()
    };
    let matching = spec["rules"].as_array().unwrap().iter();
    for rule in matching.filter(|rule| matches(&rule["match"], request)) {
        match refusal(rule, request) {
            Ok(None) => {}
            Ok(Some(message)) if rule["validate"]["failureAction"] == "Enforce" => {
                outcome.refused.push(message);
            }
            Ok(Some(message)) => {
                assert_eq!(spec["emitWarning"], true);
                outcome.warned.push(message);
            }
            Err(error) => outcome.failed.push(error),
        }
    }
    outcome
}

fn matches(filter: &Value, request: &Value) -> bool {
    filter["any"].as_array().unwrap().iter().any(|one| {
        let resources = &one["resources"];
        let holds =
            |list: &Value, value: &Value| list.as_array().is_none_or(|list| list.contains(value));
        holds(&resources["kinds"], &request["kind"]["kind"])
            && holds(&resources["namespaces"], &request["namespace"])
            && holds(&resources["names"], &request["name"])
            && holds(&resources["operations"], &request["operation"])
    })
}

/// Why a rule refuses a request, if it does.
fn refusal(rule: &Value, request: &Value) -> Result<Option<String>, String> {
    let mut context = json!({"request": request});
    for entry in rule["context"].as_array().unwrap() {
        let call = substitute(&entry["apiCall"], &context)?;
        context[entry["name"].as_str().unwrap()] = answer(&call)?;
    }
    for condition in rule["validate"]["deny"]["conditions"]["all"]
        .as_array()
        .unwrap()
    {
        assert_eq!(condition["operator"], "Equals");
        if substitute(&condition["key"], &context)? != condition["value"] {
            return Ok(None);
        }
    }
    let message = substitute(&rule["validate"]["message"], &context)?;
    Ok(Some(message.as_str().unwrap().to_owned()))
}

/// What the service of an apiCall answers.
fn answer(call: &Value) -> Result<Value, String> {
    assert_eq!(call["method"], "POST");
    let data: Map<String, Value> = call["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|data| {
            (
                data["key"].as_str().unwrap().to_owned(),
                data["value"].clone(),
            )
        })
        .collect();
    let service = &call["service"];
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let headers: Vec<(String, String)> = service["headers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|header| (text(&header["key"]), text(&header["value"])))
        .collect();
    let (status, body) = post(
        &text(&service["url"]),
        &text(&service["caBundle"]),
        &headers,
        &Value::Object(data),
    )?;
    if !(200..300).contains(&status) {
        return Err(format!("HTTP {status}: {body}"));
    }
    serde_json::from_str(&body).map_err(|error| error.to_string())
}
