//! Routes of ours in tables that no setting names: left from before somebody
//! chose another VRF.

use tokio::time::Instant;
use tracing::{info, warn};

use super::Table;
use crate::targets::cleanup;

impl Table {
    /// Empties other tables of the same device of our routes. What goes wrong
    /// is tried again the next time.
    pub(super) async fn clear_strays(&mut self) {
        let shared = &self.shared;
        let terms = &shared.terms;
        self.strays_due = Instant::now() + terms.drift;
        let strays = match self.bound.target.strays(&terms.owner).await {
            Ok(strays) => strays,
            Err(error) => {
                return warn!(
                    table = self.name,
                    "it is not known whether other tables hold routes of ours: {error}"
                );
            }
        };
        for mut stray in strays {
            let table = stray.name().to_owned();
            // Also beside AKO: what it writes, it writes to one of the others.
            let may_be_akos = stray.is_akos()
                && shared
                    .rivals
                    .borrow()
                    .as_ref()
                    .is_none_or(|akos| !akos.is_empty());
            if may_be_akos || !shared.leadership.is_leading_now() {
                return;
            }
            let cleaned = cleanup::clean(
                stray.as_mut(),
                &shared.policy,
                &terms.owner,
                &terms.former_owners,
                terms.dry_run,
            );
            match cleaned.await {
                Ok(cleaned) => info!(
                    table,
                    deleted = cleaned.plan.deletes.len(),
                    refused = cleaned.written.failed.len(),
                    dry_run = terms.dry_run,
                    "no setting names this table any more: routes of ours are taken out"
                ),
                Err(error) => warn!(table, "routes of ours cannot be taken out: {error}"),
            }
        }
    }
}
