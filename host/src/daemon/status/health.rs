//! Whether the loops of the daemon still go round.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The loops that have to go round. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Health(Arc<Mutex<Vec<Arc<Loop>>>>);

/// What a loop holds on to. The loop is taken for dead when it does not beat
/// in time, and when it lets go of this: it has returned then, or panicked.
#[derive(Debug)]
pub struct Heartbeat(Arc<Loop>);

#[derive(Debug)]
struct Loop {
    name: String,
    limit: Duration,
    begun: Instant,
    /// Milliseconds from `begun` to the last beat.
    beat: AtomicU64,
    ended: AtomicBool,
}

impl Health {
    /// A loop that beats at least every `limit` from now on, also when it has
    /// nothing to do. Takes the place of a former one of the same name.
    pub fn expect(&self, name: &str, limit: Duration) -> Heartbeat {
        let new = Arc::new(Loop {
            name: name.to_owned(),
            limit,
            begun: Instant::now(),
            beat: AtomicU64::new(0),
            ended: AtomicBool::new(false),
        });
        let mut loops = self.loops();
        loops.retain(|former| former.name != name);
        loops.push(Arc::clone(&new));
        Heartbeat(new)
    }

    /// What hangs, one sentence each.
    pub fn hanging(&self, now: Instant) -> Vec<String> {
        self.loops()
            .iter()
            .filter_map(|one| one.hangs(now))
            .collect()
    }

    fn loops(&self) -> MutexGuard<'_, Vec<Arc<Loop>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Heartbeat {
    pub fn beat(&self) {
        let millis = u64::try_from(self.0.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.0.beat.store(millis, Ordering::Relaxed);
    }
}

impl Drop for Heartbeat {
    fn drop(&mut self) {
        self.0.ended.store(true, Ordering::Relaxed);
    }
}

impl Loop {
    fn hangs(&self, now: Instant) -> Option<String> {
        let name = &self.name;
        if self.ended.load(Ordering::Relaxed) {
            return Some(format!("the {name} has ended"));
        }
        let beat = Duration::from_millis(self.beat.load(Ordering::Relaxed));
        let silent = now
            .saturating_duration_since(self.begun)
            .saturating_sub(beat);
        (silent > self.limit).then(|| {
            format!(
                "the {name} has not shown itself for {} s; it should every {} s",
                silent.as_secs(),
                self.limit.as_secs()
            )
        })
    }
}
