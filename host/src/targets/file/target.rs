//! The target itself: what its table is, and the order of a write.

use std::sync::Arc;

use async_trait::async_trait;

use super::super::{Changes, Error, Table, Target, Written};
use super::command;
use super::held::Held;
use super::replace::Draft;
use super::settings::Settings;
use super::state::State;
use super::step::Step;
use super::template::render;

pub(super) struct FileTarget {
    name: String,
    settings: Arc<Settings>,
    /// What the last read saw.
    seen: Option<Held>,
}

impl FileTarget {
    pub(super) fn new(settings: Arc<Settings>) -> Self {
        Self {
            name: format!("file {}", settings.output.display()),
            settings,
            seen: None,
        }
    }

    async fn check(&self, draft: &Draft) -> Result<(), Error> {
        let Some(check) = &self.settings.check else {
            return Ok(());
        };
        let script = check.replace("{}", &command::quoted(draft.path()));
        command::run(&script, draft.path(), self.settings.timeout)
            .await
            .map_err(|reason| {
                Error::Refused(format!(
                    "the --check command on the new text of {} {reason}; the old file stays; mend \
                     the template or the command",
                    self.settings.output.display()
                ))
            })
    }

    async fn reload(&self, mut state: State) -> Result<(), Error> {
        let Some(reload) = self
            .settings
            .reload
            .as_ref()
            .filter(|_| state.reload_pending)
        else {
            return Ok(());
        };
        command::run(reload, &self.settings.output, self.settings.timeout)
            .await
            .map_err(|reason| {
                Error::Unavailable(format!(
                    "{} is written, but the --reload command {reason}; it is run again until it \
                     succeeds: mend what it complains of, or the command",
                    self.settings.output.display()
                ))
            })?;
        state.reload_pending = false;
        let settings = Arc::clone(&self.settings);
        aside(move || state.save(&settings.state)).await
    }
}

#[async_trait]
impl Target for FileTarget {
    fn name(&self) -> &str {
        &self.name
    }

    async fn read(&mut self) -> Result<Table, Error> {
        let settings = Arc::clone(&self.settings);
        let (held, table) = aside(move || {
            let held = Held::read(&settings)?;
            let table = table(&held, &settings)?;
            Ok((held, table))
        })
        .await?;
        self.seen = Some(held);
        Ok(table)
    }

    async fn write(&mut self, changes: &Changes) -> Result<Written, Error> {
        let (settings, seen) = (Arc::clone(&self.settings), self.seen.take());
        let changes = changes.clone();
        let step = aside(move || Step::prepare(&settings, seen.as_ref(), &changes)).await?;
        if let Some(draft) = &step.draft {
            self.check(draft).await?;
        }
        let settings = Arc::clone(&self.settings);
        let state = aside(move || step.commit(&settings)).await?;
        self.reload(state).await?;
        Ok(Written::default())
    }
}

fn table(held: &Held, settings: &Settings) -> Result<Table, Error> {
    let template = settings.template()?;
    let Some(state) = held.state() else {
        return Ok(Table {
            stale: true,
            notes: held.foreign(settings, None).into_iter().collect(),
            ..Table::default()
        });
    };
    // A template that fails on the old routes may still do for the new ones;
    // if it does not, the write says so.
    let is_right = render(&template, &settings.owner, &state.wanted())
        .is_ok_and(|text| held.output_is(&text, settings));
    let is_reloaded = settings.reload.is_none() || !state.reload_pending;
    Ok(Table {
        routes: state.observed(),
        stale: !is_right || !is_reloaded || state.owner != settings.owner,
        notes: Vec::new(),
    })
}

/// Does what may wait for the disk where it holds up nothing else.
async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| {
            Err(Error::Unavailable(format!(
                "work on files was cut off: {error}; it is tried again, and if that does not \
                 help, report this as a bug"
            )))
        })
}
