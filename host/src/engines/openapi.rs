//! The description of the endpoints, in one document.
//!
//! The file refers to the schemas of the contract, which lie beside it. Here
//! they become parts of it.

use std::sync::LazyLock;

use serde_json::{Map, Value};

const FILE: &str = include_str!("../../../wit/schema/podroute.openapi.v1.json");

/// The schemas, by the names of their files.
const SCHEMAS: [(&str, &str); 5] = [
    (
        "podroute.request.v1",
        include_str!("../../../wit/schema/podroute.request.v1.json"),
    ),
    (
        "podroute.report.v1",
        include_str!("../../../wit/schema/podroute.report.v1.json"),
    ),
    (
        "podroute.review-request.v1",
        include_str!("../../../wit/schema/podroute.review-request.v1.json"),
    ),
    (
        "podroute.review.v1",
        include_str!("../../../wit/schema/podroute.review.v1.json"),
    ),
    (
        "podroute.error.v1",
        include_str!("../../../wit/schema/podroute.error.v1.json"),
    ),
];

static DESCRIPTION: LazyLock<String> = LazyLock::new(|| {
    bundle().map_or_else(|_| FILE.to_owned(), |document| format!("{document:#}\n"))
});

/// The OpenAPI document that the server shows.
pub fn description() -> &'static str {
    &DESCRIPTION
}

fn bundle() -> serde_json::Result<Value> {
    let mut document: Value = serde_json::from_str(FILE)?;
    point(&mut document, &|reference| {
        let (file, rest) = reference.split_once(".json")?;
        Some(format!(
            "#/components/schemas/{file}{}",
            rest.trim_start_matches('#')
        ))
    });
    let mut schemas = Map::new();
    for (name, text) in SCHEMAS {
        let mut schema: Value = serde_json::from_str(text)?;
        if let Value::Object(fields) = &mut schema {
            fields.remove("$schema");
            fields.remove("$id");
        }
        point(&mut schema, &|reference| {
            let inside = reference.strip_prefix('#')?;
            Some(format!("#/components/schemas/{name}{inside}"))
        });
        schemas.insert(name.to_owned(), schema);
    }
    if let Some(Value::Object(own)) = document.pointer_mut("/components/schemas") {
        own.extend(schemas);
    }
    Ok(document)
}

/// Changes every reference below a value for which there is another place.
fn point(value: &mut Value, place: &impl Fn(&str) -> Option<String>) {
    match value {
        Value::Object(fields) => {
            for (name, inner) in fields {
                match inner {
                    Value::String(reference) if name == "$ref" => {
                        if let Some(other) = place(reference) {
                            *reference = other;
                        }
                    }
                    inner => point(inner, place),
                }
            }
        }
        Value::Array(elements) => {
            for element in elements {
                point(element, place);
            }
        }
        _ => {}
    }
}
