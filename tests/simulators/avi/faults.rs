//! What goes wrong when a test asks for it.

use std::time::Duration;

use tokio::sync::watch;

#[derive(Clone)]
pub(crate) enum Fault {
    /// Answers this instead of doing anything.
    Answer(u16, String),
    /// Sends the client elsewhere.
    Redirect(String),
    /// Answers late.
    Delay(Duration),
    /// Does it, and breaks off in the middle of the answer.
    Cut,
    /// Does it, and answers with the first half, as if that were all.
    Half,
    /// The connection breaks before anything is done.
    ResetBefore,
    /// The connection breaks after it is done, before the answer.
    ResetAfter,
    /// All sessions end just before.
    Expire,
    /// See [`super::Controller::pause_before`].
    PauseBefore(Pause),
    /// See [`super::Controller::pause_after`].
    PauseAfter(Pause),
}

/// The test's end of a pause. The request goes on when it is released or
/// dropped.
pub(crate) struct Gate {
    reached: watch::Receiver<bool>,
    release: watch::Sender<bool>,
}

/// The controller's end.
#[derive(Clone)]
pub(crate) struct Pause {
    reached: watch::Sender<bool>,
    released: watch::Receiver<bool>,
}

impl Gate {
    pub(super) fn new() -> (Self, Pause) {
        let (reach, reached) = watch::channel(false);
        let (release, released) = watch::channel(false);
        let pause = Pause {
            reached: reach,
            released,
        };
        (Self { reached, release }, pause)
    }

    /// Returns when the request stands there.
    pub(crate) async fn reached(&mut self) {
        let wait = self.reached.wait_for(|reached| *reached);
        tokio::time::timeout(Duration::from_mins(1), wait)
            .await
            .expect("a request within a minute")
            .expect("a controller");
    }

    pub(crate) fn release(self) {
        let _ = self.release.send(true);
    }
}

impl Pause {
    pub(super) async fn wait(&mut self) {
        let _ = self.reached.send(true);
        let _ = self.released.wait_for(|released| *released).await;
    }
}

/// Faults to come, each for requests that start in some way.
#[derive(Default)]
pub(super) struct Faults(Vec<Planned>);

struct Planned {
    times: usize,
    request: String,
    fault: Fault,
}

impl Faults {
    pub(super) fn add(&mut self, times: usize, request: &str, fault: Fault) {
        self.0.push(Planned {
            times,
            request: request.to_owned(),
            fault,
        });
    }

    /// The fault for a request. The first that was planned comes first.
    pub(super) fn take(&mut self, line: &str) -> Option<Fault> {
        let planned = self
            .0
            .iter_mut()
            .find(|planned| planned.times > 0 && line.starts_with(&planned.request))?;
        planned.times -= 1;
        Some(planned.fault.clone())
    }
}
