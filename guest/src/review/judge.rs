//! Judging a cluster, or a part of one, by some of the rules, while nothing
//! changes that concerns every node.

use crate::cluster::Cluster;
use crate::desired::Desired;
use crate::detect::{Conclusions, Detected};
use crate::programmed::Programmed;
use crate::report::Finding;
use crate::rules;
use crate::rules::context::{Context, Workings};
use crate::rules::rule::Rule;
use crate::settings::Settings;
use crate::terms::Terms;

/// A choice of rules, and what was found out of the whole cluster.
pub(super) struct Judge<'a> {
    settings: &'a Settings,
    programmed: &'a Programmed,
    terms: &'a Terms,
    conclusions: &'a Conclusions,
    applies: fn(&Rule) -> bool,
}

impl<'a> Judge<'a> {
    pub(super) fn new(
        desired: &'a Desired,
        settings: &'a Settings,
        applies: fn(&Rule) -> bool,
    ) -> Option<Self> {
        let (terms, conclusions) = desired.grounds()?;
        Some(Self {
            settings,
            programmed: desired.programmed(),
            terms,
            conclusions,
            applies,
        })
    }

    /// The findings of the cluster, or of the part of it that is there.
    pub(super) fn judge(&self, cluster: &Cluster) -> Vec<Finding> {
        let detected = Detected::within(cluster, self.settings, self.conclusions);
        let workings = Workings::default();
        let context = Context {
            cluster,
            settings: self.settings,
            detected: &detected,
            terms: self.terms,
            programmed: self.programmed,
            workings: &workings,
        };
        rules::findings(&context, self.applies)
    }
}
