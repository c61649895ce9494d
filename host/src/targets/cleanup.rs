//! Taking away every route of an owner from a table.

use super::{Error, Target, Written, plan};
use crate::policy::{Plan, PlanRequest, Policy, Settings};

/// What was taken away, or would be.
#[derive(Debug)]
pub struct Cleaned {
    pub plan: Plan,
    /// Empty when nothing was written.
    pub written: Written,
}

/// How often somebody else may write at the same time.
const TRIES: u32 = 5;

/// Takes away every route that carries one of the marks; with `dry_run` only
/// says which. Needs no cluster: what is wanted is nothing.
pub async fn clean(
    target: &mut dyn Target,
    policy: &Policy,
    owner: &str,
    former_owners: &[String],
    dry_run: bool,
) -> Result<Cleaned, Error> {
    let mut tries = 0;
    loop {
        tries += 1;
        match once(target, policy, owner, former_owners, dry_run).await {
            Err(Error::Conflict(_)) if tries < TRIES => {}
            result => return result,
        }
    }
}

async fn once(
    target: &mut dyn Target,
    policy: &Policy,
    owner: &str,
    former_owners: &[String],
    dry_run: bool,
) -> Result<Cleaned, Error> {
    let table = target.read().await?;
    let request = PlanRequest {
        owner: owner.to_owned(),
        former_owners: former_owners.to_vec(),
        node_selector: None,
        observed: table.routes.iter().map(Into::into).collect(),
        delete_share: 100,
        confirmed: None,
        withdraw: true,
    };
    let refused = |error: crate::policy::Error| Error::Refused(error.to_string());
    let mut cluster = policy.open(&Settings::default()).map_err(refused)?;
    let plan = cluster.plan(&request).map_err(refused)?;
    let changes = plan::changes(&plan, owner).map_err(Error::Refused)?;
    let written = if dry_run || (changes.is_empty() && !table.stale) {
        Written::default()
    } else {
        target.write(&changes).await?
    };
    Ok(Cleaned { plan, written })
}
