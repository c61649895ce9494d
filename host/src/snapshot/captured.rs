//! What a captured cluster says of itself: when it was taken, and which kinds
//! it has completely.

use serde::{Deserialize, Serialize};

use super::{InputError, Location, Snapshot};
use crate::capture::Captured;
use crate::policy::{Gap, KindState};

const API_VERSION: &str = "podroute.dev/v1alpha1";
const KIND: &str = "Snapshot";

/// The first object of a captured cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    pub api_version: String,
    pub kind: String,
    pub metadata: ManifestName,
    /// When, in UTC.
    pub taken: String,
    /// Names and addresses are not the cluster's.
    #[serde(default)]
    pub redacted: bool,
    #[serde(default)]
    pub server: ServerVersion,
    /// What was asked for, and what came of it.
    pub kinds: Vec<ListedKind>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestName {
    #[serde(default)]
    pub name: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerVersion {
    /// None when the server did not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// What came of listing a kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedKind {
    pub kind: String,
    pub state: State,
    /// How many objects there are in the snapshot.
    #[serde(default)]
    pub count: usize,
    /// Why it is not complete, and what to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// From good to bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum State {
    /// The server does not have the kind: there are no objects of it.
    Absent,
    /// Every object is there.
    Listed,
    /// The list failed: what there is of it is not known.
    Failed,
    /// The server does not let this account list it.
    Forbidden,
}

impl Default for Manifest {
    fn default() -> Self {
        Self {
            api_version: API_VERSION.to_owned(),
            kind: KIND.to_owned(),
            metadata: ManifestName {
                name: "snapshot".to_owned(),
            },
            taken: String::new(),
            redacted: false,
            server: ServerVersion::default(),
            kinds: Vec::new(),
        }
    }
}

impl ListedKind {
    /// Whether nothing, or only a part of it is known.
    pub fn is_gap(&self) -> bool {
        matches!(self.state, State::Forbidden | State::Failed)
    }

    /// What the policy has to know.
    pub fn known_as(&self) -> KindState {
        if self.is_gap() {
            KindState::Gap(self.reason())
        } else {
            KindState::Listed
        }
    }

    fn reason(&self) -> String {
        self.reason.clone().unwrap_or_else(|| {
            let state = match self.state {
                State::Forbidden => "forbidden",
                _ => "could not be listed",
            };
            format!("{state} when the snapshot was taken")
        })
    }
}

impl From<Captured> for Snapshot {
    fn from(captured: Captured) -> Self {
        let mut snapshot = Self {
            documents: captured.documents,
            ..Self::default()
        };
        snapshot.take_in(captured.manifest);
        snapshot
    }
}

impl Snapshot {
    /// Reads an object that is no part of the cluster, but says what the
    /// snapshot has of it. False when it is none.
    pub(super) fn take_manifest(&mut self, location: Location, kind: &str, json: &str) -> bool {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Head {
            #[serde(default)]
            api_version: String,
        }
        if kind != KIND {
            return false;
        }
        // Others have a kind of this name, too.
        let ours = serde_json::from_str::<Head>(json)
            .is_ok_and(|head| head.api_version.starts_with("podroute.dev/"));
        if !ours {
            return false;
        }
        match serde_json::from_str::<Manifest>(json) {
            Ok(manifest) if manifest.api_version == API_VERSION => self.take_in(manifest),
            Ok(manifest) => self.errors.push(InputError {
                location,
                message: format!(
                    "is a snapshot of version {}, and this podroute reads {API_VERSION}: use a \
                     newer podroute",
                    manifest.api_version
                ),
            }),
            Err(error) => self.errors.push(InputError {
                location,
                message: format!(
                    "does not say which kinds the snapshot has ({error}): take the snapshot again"
                ),
            }),
        }
        true
    }

    fn take_in(&mut self, manifest: Manifest) {
        for kind in manifest.kinds {
            match kind.known_as() {
                KindState::Gap(reason) => {
                    // Reports name the kind, but not always the reason.
                    self.notes.push(format!("{}: {reason}", kind.kind));
                    self.gaps.push(Gap {
                        kind: kind.kind,
                        reason,
                    });
                }
                _ => {
                    self.listed_kinds.insert(kind.kind);
                }
            }
        }
        // A part that is missing is missing, whatever another part has.
        for gap in &self.gaps {
            self.listed_kinds.remove(&gap.kind);
        }
        // Of several the newest: rules ask how old something is by now.
        self.taken = self.taken.take().max(Some(manifest.taken));
    }
}
