//! What a receiver makes of what it is told: the objects that there are, and
//! a diary to compare with what should have been told.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use podroute::daemon::kinds::Source;
use podroute::daemon::watch::{ObjectKey, Timing, Told, Watcher};
use serde_json::Value;
use tokio::sync::mpsc::Receiver;
use tokio::time::timeout;

use crate::cluster::Cluster;

pub(crate) struct Follower {
    pub(crate) watcher: Watcher,
    told: Receiver<Told>,
    /// One line for each message: `put nodes a`.
    pub(crate) diary: Vec<String>,
    /// How many lists were completed.
    pub(crate) lists: usize,
    sources: BTreeMap<&'static Source, View>,
}

#[derive(Default)]
struct View {
    objects: BTreeMap<ObjectKey, Value>,
    /// What has come of a list that is not complete.
    listing: Option<BTreeSet<ObjectKey>>,
    in_sync: bool,
    unreadable: Option<String>,
}

/// As the daemon makes it: with the cluster's kubeconfig, and without retries
/// of the client's own.
pub(crate) async fn client(cluster: &Cluster) -> Client {
    let file = Kubeconfig::read_from(cluster.kubeconfig()).unwrap();
    let mut config = Config::from_custom_kubeconfig(file, &KubeConfigOptions::default())
        .await
        .unwrap();
    config.default_retry = false;
    Client::try_from(config).unwrap()
}

impl Follower {
    pub(crate) async fn new(cluster: &Cluster, timing: Timing, kinds: &[&str]) -> Self {
        Self::with_room(cluster, timing, kinds, 16).await
    }

    pub(crate) async fn with_room(
        cluster: &Cluster,
        timing: Timing,
        kinds: &[&str],
        room: usize,
    ) -> Self {
        let (mut watcher, told) = Watcher::new(client(cluster).await, timing, room);
        watcher.want(kinds.iter().copied());
        Self {
            watcher,
            told,
            diary: Vec::new(),
            lists: 0,
            sources: BTreeMap::new(),
        }
    }

    /// Listens until something is so.
    pub(crate) async fn until(&mut self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let listen = async {
            while !is_so(self) {
                let told = self.told.recv().await.expect("a watcher that lives");
                self.take(told);
            }
        };
        let in_time = timeout(Duration::from_mins(2), listen).await.is_ok();
        assert!(in_time, "waited in vain until {what}: {:#?}", self.diary);
    }

    /// Listens until a line is in the diary, and empties it.
    pub(crate) async fn until_told(&mut self, line: &str) -> Vec<String> {
        self.until(line, |follower| {
            follower.diary.iter().any(|one| one == line)
        })
        .await;
        std::mem::take(&mut self.diary)
    }

    /// Listens until a source is unreadable; the reason.
    pub(crate) async fn until_unreadable(&mut self, kind: &str) -> String {
        self.until("it is unreadable", |follower| {
            follower.unreadable(kind).is_some()
        })
        .await;
        self.diary.clear();
        self.unreadable(kind).unwrap()
    }

    /// The names of the objects of a kind as they are known now.
    pub(crate) fn names(&self, kind: &str) -> Vec<&str> {
        self.of(kind)
            .flat_map(|view| view.objects.keys())
            .map(|key| key.name.as_str())
            .collect()
    }

    /// An object as it is known now.
    pub(crate) fn object(&self, kind: &str, name: &str) -> Option<&Value> {
        self.of(kind)
            .flat_map(|view| &view.objects)
            .find(|(key, _)| key.name == name)
            .map(|(_, object)| object)
    }

    pub(crate) fn objects(&self) -> impl Iterator<Item = (&ObjectKey, &Value)> {
        self.sources.values().flat_map(|view| &view.objects)
    }

    pub(crate) fn unreadable(&self, kind: &str) -> Option<String> {
        self.of(kind).find_map(|view| view.unreadable.clone())
    }

    /// Whether all of these sources have told how they are.
    pub(crate) fn settled(&self, sources: &[&'static Source]) -> bool {
        sources.iter().all(|source| {
            self.sources
                .get(source)
                .is_some_and(|view| view.in_sync || view.unreadable.is_some())
        })
    }

    fn of(&self, kind: &str) -> impl Iterator<Item = &View> {
        let sources = self.sources.iter();
        sources
            .filter(move |(source, _)| source.kind == kind)
            .map(|(_, view)| view)
    }

    fn take(&mut self, told: Told) {
        let (line, source) = match &told {
            Told::Listing { source } => (format!("listing {source}"), *source),
            Told::Listed { source } => (format!("listed {source}"), *source),
            Told::Readable { source } => (format!("readable {source}"), *source),
            Told::Unreadable { source, .. } => (format!("unreadable {source}"), *source),
            Told::Unusable { source, problem } => {
                (format!("unusable {source}: {problem}"), *source)
            }
            Told::Put { source, object } => (format!("put {source} {}", object.key.name), *source),
            Told::Gone { source, key } => (format!("gone {source} {}", key.name), *source),
        };
        self.diary.push(line);
        let view = self.sources.entry(source).or_default();
        match told {
            Told::Listing { .. } => view.listing = Some(BTreeSet::new()),
            Told::Put { object, .. } => {
                if let Some(listing) = &mut view.listing {
                    listing.insert(object.key.clone());
                }
                let json = serde_json::from_str(&object.json).unwrap();
                view.objects.insert(object.key, json);
            }
            Told::Gone { key, .. } => {
                view.objects.remove(&key);
            }
            Told::Listed { .. } => {
                let listed = view.listing.take().expect("a list that has begun");
                view.objects.retain(|key, _| listed.contains(key));
                view.in_sync = true;
                view.unreadable = None;
                self.lists += 1;
            }
            Told::Unreadable { reason, .. } => view.unreadable = Some(reason),
            Told::Readable { .. } => {
                assert!(view.in_sync, "readable before it was listed");
                view.unreadable = None;
            }
            Told::Unusable { .. } => {}
        }
    }
}
