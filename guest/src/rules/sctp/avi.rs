//! Which uses of SCTP are for AKO to put on the Avi load balancer.

use super::usage::{self, Listener, Port};
use crate::cluster::Cluster;
use crate::detect::ako::Ako;
use crate::go;
use crate::objects::gateway::{Gateway, Generation};
use crate::objects::service::Service;
use crate::report::ObjectRef;

/// AKO's name: as a `loadBalancerClass`, and as the controller of a
/// `GatewayClass`.
pub(super) const CLASS: &str = "ako.vmware.com/avi-lb";

/// A use of SCTP that some AKO may take up.
pub(super) enum Balanced<'a> {
    Service(Port<'a>),
    Gateway(Listener<'a>),
}

/// SCTP ports of `LoadBalancer` Services and SCTP listeners of services-API
/// Gateways, but for those that name another controller.
pub(super) fn balanced(cluster: &Cluster) -> Vec<Balanced<'_>> {
    let services = usage::ports(cluster)
        .filter(|port| may_take_service(port.service))
        .map(Balanced::Service);
    let gateways = usage::listeners(cluster, Generation::ServicesApi)
        .filter(|listener| may_take_gateway(cluster, listener.gateway))
        .map(Balanced::Gateway);
    services.chain(gateways).collect()
}

/// Those that this AKO takes up, by its settings.
pub(super) fn taken_by(ako: &Ako<'_>, balanced: &[Balanced<'_>]) -> Vec<ObjectRef> {
    balanced
        .iter()
        .filter_map(|one| match one {
            Balanced::Service(port) => {
                takes_service(ako, port.service).then(|| port.at("protocol"))
            }
            Balanced::Gateway(listener) => takes_gateways(ako).then(|| listener.to_ref()),
        })
        .collect()
}

/// Whether this AKO takes up a Service.
pub(super) fn takes_service(ako: &Ako<'_>, service: &Service) -> bool {
    let by_class = service.load_balancer_class.is_some() || flag(ako, "defaultLBController", true);
    may_take_service(service) && by_class && !flag(ako, "layer7Only", false)
}

/// Whether some AKO may take up a Service.
pub(super) fn may_take_service(service: &Service) -> bool {
    let class = service.load_balancer_class.as_deref();
    service.kind == "LoadBalancer" && class.is_none_or(|class| class == CLASS)
}

fn takes_gateways(ako: &Ako<'_>) -> bool {
    flag(ako, "servicesAPI", false) && !flag(ako, "layer7Only", false)
}

/// A `GatewayClass` that is not known may be AKO's.
fn may_take_gateway(cluster: &Cluster, gateway: &Gateway) -> bool {
    cluster
        .gateway_classes
        .get(&gateway.class)
        .is_none_or(|class| class.controller == CLASS)
}

/// A boolean setting of AKO, which takes the default for what it cannot read.
fn flag(ako: &Ako<'_>, key: &str, default: bool) -> bool {
    ako.value(key).and_then(go::parse_bool).unwrap_or(default)
}
