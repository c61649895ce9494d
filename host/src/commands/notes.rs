//! What is said on standard error besides errors: notes, and progress where
//! somebody waits. `--quiet` switches both off.

use std::fmt::Display;
use std::io::{self, IsTerminal};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use podroute::render::style;

static QUIET: AtomicBool = AtomicBool::new(false);

/// What takes less time than this needs no progress.
const PATIENCE: Duration = Duration::from_secs(1);

/// Decides for the whole process.
pub(super) fn set_quiet(quiet: bool) {
    QUIET.store(quiet, Ordering::Relaxed);
}

pub(super) fn is_quiet() -> bool {
    QUIET.load(Ordering::Relaxed)
}

pub(super) fn note(text: impl Display) {
    if !is_quiet() {
        anstream::eprintln!("{}: {text}", style::info("note"));
    }
}

/// A count that is shown while it grows, on a terminal, once it takes long.
pub(super) struct Progress {
    what: &'static str,
    start: Instant,
    count: usize,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// `what` is counted: "objects read".
    pub(super) fn start(what: &'static str) -> Self {
        Self {
            what,
            start: Instant::now(),
            count: 0,
            bar: None,
        }
    }

    pub(super) fn add(&mut self, count: usize) {
        self.count += count;
        self.show(format!("{} {}", self.count, self.what));
    }

    /// Nothing more is counted, and yet it takes its time.
    pub(super) fn then(&mut self, what: &str) {
        self.show(format!("{} {}, {what}", self.count, self.what));
    }

    fn show(&mut self, message: String) {
        let is_due = self.bar.is_some() || self.start.elapsed() > PATIENCE;
        if is_due && !is_quiet() && io::stderr().is_terminal() {
            let bar = self.bar.get_or_insert_with(|| {
                let bar = ProgressBar::new_spinner();
                bar.set_style(ProgressStyle::default_spinner());
                bar.enable_steady_tick(Duration::from_millis(120));
                bar
            });
            bar.set_message(message);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
