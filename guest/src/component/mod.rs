//! The component's exports: the WIT world `policy` over the same core.

// What wit-bindgen generates talks to the component's host over raw memory.
#![allow(unsafe_code)]

mod report;
mod settings;

mod bindings {
    #![allow(clippy::all, clippy::pedantic, unused_qualifications, unreachable_pub)]
    wit_bindgen::generate!({
        path: "../wit/podroute.wit",
        world: "policy",
    });
}

use std::cell::RefCell;

use bindings::exports::podroute::policy::types as wit;
use bindings::exports::podroute::policy::{catalogue, evaluator, json};

use crate::cluster::Cluster;
use crate::evaluate::evaluate;
use crate::objects::{Key, Kind};
use crate::report::{Problem, Report};
use crate::rules::{self, page::Page};
use crate::settings::{RawSettings, Settings};

struct Component;

bindings::export!(Component with_types_in bindings);

impl evaluator::Guest for Component {
    type Cluster = KeptCluster;

    fn evaluate(
        documents: Vec<String>,
        settings: wit::Settings,
    ) -> Result<wit::Report, wit::Error> {
        let kept = KeptCluster::new(settings)?;
        kept.state().borrow_mut().load(&documents);
        drop(documents);
        Ok(kept.state().borrow_mut().report().into())
    }
}

/// A cluster that is kept between calls, with its report until it changes.
struct KeptCluster(RefCell<State>);

struct State {
    settings: Settings,
    cluster: Cluster,
    report: Option<Report>,
}

impl KeptCluster {
    fn new(settings: wit::Settings) -> Result<Self, wit::Error> {
        Ok(Self(RefCell::new(State {
            settings: Settings::try_from(RawSettings::from(settings))?,
            cluster: Cluster::default(),
            report: None,
        })))
    }

    fn state(&self) -> &RefCell<State> {
        &self.0
    }
}

impl State {
    fn upsert(&mut self, documents: &[String]) -> Vec<Problem> {
        self.report = None;
        self.cluster.upsert(documents.iter().map(String::as_str))
    }

    fn load(&mut self, documents: &[String]) -> Vec<Problem> {
        self.report = None;
        self.cluster.load(documents.iter().map(String::as_str))
    }

    fn report(&mut self) -> &Report {
        self.report
            .get_or_insert_with(|| evaluate(&self.cluster, &self.settings))
    }
}

impl evaluator::GuestCluster for KeptCluster {
    fn open(settings: wit::Settings) -> Result<evaluator::Cluster, wit::Error> {
        Self::new(settings).map(evaluator::Cluster::new)
    }

    fn load(&self, documents: Vec<String>) -> Vec<wit::Problem> {
        let problems = self.0.borrow_mut().load(&documents);
        problems.iter().map(wit::Problem::from).collect()
    }

    fn upsert(&self, documents: Vec<String>) -> Vec<wit::Problem> {
        let problems = self.0.borrow_mut().upsert(&documents);
        problems.iter().map(wit::Problem::from).collect()
    }

    fn remove(&self, object: wit::ObjectKey) -> bool {
        let Some(kind) = Kind::named(&object.kind) else {
            return false;
        };
        let mut state = self.0.borrow_mut();
        state.report = None;
        state.cluster.remove(&Key {
            kind,
            namespace: object.namespace.unwrap_or_default(),
            name: object.name,
        })
    }

    fn report(&self) -> wit::Report {
        self.0.borrow_mut().report().into()
    }

    fn report_json(&self) -> String {
        // A report has nothing in it that JSON cannot say.
        crate::json::write(self.0.borrow_mut().report()).unwrap_or_default()
    }
}

impl json::Guest for Component {
    fn evaluate(request: String) -> Result<String, String> {
        crate::json::evaluate_request(&request)
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
