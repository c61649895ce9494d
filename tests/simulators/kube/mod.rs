//! A simulator of the Kubernetes API server, over HTTP or TLS: lists, watches,
//! writes, discovery, who may do what, and what goes wrong with all of that.
//!
//! It keeps to the documented behaviour of the API
//! (<https://kubernetes.io/docs/reference/using-api/api-concepts/>). What a
//! test does to the cluster directly ([`Cluster::apply`], ...) stands for what
//! other clients do; it is not in the journal.

// Each test uses a part of it.
#![allow(dead_code, unused_imports)]

mod access;
mod discovery;
mod faults;
mod fleet;
mod journal;
mod list;
mod patch;
mod rbac;
mod request;
mod resources;
mod server;
mod status;
mod store;
mod watch;
mod write;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::watch as signal;

pub(crate) use access::{Login, USER};
pub(crate) use faults::Fault;
pub(crate) use journal::Entry;
pub(crate) use rbac::{Grant, grants};
pub(crate) use resources::Resource;
pub(crate) use watch::Streaming;

use server::Server;
use store::State;

/// A cluster of which there is only the API server.
pub(crate) struct Cluster {
    shared: Arc<Shared>,
    server: Server,
}

/// How the server is reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Options {
    pub(crate) tls: bool,
    pub(crate) login: Login,
}

/// What requests and tests both see.
struct Shared {
    state: Mutex<State>,
    signals: signal::Sender<Signals>,
}

/// What open watches wait for.
#[derive(Clone, Copy, Debug, Default)]
struct Signals {
    revision: u64,
    /// How often all watches were broken off, ended, sent a bookmark.
    broken: u64,
    ended: u64,
    bookmarks: u64,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Does something to the state and wakes the watches.
    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.state();
        let result = change(&mut state);
        let revision = state.revision();
        drop(state);
        self.signals
            .send_modify(|signals| signals.revision = revision);
        result
    }
}

impl Cluster {
    /// Plain HTTP, the token in the kubeconfig.
    pub(crate) async fn start() -> Self {
        Self::with(Options::default()).await
    }

    pub(crate) async fn with(options: Options) -> Self {
        let shared = Arc::new(Shared {
            state: Mutex::new(State::new()),
            signals: signal::Sender::default(),
        });
        let server = Server::start(Arc::clone(&shared), options).await;
        Self { shared, server }
    }

    /// `https://127.0.0.1:40123`.
    pub(crate) fn url(&self) -> String {
        self.server.url()
    }

    /// A kubeconfig for this cluster. It lives as long as the cluster.
    pub(crate) fn kubeconfig(&self) -> PathBuf {
        self.server.kubeconfig(&self.shared.state().access)
    }

    /// Puts an object in place of the one that was there, if any; its CRD too.
    pub(crate) fn apply(&self, object: Value) {
        self.shared.change(|state| state.apply(object));
    }

    /// Puts something in that is no proper object, under a name for `delete`.
    pub(crate) fn apply_broken(&self, plural: &str, name: &str, object: Value) {
        self.shared
            .change(|state| state.apply_broken(plural, name, object));
    }

    /// Takes an object out; `namespace` is empty for kinds outside namespaces.
    /// Panics when it is not there.
    pub(crate) fn delete(&self, kind: &str, namespace: &str, name: &str) {
        self.shared
            .change(|state| state.delete_kind(kind, namespace, name));
    }

    /// An object as it is now.
    pub(crate) fn get(&self, kind: &str, namespace: &str, name: &str) -> Option<Value> {
        self.shared.state().get_kind(kind, namespace, name)
    }

    /// All objects of a kind, by namespace and name.
    pub(crate) fn all(&self, kind: &str) -> Vec<Value> {
        self.shared.state().all_of_kind(kind)
    }

    /// Puts a CRD in, which any object of the kind would do too.
    pub(crate) fn install(&self, resource: Resource) {
        self.shared.change(|state| state.install(resource));
    }

    /// Puts in the CRD of a kind that is known here.
    pub(crate) fn install_known(&self, kind: &str) {
        let resource = resources::known(kind);
        self.shared.change(|state| state.install(resource));
    }

    /// Takes a CRD out and its objects with it.
    pub(crate) fn uninstall(&self, kind: &str) {
        self.shared.change(|state| state.uninstall(kind));
        // The server ends the watches of a CRD that goes.
        self.end_watches();
    }

    /// Nodes and CiliumNodes, as large as real ones.
    pub(crate) fn apply_fleet(&self, nodes: usize) {
        self.shared.change(|state| {
            for index in 0..nodes {
                state.apply(fleet::node(index));
                state.apply(fleet::cilium_node(index));
            }
        });
    }

    /// Takes the right to do something away: `("list", "ciliumnodes")`.
    /// `*` is every verb, or every resource.
    pub(crate) fn forbid(&self, verb: &str, plural: &str) {
        self.shared.state().access.forbid(verb, plural);
    }

    /// Gives it back.
    pub(crate) fn allow(&self, verb: &str, plural: &str) {
        self.shared.state().access.allow(verb, plural);
    }

    /// Limits the right to a resource to some names, as `resourceNames` of a
    /// ClusterRole does.
    pub(crate) fn allow_only_named(&self, plural: &str, names: &[&str]) {
        self.shared.state().access.only_named(plural, names);
    }

    /// Allows this and nothing else.
    pub(crate) fn grant_only(&self, grants: BTreeSet<Grant>) {
        self.shared.state().access.grant_only(grants);
    }

    /// What was granted and never asked for.
    pub(crate) fn unused_grants(&self) -> BTreeSet<Grant> {
        self.shared.state().access.unused_grants()
    }

    /// Makes the token invalid that clients have.
    pub(crate) fn expire_token(&self) {
        self.shared.state().access.expire();
    }

    /// Makes a new token and puts it where the kubeconfig points to. With
    /// [`Login::Token`] the kubeconfig has to be read again.
    pub(crate) fn renew_token(&self) {
        let mut state = self.shared.state();
        state.access.renew();
        self.server.write_credentials(&state.access);
    }

    /// Whether lists may be streamed. Default: yes.
    pub(crate) fn streaming(&self, streaming: Streaming) {
        self.shared.state().streaming = streaming;
    }

    /// Whether a watch that asks for too old a version is answered with the
    /// status 410 instead of an event. Default: no.
    pub(crate) fn gone_as_status(&self, yes: bool) {
        self.shared.state().gone_as_status = yes;
    }

    /// The next `times` requests with this verb for this resource fail.
    /// `*` is every verb, or every resource.
    pub(crate) fn fail(&self, verb: &str, plural: &str, times: usize, fault: Fault) {
        self.shared.state().faults.add(verb, plural, times, fault);
    }

    /// Nothing fails any more.
    pub(crate) fn heal(&self) {
        self.shared.state().faults.clear();
    }

    /// Breaks the connections of all watches off.
    pub(crate) fn drop_watches(&self) {
        self.shared
            .signals
            .send_modify(|signals| signals.broken += 1);
    }

    /// Ends all watches, as the server does from time to time.
    pub(crate) fn end_watches(&self) {
        self.shared
            .signals
            .send_modify(|signals| signals.ended += 1);
    }

    /// Sends a bookmark on all watches that want some.
    pub(crate) fn bookmark(&self) {
        self.shared
            .signals
            .send_modify(|signals| signals.bookmarks += 1);
    }

    /// Forgets all changes until now, as etcd's compaction does.
    pub(crate) fn expire_history(&self) {
        self.shared.state().compact();
    }

    /// How many watches are open.
    pub(crate) fn open_watches(&self) -> usize {
        self.shared.signals.receiver_count()
    }

    /// Closes the port and every connection.
    pub(crate) async fn stop(&mut self) {
        self.server.stop().await;
    }

    /// Opens the same port again.
    pub(crate) async fn resume(&mut self) {
        self.server.open(Arc::clone(&self.shared)).await;
    }

    pub(crate) async fn restart(&mut self) {
        self.stop().await;
        self.resume().await;
    }

    /// The requests since the start or the last [`Self::forget`].
    pub(crate) fn journal(&self) -> Vec<Entry> {
        self.shared.state().journal.entries()
    }

    /// The requests with this verb for this resource.
    pub(crate) fn requests(&self, verb: &str, plural: &str) -> Vec<Entry> {
        let mut entries = self.journal();
        entries.retain(|entry| entry.is(verb, plural));
        entries
    }

    pub(crate) fn forget(&self) {
        self.shared.state().journal.clear();
    }
}

/// Waits until something is so.
pub(crate) async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    for _ in 0..3000 {
        if is_so() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("waited half a minute in vain until {what}");
}
