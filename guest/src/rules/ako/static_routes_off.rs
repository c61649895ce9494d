//! ako/static-routes-off: AKO programs no static routes.

use crate::detect::ako::{Ako, SyncOff};
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "ako/static-routes-off",
    reach: Reach::Node,
    severities: &[Severity::Warning, Severity::Info],
    parameters: &[],
    page: include_str!("static_routes_off.md"),
    check,
};

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    let akos = context.akos()?;
    // All instances of one cluster talk to one controller: it has the routes
    // if any of them programs some.
    let others_sync = akos.iter().any(|ako| ako.sync_off().is_none());
    let needed = !context.claims().valid.is_empty() && !others_sync;
    for ako in akos {
        if let Some(why) = ako.sync_off() {
            verdict.report(draft(ako, why, needed).object(ako.key_ref(key(why))));
        }
    }
    Ok(())
}

/// The key of avi-k8s-config that turns routes off.
pub fn key(why: SyncOff) -> &'static str {
    match why {
        SyncOff::Disabled => "disableStaticRouteSync",
        SyncOff::NodePort | SyncOff::NodePortLocal => "serviceType",
        SyncOff::NcpOnNsxt => "cniPlugin",
        SyncOff::NotPrimary => "primaryInstance",
    }
}

fn draft(ako: &Ako<'_>, why: SyncOff, needed: bool) -> Draft {
    let key = key(why);
    let value = ako.value(key).unwrap_or_default();
    let draft = Draft::new(format!(
        "the AKO in namespace {} programs no static routes ({key}: {value:?})",
        ako.namespace()
    ));
    match why {
        SyncOff::Disabled if needed => draft
            .effect("the load balancer has no routes to the pods unless something else programs them; routes that AKO programmed before stay and grow stale")
            .fix("set AKOSettings.disableStaticRouteSync: false in AKO's Helm values; or nothing, if something else, such as BGP, makes the routes"),
        SyncOff::Disabled => draft
            .effect("AKO adds no routes; those that it programmed before stay and grow stale")
            .fix("nothing to do as long as nothing needs AKO's routes; to turn them on: AKOSettings.disableStaticRouteSync: false")
            .severity(Severity::Info),
        SyncOff::NodePort | SyncOff::NodePortLocal => draft
            .effect("the load balancer sends to ports of the nodes, so it needs no routes to the pods")
            .fix("nothing to do; to send to the pods themselves: L7Settings.serviceType: ClusterIP")
            .severity(Severity::Info),
        SyncOff::NcpOnNsxt => draft
            .effect("NSX-T itself routes to the pods that its plugin NCP connects")
            .fix("nothing to do if NCP is the cluster's CNI; else set AKOSettings.cniPlugin to the CNI that runs")
            .severity(Severity::Info),
        SyncOff::NotPrimary => draft
            .effect("the routes are left to the primary AKO of the cluster; without one, nobody programs them")
            .fix("nothing to do if another AKO of this cluster is primary; else set AKOSettings.primaryInstance: true")
            .severity(Severity::Info),
    }
}
