//! ako/delete-config: `deleteConfig` tells AKO to delete what it made.

use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "ako/delete-config",
    reach: Reach::Cluster,
    severities: &[Severity::Warning],
    parameters: &[],
    page: include_str!("delete_config.md"),
    check,
};

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    for ako in context.akos()? {
        // AKO compares the text; it does not parse a boolean here.
        if ako.value("deleteConfig") != Some("true") {
            continue;
        }
        verdict.report(
            Draft::new(format!(
                "`deleteConfig: \"true\"`: AKO in namespace {} deletes what it made on the controller and syncs nothing",
                ako.namespace()
            ))
            .effect("virtual services and static routes go away within 30 minutes and new nodes get no route; an AKO that starts with this setting leaves its static routes on the controller, where they grow stale")
            .fix(format!(
                "set deleteConfig: \"false\" in ConfigMap {}/avi-k8s-config; a running AKO notices and builds everything anew",
                ako.namespace()
            ))
            .object(ako.key_ref("deleteConfig")),
        );
    }
    Ok(())
}
