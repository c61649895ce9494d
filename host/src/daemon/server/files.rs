//! Files that may change while the server runs: those of a Kubernetes Secret
//! do, by a link that is exchanged. Whatever the change was, looking at what
//! they hold now finds it.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use tokio::time;
use tokio_util::sync::CancellationToken;
use tracing::{error, info};

use crate::daemon::metrics::Metrics;

/// What is made of files, and made anew while it is in use.
pub(super) trait FromFiles<const N: usize>: Clone {
    fn from_files(contents: &[Vec<u8>; N]) -> Result<Self, String>;

    /// Puts another in its place, for all of its clones.
    fn replace(&self, new: Self);
}

/// Files, and what was made of them.
pub(super) struct Watched<T, const N: usize> {
    /// For logs and metrics.
    name: &'static str,
    paths: [PathBuf; N],
    /// What they held when they were last looked at, or why that is not known.
    /// Secret.
    last: Result<[Vec<u8>; N], String>,
    made: T,
}

impl<T: FromFiles<N>, const N: usize> Watched<T, N> {
    pub(super) fn open(name: &'static str, paths: [PathBuf; N]) -> Result<Self, String> {
        let last = read(&paths);
        Ok(Self {
            made: make(&paths, &last)?,
            name,
            paths,
            last,
        })
    }

    pub(super) fn made(&self) -> T {
        self.made.clone()
    }

    /// Looks at the files again and again until told to stop. What cannot be
    /// used is told once; what was there before stays in use.
    pub(super) async fn watch(
        mut self,
        metrics: &Metrics,
        every: Duration,
        stop: &CancellationToken,
    ) {
        metrics.file_current(self.name);
        while time::timeout(every, stop.cancelled()).await.is_err() {
            let now = read(&self.paths);
            if now == self.last {
                continue;
            }
            let made = make(&self.paths, &now);
            self.last = now;
            metrics.file_reloaded(self.name, made.is_ok());
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

// A few kilobytes on this machine: not worth a thread.
fn read<const N: usize>(paths: &[PathBuf; N]) -> Result<[Vec<u8>; N], String> {
    let mut contents = [const { Vec::new() }; N];
    for (content, path) in contents.iter_mut().zip(paths) {
        *content =
            fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    }
    Ok(contents)
}

fn make<T: FromFiles<N>, const N: usize>(
    paths: &[PathBuf; N],
    contents: &Result<[Vec<u8>; N], String>,
) -> Result<T, String> {
    let contents = contents.as_ref().map_err(Clone::clone)?;
    T::from_files(contents).map_err(|reason| {
        let names = paths.each_ref().map(|path| path.display().to_string());
        format!("{}: {reason}", names.join(", "))
    })
}
