//! ValidatingPolicy: its CEL, with Kyverno's library for HTTP.

use std::collections::HashMap;
use std::sync::Arc;

use cel::extractors::This;
use cel::{Context, Env, ExecutionError, Value as Cel, extensions};
use serde_json::{Value, json};

use crate::outcome::Outcome;
use crate::request::post;

/// What a ValidatingPolicy says of a request.
pub(crate) fn judge(policy: &Value, request: &Value) -> Outcome {
    let spec = &policy["spec"];
    assert_eq!(spec["validationActions"], json!(["Deny"]));
    let mut outcome = Outcome {
        fails_closed: spec["failurePolicy"] == "Fail",
        ..Outcome::default()
    };
    if is_constrained(&spec["matchConstraints"], request) {
        match refusals(spec, request) {
            Ok(refusals) => outcome.refused = refusals,
            Err(error) => outcome.failed.push(error),
        }
    }
    outcome
}

fn is_constrained(constraints: &Value, request: &Value) -> bool {
    let kind = request["kind"]["kind"].as_str().unwrap();
    let resource = json!(format!("{}s", kind.to_lowercase()));
    constraints["resourceRules"]
        .as_array()
        .unwrap()
        .iter()
        .any(|rule| {
            let holds = |list: &Value, value: &Value| list.as_array().unwrap().contains(value);
            holds(&rule["apiGroups"], &request["kind"]["group"])
                && holds(&rule["resources"], &resource)
                && holds(&rule["operations"], &request["operation"])
        })
}

fn refusals(spec: &Value, request: &Value) -> Result<Vec<String>, String> {
    let mut env = Env::stdlib();
    env.add_extension(extensions::strings).unwrap();
    let env = Arc::new(env);
    let mut context = Context::with_env(Arc::clone(&env));
    context.add_variable_from_value("http", Cel::from(HashMap::<String, Cel>::new()));
    context.add_function("Client", http_client).unwrap();
    context.add_function("Post", http_post).unwrap();
    context.add_variable_from_value("request", cel(request));
    context.add_variable_from_value("object", cel(&request["object"]));
    context.add_variable_from_value("oldObject", cel(&request["oldObject"]));
    let run = |context: &Context<'_, '_>, expression: &Value| {
        let expression = expression.as_str().unwrap();
        env.compile(expression)
            .map_err(|error| error.to_string())?
            .execute(context)
            .map_err(|error| format!("{expression}: {error}"))
    };

    for condition in spec["matchConditions"].as_array().unwrap() {
        if run(&context, &condition["expression"])? != Cel::Bool(true) {
            return Ok(Vec::new());
        }
    }
    let mut variables: HashMap<String, Cel> = HashMap::new();
    for variable in spec["variables"].as_array().unwrap() {
        context.add_variable_from_value("variables", Cel::from(variables.clone()));
        let value = run(&context, &variable["expression"])?;
        variables.insert(variable["name"].as_str().unwrap().to_owned(), value);
    }
    context.add_variable_from_value("variables", Cel::from(variables));
    let mut refusals = Vec::new();
    for validation in spec["validations"].as_array().unwrap() {
        if run(&context, &validation["expression"])? != Cel::Bool(true) {
            let message = run(&context, &validation["messageExpression"])?;
            refusals.push(message.json().unwrap().as_str().unwrap().to_owned());
        }
    }
    Ok(refusals)
}

/// http.Client(caBundle)
fn http_client(This(_): This<Cel>, ca: Arc<String>) -> Cel {
    Cel::from(HashMap::from([("ca".to_owned(), Cel::String(ca))]))
}

/// CLIENT.Post(url, data, headers). The status joins the fields of the body.
#[allow(clippy::needless_pass_by_value)] // As the library calls functions.
fn http_post(
    This(client): This<Cel>,
    url: Arc<String>,
    data: Cel,
    headers: Cel,
) -> Result<Cel, ExecutionError> {
    let json = |value: Cel| value.json().unwrap();
    let headers: Vec<(String, String)> = json(headers)
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
        .collect();
    let ca = json(client)["ca"].as_str().unwrap().to_owned();
    let (status, body) = post(&url, &ca, &headers, &json(data))
        .map_err(|error| ExecutionError::function_error("Post", error))?;
    let mut body: Value = serde_json::from_str(&body).unwrap_or_default();
    if !body.is_object() {
        body = json!({"body": body});
    }
    body["statusCode"] = json!(status);
    Ok(cel(&body))
}

/// As Kyverno's unstructured objects: whole numbers are int.
fn cel(value: &Value) -> Cel {
    match value {
        Value::Null => Cel::Null,
        Value::Bool(bool) => Cel::Bool(*bool),
        Value::Number(number) => number
            .as_i64()
            .map_or_else(|| Cel::Float(number.as_f64().unwrap()), Cel::Int),
        Value::String(text) => Cel::from(text.as_str()),
        Value::Array(items) => Cel::from(items.iter().map(cel).collect::<Vec<_>>()),
        Value::Object(fields) => {
            let fields = fields
                .iter()
                .map(|(name, value)| (name.clone(), cel(value)));
            Cel::from(fields.collect::<HashMap<_, _>>())
        }
    }
}
