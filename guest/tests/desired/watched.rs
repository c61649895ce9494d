//! A cluster that is watched, and what is worked out of it from scratch to
//! compare with.

use std::collections::BTreeMap;

use podroute_policy::cluster::{Cluster, Scope};
use podroute_policy::desired::Desired;
use podroute_policy::detect::Detected;
use podroute_policy::objects::{Key, Kind};
use podroute_policy::prefix::Prefix;
use podroute_policy::programmed::Programmed;
use podroute_policy::report::Route;
use podroute_policy::routes::Mapping;
use podroute_policy::settings::{RawSettings, Settings};
use podroute_policy::sources::Claims;
use podroute_policy::terms::Terms;

pub(crate) struct Watched {
    pub(crate) cluster: Cluster,
    pub(crate) settings: Settings,
    pub(crate) desired: Desired,
    /// The routes as far as the changes that were taken tell.
    told: BTreeMap<Prefix, Route>,
}

impl Watched {
    pub(crate) fn new(settings: RawSettings) -> Self {
        Self {
            cluster: Cluster::default(),
            settings: Settings::try_from(settings).unwrap(),
            desired: Desired::default(),
            told: BTreeMap::new(),
        }
    }

    pub(crate) fn load(&mut self, documents: &[String]) {
        self.cluster.load(documents.iter().map(String::as_str));
    }

    pub(crate) fn upsert(&mut self, documents: &[String]) {
        self.cluster.upsert(documents.iter().map(String::as_str));
    }

    pub(crate) fn remove(&mut self, kind: Kind, namespace: &str, name: &str) {
        self.cluster.remove(&Key {
            kind,
            namespace: namespace.to_owned(),
            name: name.to_owned(),
        });
    }

    /// The routes as text, up to date.
    pub(crate) fn routes(&mut self) -> Vec<String> {
        self.desired.refresh(&mut self.cluster, &self.settings);
        let routes = self.desired.routes();
        routes
            .map(|route| format!("{} via {} ({})", route.prefix, route.next_hop, route.node))
            .collect()
    }

    /// Brings the routes up to date and compares everything that is kept with
    /// what the cluster says when nothing is known.
    #[track_caller]
    pub(crate) fn compare(&mut self, after: &str) {
        self.desired.refresh(&mut self.cluster, &self.settings);
        let detected = Detected::find(&self.cluster, &self.settings);
        let terms = Terms::of(&detected, &self.settings);
        let programmed: &Programmed = self.desired.programmed();
        let mapping = Mapping::build(
            &Claims::read(&self.cluster, Scope::All, &terms),
            &self.cluster,
            Scope::All,
            &terms,
            programmed,
            &self.settings,
        );
        let mut routes = mapping.routes();
        routes.sort_by_key(|route| route.prefix);
        let kept: Vec<Route> = self.desired.routes().cloned().collect();
        assert_eq!(kept, routes, "routes after {after}");
        let withheld: Vec<_> = self.desired.withheld().cloned().collect();
        assert_eq!(withheld, mapping.withheld(), "withheld after {after}");
        assert_eq!(
            self.desired.undecided(),
            detected.undecided,
            "undecided after {after}"
        );
        assert_eq!(
            *self.desired.needs(),
            detected.needs(&self.settings),
            "needs after {after}"
        );
    }

    /// Takes the changes and makes them. Afterwards whoever made all of them
    /// has the routes; none was made in vain.
    #[track_caller]
    pub(crate) fn take_changes(&mut self) {
        let changes = self.desired.take_changes();
        for prefix in changes.gone {
            let gone = self.told.remove(&prefix);
            assert!(gone.is_some(), "{prefix} goes and was never there");
        }
        for route in changes.set {
            let earlier = self.told.insert(route.prefix, route.clone());
            assert_ne!(earlier, Some(route), "set to what it was");
        }
        assert!(self.told.values().eq(self.desired.routes()));
    }
}
