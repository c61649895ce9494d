//! Files that may change while the server runs: those of a Kubernetes Secret
//! do, by a link that is exchanged. Whatever the change was, looking at what
//! they hold now finds it.

use std::fmt;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use tokio::time;
use tokio_util::sync::CancellationToken;
use tracing::{error, info};

/// What is made of files, and made anew while it is in use.
pub(crate) trait FromFiles<const N: usize>: Clone {
    fn from_files(contents: &[Vec<u8>; N]) -> Result<Self, String>;

    /// Puts another in its place, for all of its clones.
    fn replace(&self, new: Self);
}

/// Where contents come from.
#[derive(Clone)]
pub(crate) enum Contents {
    File(PathBuf),
    /// Something else keeps them.
    Kept(Arc<dyn Fn() -> Vec<u8> + Send + Sync>),
}

impl Contents {
    fn read(&self) -> Result<Vec<u8>, String> {
        match self {
            Self::File(path) => {
                fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()))
            }
            Self::Kept(read) => Ok(read()),
        }
    }
}

impl fmt::Display for Contents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Kept(_) => f.write_str("of podroute's own making"),
        }
    }
}

/// Files, and what was made of them.
pub(crate) struct Watched<T, const N: usize> {
    /// For logs and metrics.
    name: &'static str,
    sources: [Contents; N],
    /// What they held when they were last looked at, or why that is not known.
    /// Secret.
    last: Result<[Vec<u8>; N], String>,
    made: T,
}

impl<T: FromFiles<N>, const N: usize> Watched<T, N> {
    pub(crate) fn open(name: &'static str, sources: [Contents; N]) -> Result<Self, String> {
        let last = read(&sources);
        Ok(Self {
            made: make(&sources, &last)?,
            name,
            sources,
            last,
        })
    }

    pub(crate) fn made(&self) -> T {
        self.made.clone()
    }

    /// Looks at the files again and again until told to stop. What cannot be
    /// used is told once; what was there before stays in use.
    pub(crate) async fn watch(
        mut self,
        reloads: &Reloads,
        every: Duration,
        stop: &CancellationToken,
    ) {
        reloads.current(self.name);
        while time::timeout(every, stop.cancelled()).await.is_err() {
            let now = read(&self.sources);
            if now == self.last {
                continue;
            }
            let made = make(&self.sources, &now);
            self.last = now;
            reloads.reloaded(self.name, made.is_ok());
            match made {
                Ok(new) => {
                    self.made.replace(new);
                    info!("the server uses the new {}", self.name);
                }
                Err(reason) => error!(
                    "the server goes on with the former {}, for the new one cannot be used: {reason}",
                    self.name
                ),
            }
        }
    }
}

/// How often files were looked at again, and what came of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reloads {
    counts: Family<ByFile, Counter>,
    outdated: Family<OneFile, Gauge>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByFile {
    file: &'static str,
    result: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OneFile {
    file: &'static str,
}

impl Reloads {
    /// Metrics of which the names start with `of`.
    pub(crate) fn register(registry: &mut Registry, of: &str) -> Self {
        let new = Self::default();
        registry.register(
            format!("{of}_file_reloads"),
            "How often a file of the server had changed, by whether it could be taken over",
            new.counts.clone(),
        );
        registry.register(
            format!("{of}_file_outdated"),
            "1 while the server goes on with what a file held before, because it cannot be used as it is now",
            new.outdated.clone(),
        );
        new
    }

    /// A file is in use as it is.
    fn current(&self, file: &'static str) {
        self.outdated.get_or_create(&OneFile { file }).set(0);
    }

    /// A file has changed.
    fn reloaded(&self, file: &'static str, usable: bool) {
        let result = if usable { "ok" } else { "failed" };
        self.counts.get_or_create(&ByFile { file, result }).inc();
        self.outdated
            .get_or_create(&OneFile { file })
            .set(i64::from(!usable));
    }
}

// A few kilobytes on this machine: not worth a thread.
fn read<const N: usize>(sources: &[Contents; N]) -> Result<[Vec<u8>; N], String> {
    let mut contents = [const { Vec::new() }; N];
    for (content, source) in contents.iter_mut().zip(sources) {
        *content = source.read()?;
    }
    Ok(contents)
}

fn make<T: FromFiles<N>, const N: usize>(
    sources: &[Contents; N],
    contents: &Result<[Vec<u8>; N], String>,
) -> Result<T, String> {
    let contents = contents.as_ref().map_err(Clone::clone)?;
    T::from_files(contents).map_err(|reason| {
        let names = sources.each_ref().map(ToString::to_string);
        format!("{}: {reason}", names.join(", "))
    })
}
