//! How much of the server one client, or all of them, may take.

use std::time::Duration;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections that are open at a time, on each address. More are closed
    /// at once.
    pub connections: usize,
    /// Requests that are worked on at a time, probes not counted. More wait.
    pub requests: usize,
    /// Bytes of a request's body.
    pub body: usize,
    /// How long the head of a request may take, and how long a connection may
    /// wait for the next request.
    pub header: Duration,
    /// How long a request may take, its body and the work on it.
    pub request: Duration,
    /// How long a client may refuse to take more of an answer.
    pub stall: Duration,
    /// How long requests that are under way may take when the daemon ends.
    pub shutdown: Duration,
    /// How often it is looked whether the certificate, its key or the tokens
    /// have changed.
    pub reread: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 256,
            requests: 16,
            body: 64 * 1024,
            header: Duration::from_secs(30),
            request: Duration::from_secs(90),
            stall: Duration::from_secs(30),
            shutdown: Duration::from_secs(10),
            reread: Duration::from_secs(2),
        }
    }
}
