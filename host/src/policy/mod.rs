//! The policy: a WebAssembly component that turns Kubernetes objects into
//! routes and findings. The host gives it memory and a deadline, nothing else.

mod clock;
mod cluster;
mod engine_config;
mod error;
mod instance;
mod limits;

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use wasmtime::Engine;
use wasmtime::component::{Component, Linker};

pub use cluster::Cluster;
pub use error::Error;
pub use limits::Limits;

use bindings::PolicyPre;
use clock::Clock;
use instance::{Instance, State};

/// Typed access to the component, from wit/podroute.wit.
mod bindings {
    #![allow(missing_docs, unreachable_pub, clippy::all, clippy::pedantic)]
    wasmtime::component::bindgen!({
        path: "../wit/podroute.wit",
        world: "policy",
        additional_derives: [PartialEq],
    });
}

/// The types of the contract, as wit/podroute.wit documents them.
pub use bindings::exports::podroute::policy::types;
pub use types::{
    AuditedSuppression, Change, ClusterFacts, Confirmation, Conflict, Family, Finding, Gap,
    HeldRoute, KindState, Level, Need, Network, NetworkRole, NotEvaluated, ObjectKey, ObjectRef,
    ObservedRoute, OtherCluster, Parameter, Plan, PlanRequest, PlannedRoute, PlannedUpdate,
    Problem, Report, Review, Route, RouteChanges, Rule, RuleSetting, Settings, Severity,
    Suppressed, Suppression, SuppressionStatus, Trace, TracedAko, TracedClaim, TracedPod,
    TracedPool, Verdict, Withheld,
};

/// The component that is built in.
pub const COMPONENT: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/podroute-policy.wasm"));

/// The same, compiled by the build script.
static COMPILED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/podroute-policy.cwasm"));

/// A policy, ready to be asked. Cheap to clone; calls may run in parallel.
#[derive(Clone)]
pub struct Policy {
    shared: Arc<Shared>,
    limits: Limits,
}

struct Shared {
    engine: Engine,
    instance: PolicyPre<State>,
    clock: Clock,
}

impl Policy {
    /// The built-in policy. It is compiled already: this takes well under a
    /// millisecond, unless the processor lacks what the build assumed.
    pub fn built_in() -> Result<Self, Error> {
        let engine = engine(Some(env!("PODROUTE_POLICY_TARGET")))?;
        // SAFETY: these bytes were made by this program's build script, with
        // the same wasmtime and the same configuration. Wasmtime checks the
        // latter two, and refuses what does not fit.
        #[allow(unsafe_code)]
        let compiled = unsafe { Component::deserialize(&engine, COMPILED) };
        match compiled {
            Ok(component) => Self::link(engine, &component),
            Err(_) => Self::from_bytes(COMPONENT),
        }
    }

    /// Another policy component, from a file.
    pub fn from_file(path: &Path) -> Result<Self, Error> {
        let bytes = fs::read(path).map_err(|source| Error::Unreadable {
            path: path.to_owned(),
            source,
        })?;
        Self::from_bytes(&bytes)
    }

    /// Another policy component, from memory. It is compiled here, which
    /// takes about a tenth of a second.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let engine = engine(None)?;
        let component =
            Component::from_binary(&engine, bytes).map_err(|error| Error::not_a_policy(&error))?;
        let policy = Self::link(engine, &component)?;
        // That the functions have the right types shows in an instance only.
        // Its start function may do harm, which is for later calls to report.
        let briefly = policy.clone().with_limits(Limits {
            deadline: Duration::from_secs(1),
            ..Limits::default()
        });
        match briefly.instance() {
            Err(Error::Runtime(message)) => Err(Error::NotAPolicy(message)),
            _ => Ok(policy),
        }
    }

    /// The same policy under other limits.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Evaluates one snapshot. Each document is the JSON text of an object or
    /// of a list of objects.
    pub fn evaluate(&self, documents: &[String], settings: &Settings) -> Result<Report, Error> {
        let mut cluster = self.open(settings)?;
        cluster.load(documents)?;
        cluster.report()
    }

    /// Evaluates a `podroute.request/v1` and returns a `podroute.report/v1`.
    /// An [`Error::InvalidRequest`] carries the policy's error as JSON.
    pub fn evaluate_json(&self, request: &str) -> Result<String, Error> {
        let mut instance = self.instance()?;
        let answer = instance
            .call(|policy, store| policy.podroute_policy_json().call_evaluate(store, request))?;
        answer.map_err(Error::InvalidRequest)
    }

    /// Reviews a `podroute.review-request/v1` and returns a
    /// `podroute.review/v1`. Errors are those of [`Policy::evaluate_json`].
    pub fn review_json(&self, request: &str) -> Result<String, Error> {
        let mut instance = self.instance()?;
        let answer = instance
            .call(|policy, store| policy.podroute_policy_json().call_review(store, request))?;
        answer.map_err(Error::InvalidRequest)
    }

    /// The address space of a `podroute.report/v1` as SVG.
    pub fn map(&self, report: &str) -> Result<String, Error> {
        let mut instance = self.instance()?;
        let drawn = instance
            .call(|policy, store| policy.podroute_policy_picture().call_map(store, report))?;
        drawn.map_err(Error::from)
    }

    /// A `podroute.report/v1` as HTML: what goes into the `main` of a page.
    pub fn page(&self, report: &str) -> Result<String, Error> {
        let mut instance = self.instance()?;
        let written = instance
            .call(|policy, store| policy.podroute_policy_picture().call_page(store, report))?;
        written.map_err(Error::from)
    }

    /// Opens a cluster that is kept and changed between calls.
    pub fn open(&self, settings: &Settings) -> Result<Cluster, Error> {
        Cluster::open(self.instance()?, settings)
    }

    /// The catalogue of rules, sorted by id.
    pub fn rules(&self) -> Result<Vec<Rule>, Error> {
        self.instance()?
            .call(|policy, store| policy.podroute_policy_catalogue().call_rules(store))
    }

    fn link(engine: Engine, component: &Component) -> Result<Self, Error> {
        let not_a_policy = |error: wasmtime::Error| Error::not_a_policy(&error);
        // Nothing is linked: a policy imports nothing.
        let linked = Linker::new(&engine)
            .instantiate_pre(component)
            .map_err(not_a_policy)?;
        let instance = PolicyPre::new(linked).map_err(not_a_policy)?;
        let clock = Clock::start(&engine);
        Ok(Self {
            shared: Arc::new(Shared {
                engine,
                instance,
                clock,
            }),
            limits: Limits::default(),
        })
    }

    fn instance(&self) -> Result<Instance, Error> {
        Instance::new(Arc::clone(&self.shared), self.limits)
    }
}

// The struct is generated.
#[allow(clippy::derivable_impls)]
impl Default for Settings {
    fn default() -> Self {
        Self {
            cni: None,
            ipam_mode: None,
            cilium_version: None,
            avi_version: None,
            next_hop_types: Vec::new(),
            node_networks: Vec::new(),
            node_selector: None,
            aggregate: false,
            connected_networks: Vec::new(),
            protected_networks: Vec::new(),
            other_clusters: Vec::new(),
            route_limit: None,
            at: None,
            today: None,
            rules: Vec::new(),
            suppressions: Vec::new(),
            listed_kinds: Vec::new(),
            gaps: Vec::new(),
        }
    }
}

impl From<types::Error> for Error {
    fn from(error: types::Error) -> Self {
        match error {
            types::Error::InvalidSetting(invalid) => Self::InvalidSetting {
                name: invalid.name,
                message: invalid.message,
            },
            types::Error::InvalidRequest(message) => Self::InvalidRequest(message),
            types::Error::Other(message) => Self::Policy(message),
        }
    }
}

fn engine(target: Option<&str>) -> Result<Engine, Error> {
    engine_config::config(target)
        .and_then(|config| Engine::new(&config))
        .map_err(|error| Error::Runtime(format!("{error:#}")))
}
