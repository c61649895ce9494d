//! A cluster as its API server shows it now: each kind that the evaluation
//! needs listed once, and what could not be listed told as such.
//!
//! Which kinds are needed is the policy's to say, and it can say more when it
//! knows more: it is asked again after every round of lists.

mod list;
pub mod redact;
mod schema;
mod write;

use std::collections::BTreeMap;
use std::time::Duration;

use futures::StreamExt;
use jiff::Timestamp;
use kube::Client;

use crate::daemon::kinds::{Source, kinds, sources};
use crate::daemon::watch::Trouble;
use crate::policy::{self, Cluster, KindState, Policy, Settings};
use crate::snapshot::{ListedKind, Manifest, ServerVersion, State};
use list::{Listed, Lister};

pub use write::{Encoding, write_file, write_to};

/// How many lists are under way at once.
const AT_ONCE: usize = 6;

/// The kinds in which it shows which CNI runs.
const EVIDENCE: [&str; 3] = ["ConfigMap", "DaemonSet", "Node"];

/// What to capture, and how long it may take.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Pods too: no route comes from them, but some rules look at them.
    pub pods: bool,
    /// Every kind that podroute can read, needed in this cluster or not.
    pub every_kind: bool,
    /// How long the server may take to answer a request.
    pub answer: Duration,
}

/// A cluster that was captured.
#[derive(Clone, Debug, PartialEq)]
pub struct Captured {
    pub manifest: Manifest,
    /// The objects as JSON, by kind, namespace and name.
    pub documents: Vec<String>,
}

/// What a person may want to see of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    Started {
        source: &'static Source,
    },
    /// Objects so far, and how many are left as far as the server says.
    Page {
        source: &'static Source,
        count: usize,
        rest: usize,
    },
    Done {
        source: &'static Source,
        state: State,
        count: usize,
    },
}

/// Told as it goes.
pub type Tell<'a> = &'a (dyn Fn(Progress) + Sync);

/// Why nothing could be captured.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Policy(#[from] policy::Error),
    #[error("{0}")]
    Server(String),
}

impl Captured {
    /// The kinds that nothing is known of, with the reasons.
    pub fn gaps(&self) -> impl Iterator<Item = &ListedKind> {
        self.manifest.kinds.iter().filter(|kind| kind.is_gap())
    }
}

/// Captures a cluster. The settings are those of the evaluation, as far as
/// they decide what is needed for it.
///
/// The client should not retry by itself (`Config::default_retry`).
pub async fn capture(
    client: Client,
    policy: &Policy,
    settings: &Settings,
    options: Options,
    tell: Tell<'_>,
) -> Result<Captured, Error> {
    let taken = Timestamp::now();
    let version = server_version(&client).await?;
    let lister = Lister::new(client, options.answer);
    let mut cluster = policy.open(settings)?;
    // Of a cluster that is about to show its CNI, not every CNI's kinds are
    // needed.
    for kind in EVIDENCE {
        cluster.set_kind(kind, &KindState::Awaited)?;
    }
    let mut known: BTreeMap<&'static str, ListedKind> = BTreeMap::new();
    let mut objects = Vec::new();
    loop {
        let mut new = wanted(&mut cluster, options)?;
        new.retain(|kind| !known.contains_key(kind));
        if new.is_empty() {
            break;
        }
        let round = futures::stream::iter(new.iter().copied().flat_map(sources))
            .map(|source| lister.list(source, tell))
            .buffer_unordered(AT_ONCE);
        let mut documents = Vec::new();
        for listed in round.collect::<Vec<_>>().await {
            note(&mut known, &listed);
            documents.extend(listed.objects.iter().map(|object| object.json.clone()));
            objects.extend(listed.objects);
        }
        cluster.load(&documents)?;
        for kind in new {
            if let Some(listed) = known.get(kind) {
                cluster.set_kind(kind, &listed.known_as())?;
            }
        }
    }
    objects.sort_by(|a, b| a.key.cmp(&b.key));
    Ok(Captured {
        manifest: Manifest {
            taken: taken.to_string(),
            server: ServerVersion { version },
            kinds: known.into_values().collect(),
            ..Manifest::default()
        },
        documents: objects
            .into_iter()
            .map(|object| schema::narrow(object.json))
            .collect(),
    })
}

/// The kinds to list, as far as it is known by now.
fn wanted(cluster: &mut Cluster, options: Options) -> Result<Vec<&'static str>, Error> {
    let needs = cluster.needs()?;
    let mut wanted = kinds();
    wanted.retain(|kind| match *kind {
        "Pod" => options.pods,
        kind => options.every_kind || needs.iter().any(|need| need.kind == kind),
    });
    Ok(wanted)
}

/// Of several sources of a kind, the worst decides: part of a kind is not the
/// kind.
fn note(known: &mut BTreeMap<&'static str, ListedKind>, listed: &Listed) {
    let kind = listed.source.kind;
    let entry = known.entry(kind).or_insert_with(|| ListedKind {
        kind: kind.to_owned(),
        state: State::Absent,
        count: 0,
        reason: None,
    });
    entry.count += listed.objects.len();
    if listed.state > entry.state {
        entry.state = listed.state;
        entry.reason.clone_from(&listed.reason);
    }
}

/// The server's version, or None when it may not be asked. That nothing
/// answers at all, or to nobody like us, shows here once and not for each kind.
async fn server_version(client: &Client) -> Result<Option<String>, Error> {
    match client.apiserver_version().await {
        Ok(info) => Ok(Some(info.git_version)),
        Err(kube::Error::Api(status)) if status.code != 401 => Ok(None),
        Err(error) => {
            let Some(node) = sources("Node").first().copied() else {
                return Err(Error::Server(error.to_string()));
            };
            let reason = match Trouble::of(&error, "list", node) {
                Trouble::Forbidden(reason)
                | Trouble::Expired(reason)
                | Trouble::Failed { reason, .. } => reason,
                Trouble::Absent => error.to_string(),
            };
            Err(Error::Server(with_next_step(reason)))
        }
    }
}

/// What else to do about a certificate.
fn with_next_step(mut reason: String) -> String {
    if reason.contains("certificate") && reason.contains("xpired") {
        reason += "; the server's certificate has to be renewed, or this machine's clock set right";
    } else if reason.contains("UnknownIssuer") {
        reason += "; name the authority of the server's certificate in the kubeconfig: \
                   certificate-authority";
    }
    reason
}
