//! Where the core tries a change out.

use std::collections::BTreeSet;

use podroute_policy::cluster::Cluster;
use podroute_policy::desired::Desired;
use podroute_policy::detect::Detected;
use podroute_policy::objects::Kind;
use podroute_policy::review::{Change, Changes, Review, Reviewer};
use podroute_policy::settings::Settings;

use crate::gather::Gathered;

/// What a change would bring about.
pub fn review(gathered: &mut Gathered, change: Change) -> Review {
    let Gathered {
        cluster, settings, ..
    } = gathered;
    let mut desired = Desired::default();
    Reviewer::default().review(cluster, &mut desired, settings, &[change])
}

/// The kinds that the cluster must be looked at for, as it is and as it would
/// be: a change may bring in another CNI.
pub fn needed(gathered: &mut Gathered, change: &Change) -> BTreeSet<Kind> {
    let Gathered {
        cluster, settings, ..
    } = gathered;
    let mut kinds = kinds(cluster, settings);
    let changes = Changes::read(std::slice::from_ref(change));
    let trial = cluster.try_out(&changes.steps);
    kinds.extend(self::kinds(cluster, settings));
    cluster.undo(trial);
    kinds
}

fn kinds(cluster: &Cluster, settings: &Settings) -> BTreeSet<Kind> {
    let needs = Detected::find(cluster, settings).needs(settings);
    needs.into_iter().map(|need| need.kind).collect()
}
