//! The fields that are asked for are all that the core reads: a cluster that
//! is cut down to them gets the same report. The examples of the rules' pages
//! hold, together, every field that some rule looks at.

use std::sync::Arc;

use podroute_kubewarden::gather::Gathered;
use podroute_policy::evaluate::evaluate;
use podroute_policy::review::Change;
use podroute_policy::rules;
use podroute_policy::settings::{RawSettings, Settings};
use serde_json::Value;

use crate::requests::web_service;
use crate::server::PolicyServer;
use crate::yaml;

#[test]
fn no_rule_misses_a_field() {
    let mut examples = 0;
    for rule in rules::all() {
        for example in examples_of(rule.page) {
            let objects = yaml::objects(&example.yaml);
            let cut_down = report(PolicyServer::of(objects.clone()), &example.settings);
            let whole = PolicyServer::of(objects).sending_everything();
            assert_eq!(cut_down, report(whole, &example.settings), "{}", rule.id);
            examples += 1;
        }
    }
    assert!(examples > 500, "{examples}");
}

fn report(server: PolicyServer, settings: &str) -> Value {
    let raw: RawSettings = serde_json::from_str(settings).unwrap();
    let settings = Settings::try_from(raw).unwrap();
    let server = Arc::new(server);
    let host = move |question: &[u8]| server.list(question);
    let gathered = Gathered::of(&host, settings, &Change::Put(web_service().to_string()));
    let report = evaluate(&gathered.cluster, &gathered.settings);
    serde_json::to_value(report).unwrap()
}

struct Example {
    yaml: String,
    settings: String,
}

/// See `rules::page` of the core for the form of a page.
fn examples_of(page: &str) -> Vec<Example> {
    let (_, examples) = page.split_once("\n## Examples\n").unwrap();
    let block = |example: &str, language: &str| {
        let (_, rest) = example.split_once(&format!("\n```{language}\n"))?;
        Some(rest.split_once("\n```\n").unwrap().0.to_owned())
    };
    examples
        .split("\n### ")
        .skip(1)
        .map(|example| Example {
            yaml: block(example, "yaml").unwrap(),
            settings: block(example, "json").unwrap_or_else(|| "{}".to_owned()),
        })
        .collect()
}
