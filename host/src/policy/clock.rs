//! The clock behind deadlines: a thread that counts an engine's epochs up
//! while calls are under way, and sleeps otherwise.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use wasmtime::{Engine, EngineWeak};

/// How long an epoch is: the precision of deadlines.
const TICK: Duration = Duration::from_millis(10);

/// Counts the epochs of one engine.
#[derive(Debug)]
pub(super) struct Clock {
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    calls: Mutex<Calls>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Calls {
    under_way: usize,
    stopped: bool,
}

/// A call under way; time passes as long as it lives.
pub(super) struct Call<'a>(&'a State);

impl Clock {
    pub(super) fn start(engine: &Engine) -> Self {
        let state = Arc::new(State::default());
        let (shared, engine) = (Arc::clone(&state), engine.weak());
        thread::spawn(move || tick(&shared, &engine));
        Self { state }
    }

    pub(super) fn call(&self) -> Call<'_> {
        self.state.lock().under_way += 1;
        self.state.changed.notify_all();
        Call(&self.state)
    }

    /// How many epochs a deadline takes. One more than fits, since the first
    /// may be over at once.
    pub(super) fn epochs(deadline: Duration) -> u64 {
        let ticks = deadline.as_millis() / TICK.as_millis();
        u64::try_from(ticks)
            .unwrap_or(u64::MAX / 2)
            .saturating_add(1)
    }
}

impl Drop for Clock {
    fn drop(&mut self) {
        self.state.lock().stopped = true;
        self.state.changed.notify_all();
    }
}

impl Drop for Call<'_> {
    fn drop(&mut self) {
        self.0.lock().under_way -= 1;
    }
}

impl State {
    fn lock(&self) -> std::sync::MutexGuard<'_, Calls> {
        // A panic elsewhere leaves the two fields as good as they were.
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A late tick is one tick: epochs that a busy machine missed are not caught
/// up on, which would end calls before their time.
fn tick(state: &State, engine: &EngineWeak) {
    loop {
        let mut calls = state.lock();
        while calls.under_way == 0 && !calls.stopped {
            calls = state
                .changed
                .wait(calls)
                .unwrap_or_else(PoisonError::into_inner);
        }
        if calls.stopped {
            return;
        }
        drop(calls);
        thread::sleep(TICK);
        match engine.upgrade() {
            Some(engine) => engine.increment_epoch(),
            None => return,
        }
    }
}
