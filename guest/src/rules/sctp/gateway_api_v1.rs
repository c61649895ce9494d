//! sctp/gateway-api-v1: an SCTP listener on a Gateway that AKO takes for HTTP.

use super::avi;
use super::usage;
use crate::objects::Kind;
use crate::objects::gateway::{Gateway, Generation};
use crate::report::{ObjectRef, Severity};
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "sctp/gateway-api-v1",
    reach: Reach::Services,
    severities: &[Severity::Error],
    parameters: &[],
    page: include_str!("gateway_api_v1.md"),
    check,
};

/// What AKO's chart calls its `GatewayClass`.
const CLASS_NAME: &str = "avi-lb";

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    let mut objects: Vec<ObjectRef> = Vec::new();
    // Most clusters have no Gateways, and a snapshot without them is whole.
    let mut judged = context.has_no_gap(Kind::Gateway);
    for listener in usage::listeners(context.cluster, Generation::GatewayApi) {
        match is_akos(context, listener.gateway) {
            Ok(true) => objects.push(listener.to_ref()),
            Ok(false) => {}
            Err(missing) => judged = Err(missing),
        }
    }
    if objects.is_empty() {
        return judged;
    }
    verdict.report(
        Draft::new(format!(
            "AKO takes no SCTP listeners of the Gateway API, but there are some on {}",
            usage::first_of(&objects)
        ))
        .effect("AKO accepts HTTP and HTTPS listeners only: no virtual service answers on these ports")
        .fix("offer SCTP by a Service of type LoadBalancer, or by a Gateway of networking.x-k8s.io/v1alpha1 with servicesAPI: \"true\" in ConfigMap avi-k8s-config")
        .objects(objects),
    );
    judged
}

/// Whether a Gateway is AKO's, by the controller of its class. The class
/// that AKO installs is known by its name.
fn is_akos(context: &Context<'_>, gateway: &Gateway) -> Result<bool, Missing> {
    match context.cluster.gateway_classes.get(&gateway.class) {
        Some(class) => Ok(class.controller == avi::CLASS),
        None if gateway.class == CLASS_NAME => Ok(true),
        None => context.saw(Kind::GatewayClass).map(|()| false),
    }
}
