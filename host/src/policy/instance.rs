//! One running instance of the policy, and calls into it within limits.

use std::sync::Arc;
use std::time::{Duration, Instant};

use wasmtime::{Store, Trap};

use super::bindings::Policy as Bindings;
use super::clock::Clock;
use super::limits::Meter;
use super::{Error, Limits, Shared};

/// A deadline for limits that are too long to be counted.
const NO_DEADLINE: Duration = Duration::from_hours(24 * 365);

/// What belongs to an instance.
pub(super) struct State {
    meter: Meter,
}

/// An instance. After any error it is dead: its memory may be half written.
pub(super) struct Instance {
    shared: Arc<Shared>,
    limits: Limits,
    live: Option<Live>,
}

struct Live {
    store: Store<State>,
    bindings: Bindings,
}

impl Instance {
    pub(super) fn new(shared: Arc<Shared>, limits: Limits) -> Result<Self, Error> {
        let state = State {
            meter: Meter::new(limits),
        };
        let mut store = Store::new(&shared.engine, state);
        store.limiter(|state| &mut state.meter);
        // What the policy hands over is bounded by the memory it has.
        store.set_hostcall_fuel(limits.memory);
        // A start function counts as a call: it runs code.
        store.set_epoch_deadline(Clock::epochs(limits.deadline));
        let instantiated = {
            let _time_passes = shared.clock.call();
            shared.instance.instantiate(&mut store)
        };
        let bindings = instantiated.map_err(|error| match explain(&error, &store, limits) {
            // No code of the policy has failed: it does not fit.
            Error::Trap(message) if !error.is::<Trap>() => Error::Runtime(message),
            error => error,
        })?;
        Ok(Self {
            shared,
            limits,
            live: Some(Live { store, bindings }),
        })
    }

    /// Whether an earlier error has left it dead.
    pub(super) fn is_lost(&self) -> bool {
        self.live.is_none()
    }

    /// Calls into the instance. An error leaves it dead.
    pub(super) fn call<T>(
        &mut self,
        call: impl FnOnce(&Bindings, &mut Store<State>) -> wasmtime::Result<T>,
    ) -> Result<T, Error> {
        self.call_until(self.deadline(), call)
    }

    /// When a call that starts now has to be over.
    pub(super) fn deadline(&self) -> Instant {
        let now = Instant::now();
        now.checked_add(self.limits.deadline)
            .unwrap_or(now + NO_DEADLINE)
    }

    /// One of several calls that share a deadline.
    pub(super) fn call_until<T>(
        &mut self,
        end: Instant,
        call: impl FnOnce(&Bindings, &mut Store<State>) -> wasmtime::Result<T>,
    ) -> Result<T, Error> {
        let mut live = self.live.take().ok_or(Error::Lost)?;
        live.store
            .set_epoch_deadline(Clock::epochs(end.saturating_duration_since(Instant::now())));
        live.store.data_mut().meter.refused = false;
        let answer = {
            let _time_passes = self.shared.clock.call();
            call(&live.bindings, &mut live.store)
        };
        match answer {
            Ok(answer) => {
                self.live = Some(live);
                Ok(answer)
            }
            Err(error) => Err(explain(&error, &live.store, self.limits)),
        }
    }
}

/// A guest that is refused memory aborts, which is a trap like any other; the
/// meter knows better. Running out of time is told apart from that.
fn explain(error: &wasmtime::Error, store: &Store<State>, limits: Limits) -> Error {
    match error.downcast_ref::<Trap>() {
        Some(Trap::Interrupt) => Error::Deadline(limits.deadline),
        _ if store.data().meter.refused => Error::OutOfMemory(limits.memory),
        Some(trap) => Error::Trap(trap.to_string()),
        None => Error::Trap(format!("{error:#}")),
    }
}
