//! A cluster that is kept inside the policy.

use wasmtime::component::ResourceAny;

use super::instance::Instance;
use super::{
    Change, Error, KindState, Need, ObjectKey, Plan, PlanRequest, Problem, Report, Review,
    RouteChanges, Settings, Trace,
};

/// A cluster: objects go in and out, and the report follows.
///
/// When a call fails for want of time or memory, or because the policy
/// crashed, the cluster is gone: every later call is [`Error::Lost`], and the
/// objects have to be put into a new one.
pub struct Cluster {
    instance: Instance,
    handle: ResourceAny,
}

impl Cluster {
    pub(super) fn open(mut instance: Instance, settings: &Settings) -> Result<Self, Error> {
        let handle = instance.call(|policy, store| {
            policy
                .podroute_policy_evaluator()
                .cluster()
                .call_open(store, settings)
        })??;
        Ok(Self { instance, handle })
    }

    /// Puts in a snapshot. Of several copies of an object the newest counts.
    /// Returns what could not be used; the rest is in.
    ///
    /// The snapshot goes over in parts: the policy uses the same memory for
    /// each, where a whole one would have to be fetched page by page.
    pub fn load(&mut self, documents: &[String]) -> Result<Vec<Problem>, Error> {
        let handle = self.handle;
        let mut problems = Vec::new();
        if self.instance.is_lost() {
            return Err(Error::Lost);
        }
        let end = self.instance.deadline();
        for part in parts(documents) {
            let found = self.instance.call_until(end, |policy, store| {
                policy
                    .podroute_policy_evaluator()
                    .cluster()
                    .call_load(store, handle, part)
            })?;
            problems.extend(found);
        }
        Ok(problems)
    }

    /// Puts in objects that have changed, each in place of the one that was
    /// there. Returns what could not be used; the rest is in.
    pub fn upsert(&mut self, documents: &[String]) -> Result<Vec<Problem>, Error> {
        let handle = self.handle;
        self.instance.call(|policy, store| {
            policy
                .podroute_policy_evaluator()
                .cluster()
                .call_upsert(store, handle, documents)
        })
    }

    /// Takes an object out. False when it was not there.
    pub fn remove(&mut self, object: &ObjectKey) -> Result<bool, Error> {
        let handle = self.handle;
        self.instance.call(|policy, store| {
            policy
                .podroute_policy_evaluator()
                .cluster()
                .call_remove(store, handle, object)
        })
    }

    /// Says what is known of a kind, in place of what was said before.
    pub fn set_kind(&mut self, kind: &str, state: &KindState) -> Result<(), Error> {
        let handle = self.handle;
        self.instance.call(|policy, store| {
            policy
                .podroute_policy_evaluator()
                .cluster()
                .call_set_kind(store, handle, kind, state)
        })
    }

    /// Sets the time, as the settings `at` and `today`.
    pub fn set_clock(&mut self, at: Option<&str>, today: Option<&str>) -> Result<(), Error> {
        let handle = self.handle;
        let set = self.instance.call(|policy, store| {
            policy
                .podroute_policy_evaluator()
                .cluster()
                .call_set_clock(store, handle, at, today)
        })?;
        Ok(set?)
    }

    /// The kinds to watch, as far as it is known which CNI runs.
    pub fn needs(&mut self) -> Result<Vec<Need>, Error> {
        let handle = self.handle;
        self.instance.call(|policy, store| {
            policy
                .podroute_policy_evaluator()
                .cluster()
                .call_needs(store, handle)
        })
    }

    /// What has become of the routes since the last call.
    pub fn changes(&mut self) -> Result<RouteChanges, Error> {
        let handle = self.handle;
        self.instance.call(|policy, store| {
            policy
                .podroute_policy_evaluator()
                .cluster()
                .call_changes(store, handle)
        })
    }

    /// What has to be done so that a table holds the routes.
    pub fn plan(&mut self, request: &PlanRequest) -> Result<Plan, Error> {
        let handle = self.handle;
        let plan = self.instance.call(|policy, store| {
            policy
                .podroute_policy_evaluator()
                .cluster()
                .call_plan(store, handle, request)
        })?;
        Ok(plan?)
    }

    /// What changes would bring about. The cluster stays as it is.
    pub fn review(&mut self, changes: &[Change]) -> Result<Review, Error> {
        let handle = self.handle;
        self.instance.call(|policy, store| {
            policy
                .podroute_policy_evaluator()
                .cluster()
                .call_review(store, handle, changes)
        })
    }

    /// The same as JSON, `podroute.review/v1`.
    pub fn review_json(&mut self, changes: &[Change]) -> Result<String, Error> {
        let handle = self.handle;
        self.instance.call(|policy, store| {
            policy
                .podroute_policy_evaluator()
                .cluster()
                .call_review_json(store, handle, changes)
        })
    }

    /// What becomes of packets for an address.
    pub fn trace(&mut self, ip: &str) -> Result<Trace, Error> {
        let handle = self.handle;
        let trace = self.instance.call(|policy, store| {
            policy
                .podroute_policy_evaluator()
                .cluster()
                .call_trace(store, handle, ip)
        })?;
        Ok(trace?)
    }

    /// The report on the cluster as it is now.
    pub fn report(&mut self) -> Result<Report, Error> {
        let handle = self.handle;
        self.instance.call(|policy, store| {
            policy
                .podroute_policy_evaluator()
                .cluster()
                .call_report(store, handle)
        })
    }

    /// The same report as JSON, `podroute.report/v1`.
    pub fn report_json(&mut self) -> Result<String, Error> {
        let handle = self.handle;
        self.instance.call(|policy, store| {
            policy
                .podroute_policy_evaluator()
                .cluster()
                .call_report_json(store, handle)
        })
    }
}

/// Documents in parts of about a megabyte, none of them empty.
fn parts(documents: &[String]) -> impl Iterator<Item = &[String]> {
    const PART: usize = 1 << 20;
    let mut rest = documents;
    std::iter::from_fn(move || {
        let mut bytes = 0;
        let length = rest
            .iter()
            .take_while(|document| {
                let fits = bytes < PART;
                bytes += document.len();
                fits
            })
            .count();
        let (part, after) = rest.split_at_checked(length).filter(|_| length > 0)?;
        rest = after;
        Some(part)
    })
}
