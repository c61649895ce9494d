//! The component's exports: the WIT world `policy` over the same core.

// What wit-bindgen generates talks to the component's host over raw memory.
#![allow(unsafe_code)]

mod kept;
mod plan;
mod report;
mod review;
mod settings;
mod trace;

mod bindings {
    #![allow(clippy::all, clippy::pedantic, unused_qualifications, unreachable_pub)]
    wit_bindgen::generate!({
        path: "../wit/podroute.wit",
        world: "policy",
    });
}

use bindings::exports::podroute::policy::types as wit;
use bindings::exports::podroute::policy::{catalogue, evaluator, json, picture};

use crate::rules::{self, page::Page};
use kept::{Kept, KeptCluster};

struct Component;

bindings::export!(Component with_types_in bindings);

impl evaluator::Guest for Component {
    type Cluster = KeptCluster;

    fn evaluate(
        documents: Vec<String>,
        settings: wit::Settings,
    ) -> Result<wit::Report, wit::Error> {
        let mut kept = Kept::open(settings)?;
        kept.load(&documents);
        drop(documents);
        Ok(kept.report().into())
    }
}

impl json::Guest for Component {
    fn evaluate(request: String) -> Result<String, String> {
        crate::json::evaluate_request(&request)
    }

    fn review(request: String) -> Result<String, String> {
        crate::json::review_request(&request)
    }
}

impl catalogue::Guest for Component {
    fn rules() -> Vec<wit::Rule> {
        let mut rules: Vec<_> = rules::all().collect();
        rules.sort_by_key(|rule| rule.id);
        rules
            .into_iter()
            .map(|rule| wit::Rule {
                id: rule.id.to_owned(),
                severities: rule.severities.iter().copied().map(Into::into).collect(),
                summary: Page::parse(rule.page).summary().to_owned(),
                parameters: rule.parameters.iter().map(Into::into).collect(),
                page: rule.page.to_owned(),
            })
            .collect()
    }
}

impl picture::Guest for Component {
    fn map(report: String) -> Result<String, wit::Error> {
        crate::picture::map(&report).map_err(wit::Error::InvalidRequest)
    }

    fn page(report: String) -> Result<String, wit::Error> {
        crate::picture::page(&report).map_err(wit::Error::InvalidRequest)
    }
}
