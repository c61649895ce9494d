//! The cluster as it resides in the policy, fed change by change.
//!
//! The policy may crash, run out of time or of memory. Then a fresh instance
//! gets everything again from the cache. An object that makes the policy crash
//! by itself is left out, and its kind counts as unreadable: what routes come
//! from it is not known, and nothing is touched.

mod cache;
mod kinds;
#[cfg(test)]
mod news;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use tracing::{error, warn};

use cache::Cache;
use kinds::Kinds;
pub(super) use kinds::Standing;

use super::kinds::{Source, sources};
use super::watch::{Object, ObjectKey, Told};
use crate::policy::{
    self, Change, Cluster, Error, KindState, Plan, PlanRequest, Policy, Report, Review, Route,
    RouteChanges, Settings,
};

/// Bytes of objects that go over in one call.
const PART: usize = 1 << 20;

/// The kinds in which it shows which CNI runs.
const EVIDENCE: [&str; 3] = ["ConfigMap", "DaemonSet", "Node"];

/// The resident cluster.
pub struct Resident {
    policy: Policy,
    settings: Settings,
    /// None while the policy cannot even be opened.
    cluster: Option<Cluster>,
    cache: Cache,
    kinds: Kinds,
    /// Objects that crash the policy, with what it said.
    poison: BTreeMap<ObjectKey, String>,
    /// Planning has changed routes, and nobody has asked since: what a table
    /// has decides who keeps a contested prefix.
    planned: Vec<Route>,
    restarts: u64,
    last_error: Option<String>,
    /// When the policy was last told the time.
    clock_set: Option<Instant>,
}

/// What the policy says of a request, unless the policy itself failed.
type Answer<T> = Result<T, Error>;

impl Resident {
    /// An empty cluster. The settings are checked here.
    pub fn open(policy: Policy, settings: Settings) -> Result<Self, Error> {
        let mut cluster = policy.open(&settings)?;
        // A cluster of which nothing is said may have any CNI, and needs the
        // kinds of all. Here it is about to show which one it has.
        for kind in EVIDENCE {
            cluster.set_kind(kind, &KindState::Awaited)?;
        }
        Ok(Self {
            policy,
            settings,
            cluster: Some(cluster),
            cache: Cache::default(),
            kinds: Kinds::default(),
            poison: BTreeMap::new(),
            planned: Vec::new(),
            restarts: 0,
            last_error: None,
            clock_set: None,
        })
    }

    /// Notes that kinds are wanted, those besides that the policy needs now,
    /// and until they are listed they are unknown. Returns the new ones.
    pub fn want(&mut self, besides: &[&'static str]) -> Result<Vec<&'static str>, Error> {
        let needs = self.ask(Cluster::needs)?;
        let needed = needs.iter().map(|need| need.kind.as_str());
        let wanted: BTreeSet<&str> = needed.chain(besides.iter().copied()).collect();
        let new: BTreeSet<&'static str> = wanted
            .into_iter()
            .flat_map(sources)
            .filter(|source| self.kinds.expect(source))
            .map(|source| source.kind)
            .collect();
        self.tell_kinds();
        Ok(new.into_iter().collect())
    }

    /// What is known of each kind.
    pub fn kinds(&self) -> &Kinds {
        &self.kinds
    }

    /// How often the policy was lost, and why the last time.
    pub fn restarts(&self) -> (u64, Option<&str>) {
        (self.restarts, self.last_error.as_deref())
    }

    /// Takes in what the watches tell. False when nothing of it is news.
    pub fn take(&mut self, told: Vec<Told>) -> bool {
        let mut objects: Vec<(&'static Source, Object)> = Vec::new();
        let mut size = 0;
        let mut is_news = false;
        for one in told {
            // A heartbeat, or a list that shows what is known.
            if let Told::Put { source, object } = &one
                && !objects.iter().any(|(_, other)| other.key == object.key)
                && self.cache.confirm(source, object)
            {
                continue;
            }
            is_news = true;
            // Objects of one call, in their order; whatever else comes in
            // between keeps its place.
            if let Told::Put { source, object } = one {
                size += object.json.len();
                objects.push((source, object));
                if size >= PART {
                    self.put(std::mem::take(&mut objects));
                    size = 0;
                }
                continue;
            }
            self.put(std::mem::take(&mut objects));
            size = 0;
            match one {
                Told::Put { .. } => {}
                Told::Listing { source } => {
                    self.cache.listing(source);
                    self.kinds.listing(source);
                }
                Told::Gone { source, key } => {
                    self.cache.remove(source, &key);
                    self.remove(&key);
                }
                Told::Listed { source } => {
                    for key in self.cache.listed(source) {
                        self.remove(&key);
                    }
                    self.kinds.listed(source);
                }
                Told::Unusable { source, problem } => {
                    warn!(kind = source.kind, "{problem}");
                    self.kinds.unusable(source, problem);
                }
                Told::Unreadable { source, reason } => self.kinds.unreadable(source, reason),
                Told::Readable { source } => self.kinds.readable(source),
            }
        }
        self.put(objects);
        self.tell_kinds();
        is_news
    }

    /// What has become of the routes since the last call.
    pub fn changes(&mut self) -> Answer<RouteChanges> {
        let mut changes = self.ask(Cluster::changes)?;
        for route in std::mem::take(&mut self.planned) {
            let is_newer = |newer: &Route| newer.prefix == route.prefix;
            if !changes.set.iter().any(is_newer) && !changes.gone.contains(&route.prefix) {
                changes.set.push(route);
            }
        }
        Ok(changes)
    }

    /// What has to be done to a table.
    pub fn plan(&mut self, request: &PlanRequest) -> Answer<Plan> {
        let plan = self.ask(|cluster| cluster.plan(request))?;
        // Tables act on the routes as they are now. If one becomes again what
        // it was before, that is a change too, and has to be told.
        if let Ok(changes) = self.ask(Cluster::changes) {
            self.planned.extend(changes.set);
        }
        Ok(plan)
    }

    /// The report as of now, to the minute.
    pub fn report(&mut self) -> Answer<Report> {
        self.set_clock()?;
        self.ask(Cluster::report)
    }

    /// The same as JSON.
    pub fn report_json(&mut self) -> Answer<String> {
        self.set_clock()?;
        self.ask(Cluster::report_json)
    }

    /// What changes would bring about.
    pub fn review(&mut self, changes: &[Change]) -> Answer<Review> {
        self.set_clock()?;
        self.ask_once(|cluster| cluster.review(changes))
    }

    /// The same as JSON.
    pub fn review_json(&mut self, changes: &[Change]) -> Answer<String> {
        self.set_clock()?;
        self.ask_once(|cluster| cluster.review_json(changes))
    }

    fn set_clock(&mut self) -> Answer<()> {
        let is_current = |set: &Instant| set.elapsed() < Duration::from_mins(1);
        if self.clock_set.as_ref().is_none_or(|set| !is_current(set)) {
            let now = Timestamp::now();
            let today = now.to_zoned(TimeZone::UTC).date().to_string();
            let at = now.to_string();
            self.ask(|cluster| cluster.set_clock(Some(&at), Some(&today)))?;
            self.clock_set = Some(Instant::now());
        }
        Ok(())
    }

    /// Puts objects in. A part that crashes the policy is put in object by
    /// object, to find the one that does it.
    fn put(&mut self, objects: Vec<(&'static Source, Object)>) {
        if objects.is_empty() {
            return;
        }
        let documents: Vec<String> = objects
            .iter()
            .map(|(_, object)| object.json.clone())
            .collect();
        let tried = self.try_put(&documents);
        for ((source, object), document) in objects.into_iter().zip(documents) {
            let put = match &tried {
                Ok(()) | Err(Error::Lost) => Ok(()),
                Err(_) => self.try_put(&[document]),
            };
            match put {
                // While there is no policy no object is at fault: this one goes
                // in with all the others once there is one.
                Ok(()) | Err(Error::Lost) => {
                    if self.poison.remove(&object.key).is_some() {
                        self.kinds.forgive(&object.key);
                    }
                    self.cache.put(source, object);
                }
                Err(error) => self.leave_out(source, object.key, &error),
            }
        }
    }

    /// [`Error::Lost`] when there is no policy to put them into.
    fn try_put(&mut self, documents: &[String]) -> Result<(), Error> {
        if self.cluster.is_none() {
            self.start_over(&Error::Lost);
        }
        let Some(cluster) = &mut self.cluster else {
            return Err(Error::Lost);
        };
        let put = cluster.upsert(documents);
        match put {
            // What could not be used is in the report, as problems.
            Ok(_) => Ok(()),
            Err(error) => {
                self.start_over(&error);
                Err(error)
            }
        }
    }

    fn leave_out(&mut self, source: &'static Source, key: ObjectKey, error: &Error) {
        error!(object = %key, "this object makes the policy fail, and is left out: {error}");
        self.cache.leave_out(source, &key);
        self.remove(&key);
        self.kinds.poisoned(&key, &error.to_string());
        self.poison.insert(key, error.to_string());
    }

    fn remove(&mut self, key: &ObjectKey) {
        if self.poison.remove(key).is_some() {
            self.kinds.forgive(key);
        }
        let key = policy::ObjectKey {
            kind: key.kind.to_owned(),
            namespace: key.namespace.clone(),
            name: key.name.clone(),
        };
        // A fresh instance does not have it: it is out of the cache already.
        let _ = self.ask(|cluster| cluster.remove(&key));
    }

    /// Passes on what is known of kinds, as far as that has changed.
    fn tell_kinds(&mut self) {
        for (kind, state) in self.kinds.take_changed() {
            let _ = self.ask(|cluster| cluster.set_kind(kind, &state));
        }
    }

    /// Asks the policy, and once more if that cost it its life.
    fn ask<T>(&mut self, question: impl Fn(&mut Cluster) -> Answer<T>) -> Answer<T> {
        let mut last = Error::Lost;
        for _ in 0..2 {
            if self.cluster.is_none() {
                self.start_over(&last);
            }
            let Some(cluster) = &mut self.cluster else {
                break;
            };
            match question(cluster) {
                Err(error) if is_fatal(&error) => {
                    self.start_over(&error);
                    last = error;
                }
                answer => return answer,
            }
        }
        Err(last)
    }

    /// The same for a question that may itself be what the policy fails at:
    /// anybody can ask for a review of anything.
    fn ask_once<T>(&mut self, question: impl FnOnce(&mut Cluster) -> Answer<T>) -> Answer<T> {
        if self.cluster.is_none() {
            self.start_over(&Error::Lost);
        }
        let Some(cluster) = &mut self.cluster else {
            return Err(Error::Lost);
        };
        let answer = question(cluster);
        if let Err(error) = &answer
            && is_fatal(error)
        {
            self.start_over(error);
        }
        answer
    }

    /// A fresh instance with everything that the cache has.
    fn start_over(&mut self, reason: &Error) {
        self.restarts += 1;
        self.clock_set = None;
        self.last_error = Some(reason.to_string());
        error!("the policy was lost and is started anew: {reason}");
        self.cluster = self
            .replay()
            .map_err(|error| {
                error!("the policy cannot be started anew: {error}");
            })
            .ok();
    }

    fn replay(&self) -> Result<Cluster, Error> {
        let mut cluster = self.policy.open(&self.settings)?;
        let mut part = Vec::new();
        let mut size = 0;
        for json in self.cache.objects() {
            size += json.len();
            part.push(json.to_owned());
            if size >= PART {
                cluster.upsert(&std::mem::take(&mut part))?;
                size = 0;
            }
        }
        cluster.upsert(&part)?;
        for (kind, state) in self.kinds.all() {
            cluster.set_kind(kind, &state)?;
        }
        Ok(cluster)
    }
}

/// Whether the cluster is lost with this error.
fn is_fatal(error: &Error) -> bool {
    matches!(
        error,
        Error::Deadline(_)
            | Error::OutOfMemory(_)
            | Error::Trap(_)
            | Error::Lost
            | Error::Runtime(_)
    )
}
