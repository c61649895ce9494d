//! What would be done to a table, as `podroute.plan/v1`.

use jiff::Timestamp;

use super::Checked;
use crate::daemon::server::documents;
use crate::daemon::tables::Seen;
use crate::policy::Plan;

pub(super) fn render(checked: &Checked<'_>) -> String {
    document(checked.plan)
}

/// The plan of a table, or of none.
pub fn document(plan: Option<(&str, &Plan)>) -> String {
    let tables = plan.map(|(table, plan)| {
        let seen = Seen {
            at: Timestamp::now(),
            plan: plan.clone().into(),
        };
        seen.document(table, true)
    });
    let document = documents::Plan {
        tables: tables.into_iter().collect(),
    };
    // There is nothing in it that JSON cannot say.
    format!("{}\n", document.to_json().unwrap_or_default())
}
