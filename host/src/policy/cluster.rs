//! A cluster that is kept inside the policy.

use wasmtime::component::ResourceAny;

use super::instance::Instance;
use super::{Error, ObjectKey, Problem, Report, Settings};

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

    /// Puts objects in. Of two copies of an object in one call the newer
    /// counts. Returns what could not be used; the rest is in.
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
