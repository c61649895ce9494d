//! A simulator of the Avi Controller: its REST API over TLS, as documented,
//! with the faults that a test asks for.
//!
//! It runs on a thread of its own, so that tests of this process and programs
//! that they start can both talk to it.

// No test asks for everything.
#![allow(dead_code)]

mod api;
mod auth;
mod faults;
mod listener;
mod objects;
mod state;
mod validation;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use tempfile::TempDir;

pub(crate) use faults::{Fault, Gate};
use listener::Listener;
pub(crate) use state::Recorded;
use state::State;

/// The cloud that everything is in unless said otherwise.
pub(crate) const CLOUD: &str = "Default-Cloud";

/// A controller. Gone when dropped.
pub(crate) struct Controller {
    state: Arc<Mutex<State>>,
    listener: Listener,
    files: TempDir,
}

impl Controller {
    /// Version 30.2.1, the user `admin` with the password `hunter2-admin`,
    /// and no VRF context yet.
    pub(crate) fn start() -> Self {
        let files = tempfile::tempdir().expect("a folder");
        let state = Arc::new(Mutex::new(State::new()));
        let listener = Listener::start(api::router(&state), &files.path().join("ca.pem"));
        let controller = Self {
            state,
            listener,
            files,
        };
        controller.write_file("username", "admin\n");
        controller.write_file("password", "hunter2-admin\n");
        controller
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.listener.address()
    }

    pub(crate) fn url(&self) -> String {
        format!("https://{}", self.address())
    }

    /// The authority that signed its certificate.
    pub(crate) fn ca_pem_path(&self) -> PathBuf {
        self.files.path().join("ca.pem")
    }

    /// A folder with `username` and `password` as in a mounted Secret.
    pub(crate) fn credentials(&self) -> &Path {
        self.files.path()
    }

    /// Writes one of the files of that folder.
    pub(crate) fn write_file(&self, name: &str, text: &str) {
        std::fs::write(self.files.path().join(name), text).expect("written");
    }

    // What it holds.

    /// Adds a VRF context to cloud and tenant, or replaces the one that has
    /// the same `uuid`. The text is kept as it is.
    pub(crate) fn set_vrf_in(&self, cloud: &str, tenant: &str, json: &str) {
        self.state().set("vrfcontext", cloud, tenant, json);
    }

    pub(crate) fn set_vrf(&self, json: &str) {
        self.set_vrf_in(CLOUD, "admin", json);
    }

    /// The text of the VRF context of this name, as it is now.
    pub(crate) fn vrf(&self, name: &str) -> String {
        self.state().text("vrfcontext", name)
    }

    pub(crate) fn remove_vrf(&self, name: &str) {
        self.state().remove("vrfcontext", name);
    }

    pub(crate) fn set_se_group(&self, json: &str) {
        self.state().set("serviceenginegroup", CLOUD, "admin", json);
    }

    pub(crate) fn se_group(&self, name: &str) -> String {
        self.state().text("serviceenginegroup", name)
    }

    pub(crate) fn add_tenant(&self, name: &str) {
        self.state().tenants.insert(name.to_owned());
    }

    // Who may do what.

    /// From now on only this password is right. Sessions go on.
    pub(crate) fn set_password(&self, password: &str) {
        self.state().auth.set_password("admin", password);
    }

    pub(crate) fn add_token(&self, token: &str) {
        self.state().auth.add_token("admin", token);
    }

    /// All sessions end: 401 until the next login.
    pub(crate) fn expire_sessions(&self) {
        self.state().auth.expire();
    }

    /// The CSRF tokens of all sessions are replaced: 419, with the new ones
    /// in the answer.
    pub(crate) fn rotate_csrf_tokens(&self) {
        self.state().auth.rotate();
    }

    // What it is.

    /// The version that it has.
    pub(crate) fn set_version(&self, version: &str) {
        version.clone_into(&mut self.state().version);
    }

    /// Old releases do not say at login which version they have.
    pub(crate) fn hide_version_at_login(&self) {
        self.state().says_version_at_login = false;
    }

    pub(crate) fn set_upgrading(&self, upgrading: bool) {
        self.state().upgrading = upgrading;
    }

    // What goes wrong.

    /// The next request that starts like this fails: `PUT /api/vrfcontext/`.
    pub(crate) fn fail_next(&self, request: &str, fault: Fault) {
        self.fail_times(1, request, fault);
    }

    pub(crate) fn fail_times(&self, times: usize, request: &str, fault: Fault) {
        self.state().faults.add(times, request, fault);
    }

    /// Stops the next such request before the controller has done anything.
    pub(crate) fn pause_before(&self, request: &str) -> Gate {
        let (gate, pause) = Gate::new();
        self.fail_next(request, Fault::PauseBefore(pause));
        gate
    }

    /// Stops the next such request after the controller has done it, before
    /// it answers.
    pub(crate) fn pause_after(&self, request: &str) -> Gate {
        let (gate, pause) = Gate::new();
        self.fail_next(request, Fault::PauseAfter(pause));
        gate
    }

    /// Does not listen any more; connections break.
    pub(crate) fn stop(&mut self) {
        self.listener.stop();
    }

    /// Listens again, at the same address.
    pub(crate) fn start_again(&mut self) {
        self.listener.listen();
    }

    // What happened.

    /// Every request so far, in order.
    pub(crate) fn journal(&self) -> Vec<Recorded> {
        self.state().journal.clone()
    }

    /// Those that start like this.
    pub(crate) fn requests(&self, request: &str) -> Vec<Recorded> {
        let mut journal = self.journal();
        journal.retain(|recorded| recorded.line().starts_with(request));
        journal
    }

    fn state(&self) -> MutexGuard<'_, State> {
        state::lock(&self.state)
    }
}
