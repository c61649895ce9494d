//! Why the policy could not answer.

use std::path::PathBuf;
use std::time::Duration;

/// An error of the policy. None of them keeps later calls from working.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file with the policy component cannot be read.
    #[error("cannot read the policy {}: {source}", path.display())]
    Unreadable {
        path: PathBuf,
        source: std::io::Error,
    },
    /// What was given is no component, or none of the world `policy`.
    #[error(
        "not a podroute policy: {0}; a policy is a WebAssembly component that exports the world podroute:policy/policy and imports nothing"
    )]
    NotAPolicy(String),
    /// The policy ran longer than the limit allows.
    #[error("the policy did not answer within {}; raise the limit if the cluster is very large", seconds(*.0))]
    Deadline(Duration),
    /// The policy wanted more memory than the limit allows.
    #[error("the policy needs more than {} MiB of memory; raise the limit if the cluster is very large", .0 / (1024 * 1024))]
    OutOfMemory(usize),
    /// The policy crashed.
    #[error("the policy crashed: {0}")]
    Trap(String),
    /// The cluster was lost in an earlier error of its own.
    #[error(
        "this cluster was lost when the policy failed earlier; open a new one and put the objects in again"
    )]
    Lost,
    /// A setting has a value that cannot be used.
    #[error("setting `{name}`: {message}")]
    InvalidSetting { name: String, message: String },
    /// The request is not what the policy takes.
    #[error("invalid request: {0}")]
    InvalidRequest(String),
    /// The policy's own words for anything else.
    #[error("{0}")]
    Policy(String),
    /// The WebAssembly runtime itself failed.
    #[error("the WebAssembly runtime failed: {0}")]
    Runtime(String),
}

impl Error {
    /// Wasmtime explains at length; here it has one line.
    pub(super) fn not_a_policy(error: &wasmtime::Error) -> Self {
        let text = format!("{error:#}");
        let words: Vec<&str> = text.split_whitespace().collect();
        Self::NotAPolicy(words.join(" "))
    }
}

fn seconds(duration: Duration) -> String {
    match duration.as_millis() {
        millis if millis < 1_000 => format!("{millis} ms"),
        _ => format!("{} s", duration.as_secs()),
    }
}
