//! sctp/node-port-local: SCTP with `serviceType: NodePortLocal` of AKO.

use super::avi;
use super::usage;
use crate::objects::Kind;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "sctp/node-port-local",
    reach: Reach::Services,
    severities: &[Severity::Error],
    parameters: &[],
    page: include_str!("node_port_local.md"),
    check,
};

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    let akos = &context.detected.akos;
    let refusing: Vec<_> = akos
        .iter()
        .filter(|ako| ako.service_type() == "NodePortLocal")
        .collect();
    if refusing.is_empty() && !akos.is_empty() {
        return Ok(());
    }
    let balanced = avi::balanced(context.cluster);
    context.note_unseen(&[Kind::Service], verdict);
    if balanced.is_empty() {
        return Ok(());
    }
    context.akos()?;
    for ako in refusing {
        let users = avi::taken_by(ako, &balanced);
        if users.is_empty() {
            continue;
        }
        verdict.report(
            Draft::new(format!(
                "AKO in {} has serviceType NodePortLocal, which does not support SCTP, but SCTP is used by {}",
                ako.namespace(),
                usage::first_of(&users)
            ))
            .effect("AKO makes no virtual service at all for these objects, not for their other ports either; only its log says so")
            .fix("set serviceType: ClusterIP in ConfigMap avi-k8s-config and restart AKO; its routes to the pods are then needed")
            .object(ako.key_ref("serviceType"))
            .objects(users),
        );
    }
    Ok(())
}
