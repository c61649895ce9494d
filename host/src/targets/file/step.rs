//! From the old files to the new ones.

use std::collections::HashSet;

use super::super::{Changes, Error, Wanted};
use super::held::Held;
use super::replace::{Access, Draft};
use super::settings::Settings;
use super::state::State;
use super::template::{order, render};

/// A write that is ready to be made.
pub(super) struct Step {
    /// None: the output file is right already.
    pub(super) draft: Option<Draft>,
    state: State,
}

impl Step {
    pub(super) fn prepare(
        settings: &Settings,
        seen: Option<&Held>,
        changes: &Changes,
    ) -> Result<Self, Error> {
        let held = Held::read(settings)?;
        if seen.is_some_and(|seen| *seen != held) {
            return Err(Error::Conflict(format!(
                "{} or its state file changed while the changes to it were worked out; they are \
                 worked out anew",
                settings.output.display()
            )));
        }
        if !settings.overwrite {
            refuse_other_owner(&held, settings, changes)?;
        }
        let routes = routes_after(held.state(), changes);
        let text = render(&settings.template()?, &changes.owner, &routes)?;
        if let Some(reason) = held.foreign(settings, Some(&text)) {
            return Err(Error::Refused(reason));
        }
        let draft = if held.output_is(&text, settings) {
            None
        } else {
            let access = access(&held, settings);
            Some(Draft::write(&settings.output, &text, access)?)
        };
        let was_reloaded = held.state().is_some_and(|state| !state.reload_pending);
        let reload = settings.reload.is_some() && (draft.is_some() || !was_reloaded);
        Ok(Self {
            state: State::new(&settings.output, &changes.owner, reload, &routes),
            draft,
        })
    }

    /// The state first: see the steps in this module's parent.
    pub(super) fn commit(self, settings: &Settings) -> Result<State, Error> {
        self.state.save(&settings.state)?;
        if let Some(draft) = self.draft {
            draft.publish()?;
        }
        Ok(self.state)
    }
}

/// A file has one owner: a second one would lose its routes here, and come to
/// take the file back.
fn refuse_other_owner(held: &Held, settings: &Settings, changes: &Changes) -> Result<(), Error> {
    let Some(state) = held.state().filter(|state| state.owner != changes.owner) else {
        return Ok(());
    };
    let updates = changes.updates.iter().map(|route| &route.id);
    let deletes = changes.deletes.iter().map(|route| &route.id);
    let named: HashSet<&String> = updates.chain(deletes).collect();
    let others = state.wanted();
    let others = others.iter().filter(|route| !named.contains(&route.id));
    match others.count() {
        0 => Ok(()),
        count => Err(Error::Refused(format!(
            "{} holds {count} routes of `{}`, and a file holds those of one cluster only; give \
             each cluster an --output of its own (if `{}` is the new name of that cluster: give \
             --overwrite once)",
            settings.output.display(),
            state.owner.escape_debug(),
            changes.owner.escape_debug()
        ))),
    }
}

/// Every route of ours as it should be, and those that nobody asked to
/// change.
fn routes_after(state: Option<&State>, changes: &Changes) -> Vec<Wanted> {
    let deleted: HashSet<&str> = changes.deletes.iter().map(|route| &*route.id).collect();
    let ids: HashSet<&str> = changes.all.iter().map(|route| &*route.id).collect();
    let prefixes: HashSet<_> = changes.all.iter().map(|route| route.prefix).collect();
    let held = state
        .filter(|state| state.owner == changes.owner)
        .map(State::wanted)
        .unwrap_or_default();
    let kept = held.into_iter().filter(|route| {
        let id = route.id.as_str();
        !deleted.contains(id) && !ids.contains(id) && !prefixes.contains(&route.prefix)
    });
    let mut routes: Vec<Wanted> = kept.chain(changes.all.iter().cloned()).collect();
    routes.sort_by(order);
    routes
}

/// Who may read the file does not change with its text.
fn access(held: &Held, settings: &Settings) -> Access {
    let old = held.output.as_ref().map(|output| output.access);
    Access {
        mode: settings.mode.or(old.map(|old| old.mode)).unwrap_or(0o644),
        owner: old.and_then(|old| old.owner),
    }
}
