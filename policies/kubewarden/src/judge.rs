//! Where the core tries a change out.

use std::collections::BTreeSet;

use podroute_policy::cluster::{Change, Cluster};
use podroute_policy::detect::Detected;
use podroute_policy::objects::Kind;
use podroute_policy::review::{self, Review};
use podroute_policy::settings::Settings;
use podroute_policy::terms::Programmed;

use crate::gather::Gathered;

/// What a change would bring about.
pub fn review(gathered: &mut Gathered, change: Change) -> Review {
    let Gathered {
        cluster, settings, ..
    } = gathered;
    review::review(cluster, settings, &Programmed::new(), &[change])
}

/// The kinds that the cluster must be looked at for, as it is and as it would
/// be: a change may bring in another CNI.
pub fn needed(gathered: &mut Gathered, change: &Change) -> BTreeSet<Kind> {
    let Gathered {
        cluster, settings, ..
    } = gathered;
    let mut kinds = kinds(cluster, settings);
    let deletes = match change {
        Change::Put(_) => Vec::new(),
        Change::Delete(key) => vec![key.clone()],
    };
    let trial = cluster.try_out(change.contents().objects, &deletes);
    kinds.extend(self::kinds(cluster, settings));
    cluster.undo(trial);
    kinds
}

fn kinds(cluster: &Cluster, settings: &Settings) -> BTreeSet<Kind> {
    let needs = Detected::find(cluster, settings).needs(settings);
    needs.into_iter().map(|need| need.kind).collect()
}
