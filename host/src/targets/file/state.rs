//! The state file: which routes the output file was last written with.

use std::net::IpAddr;
use std::path::Path;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::super::{Error, Observed, Wanted};
use super::replace::{Access, Draft};

const SCHEMA: &str = "podroute.file-state/v1";

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct State {
    schema: String,
    /// The output file that this is the state of.
    pub(super) output: String,
    pub(super) owner: String,
    /// The reload command has not succeeded since the last change.
    pub(super) reload_pending: bool,
    routes: Vec<Route>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Route {
    id: String,
    prefix: IpNet,
    next_hop: IpAddr,
    node: String,
}

impl State {
    pub(super) fn new(output: &Path, owner: &str, reload_pending: bool, routes: &[Wanted]) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            output: output.to_string_lossy().into_owned(),
            owner: owner.to_owned(),
            reload_pending,
            routes: routes
                .iter()
                .cloned()
                .map(|route| Route {
                    id: route.id,
                    prefix: route.prefix,
                    next_hop: route.next_hop,
                    node: route.node,
                })
                .collect(),
        }
    }

    /// What is wrong is said of the file: it "is ...".
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let state: Self = serde_json::from_slice(bytes)
            .map_err(|error| format!("is damaged or not podroute's: {error}"))?;
        if state.schema != SCHEMA {
            return Err(format!(
                "is of the form `{}`, and this version of podroute reads {SCHEMA}",
                state.schema.escape_debug()
            ));
        }
        Ok(state)
    }

    pub(super) fn save(&self, path: &Path) -> Result<(), Error> {
        let mut text = serde_json::to_string_pretty(self).map_err(|error| {
            Error::Refused(format!(
                "cannot write the state file {}: {error}; report this as a bug",
                path.display()
            ))
        })?;
        text.push('\n');
        let access = Access {
            mode: 0o644,
            owner: None,
        };
        Draft::write(path, &text, access)?.publish()
    }

    pub(super) fn wanted(&self) -> Vec<Wanted> {
        self.routes
            .iter()
            .cloned()
            .map(|route| Wanted {
                id: route.id,
                prefix: route.prefix,
                next_hop: route.next_hop,
                node: route.node,
            })
            .collect()
    }

    pub(super) fn observed(&self) -> Vec<Observed> {
        self.routes
            .iter()
            .map(|route| Observed {
                id: route.id.clone(),
                prefix: route.prefix.to_string(),
                next_hop: Some(route.next_hop.to_string()),
                owner: Some(self.owner.clone()),
            })
            .collect()
    }
}
