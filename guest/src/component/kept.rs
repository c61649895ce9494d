//! The resource `cluster`: a cluster that is kept between calls.

use std::cell::RefCell;

use super::evaluator;
use super::review::{change, key};
use super::wit;
use crate::cluster::Cluster;
use crate::desired::Desired;
use crate::evaluate::report;
use crate::objects::selector::LabelSelector;
use crate::plan::{self, Plan, Request};
use crate::report::{Problem, Report};
use crate::review::{Change, Review, Reviewer};
use crate::settings::{Gap, RawSettings, Settings};
use crate::trace::Trace;

pub(super) struct KeptCluster(RefCell<Kept>);

/// The cluster, its settings, and what was worked out of them.
pub(super) struct Kept {
    settings: Settings,
    cluster: Cluster,
    desired: Desired,
    /// Until something changes.
    report: Option<Report>,
    reviewer: Reviewer,
}

impl Kept {
    pub(super) fn open(settings: wit::Settings) -> Result<Self, wit::Error> {
        Ok(Self {
            settings: Settings::try_from(RawSettings::from(settings))?,
            cluster: Cluster::default(),
            desired: Desired::default(),
            report: None,
            reviewer: Reviewer::default(),
        })
    }

    /// Something has changed.
    fn forget(&mut self) {
        self.report = None;
        self.reviewer.forget();
    }

    pub(super) fn load(&mut self, documents: &[String]) -> Vec<Problem> {
        self.forget();
        self.cluster.load(documents.iter().map(String::as_str))
    }

    pub(super) fn report(&mut self) -> &Report {
        let programmed = self.desired.programmed();
        self.report
            .get_or_insert_with(|| report(&self.cluster, &self.settings, programmed))
    }

    fn upsert(&mut self, documents: &[String]) -> Vec<Problem> {
        self.forget();
        self.cluster.upsert(documents.iter().map(String::as_str))
    }

    fn remove(&mut self, object: wit::ObjectKey) -> bool {
        let Some(key) = key(object) else {
            return false;
        };
        self.forget();
        self.cluster.remove(&key)
    }

    /// The routes, up to date.
    fn desired(&mut self) -> &mut Desired {
        self.desired.refresh(&mut self.cluster, &self.settings);
        &mut self.desired
    }

    fn set_kind(&mut self, kind: String, state: wit::KindState) {
        match state {
            wit::KindState::Listed => self.settings.set_listed(&kind),
            wit::KindState::Awaited => self.settings.set_gap(Gap::awaited(kind)),
            wit::KindState::Gap(reason) => self.settings.set_gap(Gap {
                kind,
                reason,
                awaited: false,
            }),
        }
        self.settings_changed();
    }

    fn review(&mut self, changes: Vec<wit::Change>) -> Review {
        let changes: Vec<Change> = changes.into_iter().filter_map(change).collect();
        self.reviewer.review(
            &mut self.cluster,
            &mut self.desired,
            &self.settings,
            &changes,
        )
    }

    fn trace(&mut self, ip: &str) -> Result<Trace, wit::Error> {
        let address = Trace::address(ip).map_err(wit::Error::InvalidRequest)?;
        let programmed = self.desired.programmed();
        let report = self
            .report
            .get_or_insert_with(|| report(&self.cluster, &self.settings, programmed));
        Ok(Trace::of(
            address,
            &self.cluster,
            &self.settings,
            programmed,
            report,
        ))
    }

    fn settings_changed(&mut self) {
        self.forget();
        self.desired.forget();
    }

    fn plan(&mut self, request: wit::PlanRequest) -> Result<Plan, wit::Error> {
        let request = Request::try_from(request)?;
        if !request.withdraw {
            let nodes = request.nodes.clone();
            let is_new = self.desired.set_programmed(nodes, request.programmed());
            if is_new {
                self.forget();
            }
        }
        self.desired();
        Ok(plan::make(&self.cluster, &self.desired, &request))
    }
}

impl evaluator::GuestCluster for KeptCluster {
    fn open(settings: wit::Settings) -> Result<evaluator::Cluster, wit::Error> {
        let kept = Kept::open(settings)?;
        Ok(evaluator::Cluster::new(Self(RefCell::new(kept))))
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
        self.0.borrow_mut().remove(object)
    }

    fn set_kind(&self, kind: String, state: wit::KindState) {
        self.0.borrow_mut().set_kind(kind, state);
    }

    fn set_clock(&self, at: Option<String>, today: Option<String>) -> Result<(), wit::Error> {
        let mut kept = self.0.borrow_mut();
        kept.forget();
        let set = kept.settings.set_clock(at.as_deref(), today.as_deref());
        set.map_err(Into::into)
    }

    fn needs(&self) -> Vec<wit::Need> {
        let mut kept = self.0.borrow_mut();
        kept.desired().needs().iter().map(Into::into).collect()
    }

    fn changes(&self) -> wit::RouteChanges {
        let mut kept = self.0.borrow_mut();
        let desired = kept.desired();
        let changes = desired.take_changes();
        wit::RouteChanges {
            set: changes.set.iter().map(Into::into).collect(),
            gone: changes.gone.iter().map(ToString::to_string).collect(),
            undecided: desired.undecided().to_vec(),
        }
    }

    fn plan(&self, request: wit::PlanRequest) -> Result<wit::Plan, wit::Error> {
        self.0.borrow_mut().plan(request).map(Into::into)
    }

    fn review(&self, changes: Vec<wit::Change>) -> wit::Review {
        (&self.0.borrow_mut().review(changes)).into()
    }

    fn review_json(&self, changes: Vec<wit::Change>) -> String {
        // Nor has a review.
        crate::json::write(&self.0.borrow_mut().review(changes)).unwrap_or_default()
    }

    fn trace(&self, ip: String) -> Result<wit::Trace, wit::Error> {
        self.0.borrow_mut().trace(&ip).map(Into::into)
    }

    fn report(&self) -> wit::Report {
        self.0.borrow_mut().report().into()
    }

    fn report_json(&self) -> String {
        // A report has nothing in it that JSON cannot say.
        crate::json::write(self.0.borrow_mut().report()).unwrap_or_default()
    }
}

/// The selector of a table's nodes, as text; None for all nodes.
pub(super) fn selector(text: Option<&str>) -> Result<Option<LabelSelector>, wit::Error> {
    let text = text.filter(|text| !text.trim().is_empty());
    text.map(LabelSelector::parse)
        .transpose()
        .map_err(|message| wit::Error::InvalidRequest(format!("nodeSelector: {message}")))
}
