//! The cluster as far as a change concerns it: first what shows the CNI, then
//! what that CNI makes necessary.

use std::collections::BTreeSet;

use podroute_policy::cluster::Cluster;
use podroute_policy::objects::Kind;
use podroute_policy::review::Change;
use podroute_policy::settings::{Gap, Settings};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::host::{Host, Listed};
use crate::judge;
use crate::sources::{SOURCES, Source};

/// What shows the CNI.
const FIRST: [Kind; 3] = [Kind::ConfigMap, Kind::DaemonSet, Kind::Node];

/// A cluster, and how much of it was seen.
#[derive(Debug, Default)]
pub struct Gathered {
    pub cluster: Cluster,
    /// Settings that say which kinds were listed and which were not.
    pub settings: Settings,
    /// What could not be listed, and why.
    pub refused: Vec<Gap>,
}

impl Gathered {
    /// Asks for kinds until those are there that the cluster needs, before the
    /// change or after it.
    pub fn of(host: &Host, settings: Settings, change: &Change) -> Self {
        let mut gathered = Self {
            settings,
            ..Self::default()
        };
        let mut asked = BTreeSet::new();
        let mut next = BTreeSet::from(FIRST);
        while !next.is_empty() {
            for kind in &next {
                gathered.ask(*kind, host);
            }
            asked.append(&mut next);
            next = &judge::needed(&mut gathered, change) - &asked;
        }
        gathered
    }

    /// Lists a kind. A kind of which one list is refused is not known, however
    /// many others came.
    fn ask(&mut self, kind: Kind, host: &Host) {
        let sources = SOURCES.iter().filter(|source| source.kind == kind);
        let refused: Vec<String> = sources
            .filter_map(|source| self.ask_source(source, host).err())
            .collect();
        match refused.into_iter().next() {
            None => self.settings.set_listed(kind.name()),
            Some(reason) => {
                let gap = Gap {
                    kind: kind.name().to_owned(),
                    reason,
                    awaited: false,
                };
                self.refused.push(gap.clone());
                self.settings.set_gap(gap);
            }
        }
    }

    fn ask_source(&mut self, source: &Source, host: &Host) -> Result<(), String> {
        for version in source.versions {
            match source.list(version, host) {
                Listed::List(text) => return self.load(source.kind, version, &text),
                Listed::NotServed => {}
                Listed::Refused(reason) => return Err(reason),
            }
        }
        Ok(())
    }

    /// Puts a list in; fails where it is not a list of that kind.
    fn load(&mut self, kind: Kind, version: &str, text: &str) -> Result<(), String> {
        let typed;
        let list = if says_version(version) {
            text
        } else {
            typed = typed_items(text, version, kind)?;
            &typed
        };
        let problems = self.cluster.load([list]);
        if let Some(problem) = problems.into_iter().find(|one| one.object.is_none()) {
            return Err(format!("the policy server's answer: {}", problem.message));
        }
        if !self.cluster.has_seen(kind) {
            return Err(format!(
                "the policy server's answer is not a {}List",
                kind.name()
            ));
        }
        Ok(())
    }
}

/// Whether an object's kind says enough about it. Gateways of the Services API
/// look like those of the Gateway API, and only their apiVersion, which the
/// items of a list do not carry, tells them apart.
fn says_version(version: &str) -> bool {
    !version.starts_with("networking.x-k8s.io/")
}

/// A list whose items say what they are.
fn typed_items(text: &str, version: &str, kind: Kind) -> Result<String, String> {
    #[derive(Deserialize)]
    struct List {
        #[serde(default)]
        items: Vec<Map<String, Value>>,
    }
    let list: List = serde_json::from_str(text)
        .map_err(|error| format!("the policy server's answer: not a list: {error}"))?;
    let typed = list.items.into_iter().map(|mut item| {
        item.insert("apiVersion".to_owned(), version.into());
        item.insert("kind".to_owned(), kind.name().into());
        Value::Object(item)
    });
    Ok(json!({
        "apiVersion": version,
        "kind": format!("{}List", kind.name()),
        "items": typed.collect::<Vec<_>>(),
    })
    .to_string())
}
