//! Where the status hangs, for everybody to read.

use std::sync::Arc;

use tokio::sync::watch;

use super::Status;

/// The status as it is now. Cheap to clone; all clones are the same board.
///
/// Readers get a value of their own that does not change under them. Nobody
/// waits for anybody: a change made while readers still look at the old value
/// goes to a copy.
#[derive(Clone, Debug)]
pub struct Board(Arc<watch::Sender<Arc<Status>>>);

impl Board {
    pub fn new(status: Status) -> Self {
        Self(Arc::new(watch::Sender::new(Arc::new(status))))
    }

    /// Changes the status. Readers see all of the change or nothing of it.
    pub fn change(&self, change: impl FnOnce(&mut Status)) {
        self.0.send_modify(|status| change(Arc::make_mut(status)));
    }

    pub fn now(&self) -> Arc<Status> {
        Arc::clone(&self.0.borrow())
    }

    /// For waiting until the status changes.
    pub fn subscribe(&self) -> watch::Receiver<Arc<Status>> {
        self.0.subscribe()
    }
}

impl Default for Board {
    fn default() -> Self {
        Self::new(Status::new())
    }
}
