//! What a policy may use: memory and time, and nothing else.

use std::time::Duration;

use wasmtime::ResourceLimiter;

/// The limits of every call. Set them with
/// [`Policy::with_limits`](super::Policy::with_limits).
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of memory, for one cluster or one evaluation. WebAssembly can
    /// address 4 GiB. Beyond it is [`Error::OutOfMemory`](super::Error::OutOfMemory).
    ///
    /// 5,000 Nodes of 6 KB as one JSON request need 40 MiB.
    pub memory: usize,
    /// Wall time of one call. Beyond it is
    /// [`Error::Deadline`](super::Error::Deadline).
    pub deadline: Duration,
}

impl Default for Limits {
    /// 2 GiB and a minute: enough for a hundred thousand nodes.
    fn default() -> Self {
        Self {
            memory: 2 << 30,
            deadline: Duration::from_mins(1),
        }
    }
}

/// Counts the memory of one instance.
#[derive(Debug)]
pub(super) struct Meter {
    limit: usize,
    /// The bytes of all its memories together.
    used: usize,
    /// The instance asked for more than it may have.
    pub(super) refused: bool,
}

impl Meter {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limit: limits.memory,
            used: 0,
            refused: false,
        }
    }
}

impl ResourceLimiter for Meter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let total = self.used.saturating_add(desired.saturating_sub(current));
        let allowed = total <= self.limit && maximum.is_none_or(|maximum| desired <= maximum);
        if allowed {
            self.used = total;
        }
        self.refused |= !allowed;
        Ok(allowed)
    }

    fn table_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        // Tables hold function pointers; their number is that of functions.
        let allowed = desired <= 100_000;
        self.refused |= !allowed;
        Ok(allowed)
    }
}
