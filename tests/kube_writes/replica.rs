//! A replica of the daemon, as far as it stands for election.

use std::time::Duration;

use clap::Parser;
use podroute::daemon::leader::{Leadership, Options, State};
use serde_json::Value;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

use crate::simulator::ApiServer;

pub(crate) const LEASE: &str =
    "/apis/coordination.k8s.io/v1/namespaces/podroute-system/leases/podroute";
pub(crate) const SECOND: Duration = Duration::from_secs(1);

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    election: Options,
}

pub(crate) fn options(arguments: &[&str]) -> Options {
    let arguments = ["podroute"].iter().chain(arguments);
    Arguments::try_parse_from(arguments).unwrap().election
}

/// A replica of the daemon that stands for election.
pub(crate) struct Replica {
    pub(crate) leadership: Leadership,
    task: JoinHandle<()>,
}

impl Replica {
    pub(crate) fn start(server: &ApiServer, name: &str) -> Self {
        let options = options(&["--identity", name]);
        let leadership = Leadership::new(&server.client(name), &options);
        let running = leadership.clone();
        let task = tokio::spawn(async move { running.run().await });
        Self { leadership, task }
    }

    pub(crate) fn leads(&self) -> bool {
        self.leadership.is_leading_now()
    }

    /// How long it takes until this replica leads.
    pub(crate) async fn elected(&self) -> Duration {
        let start = Instant::now();
        let mut state = self.leadership.watch();
        let leading = state.wait_for(|state| matches!(state, State::Leading { .. }));
        timeout(60 * SECOND, leading).await.unwrap().unwrap();
        start.elapsed()
    }

    pub(crate) fn crash(&self) {
        self.task.abort();
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The spec of the Lease without its times.
pub(crate) fn spec(server: &ApiServer) -> Value {
    let mut spec = server.get(LEASE).unwrap()["spec"].take();
    for time in ["acquireTime", "renewTime"] {
        assert!(spec.as_object_mut().unwrap().remove(time).is_some());
    }
    spec
}

pub(crate) fn identity(replica: &Replica) -> &str {
    replica.leadership.identity().unwrap()
}
