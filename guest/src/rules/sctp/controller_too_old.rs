//! sctp/controller-too-old: SCTP with an Avi Controller, an AKO or a
//! Kubernetes that does not know it.

use super::avi;
use super::usage;
use crate::detect::ako::Ako;
use crate::detect::kubernetes_version;
use crate::objects::Kind;
use crate::objects::node::Node;
use crate::report::{ObjectRef, Severity};
use crate::rules::context::{Context, namespaced_object};
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};
use crate::version::Version;

pub const RULE: Rule = Rule {
    id: "sctp/controller-too-old",
    reach: Reach::Services,
    severities: &[Severity::Error],
    parameters: &[],
    page: include_str!("controller_too_old.md"),
    check,
};

const AVI: Version = Version::new(22, 1, 3);
const AKO: Version = Version::new(1, 9, 1);
const KUBERNETES: Version = Version::new(1, 20, 0);

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    let balanced = avi::balanced(context.cluster);
    if balanced.is_empty() {
        return context.saw(Kind::Service);
    }
    let mut is_used = false;
    for ako in context.akos()? {
        let users = avi::taken_by(ako, &balanced);
        if !users.is_empty() {
            is_used = true;
            check_avi(context, ako, &users, verdict);
            check_ako(ako, &users, verdict);
        }
    }
    if is_used {
        check_kubernetes(context, verdict);
    }
    Ok(())
}

fn check_avi(context: &Context<'_>, ako: &Ako<'_>, users: &[ObjectRef], verdict: &mut Verdict) {
    let written = ako.value("controllerVersion").and_then(Version::parse);
    let (version, source, object) = match (context.settings.avi_version, written) {
        (Some(version), _) => (version, "setting aviVersion", None),
        (None, Some(version)) => {
            let key = "controllerVersion";
            (version, key, Some(ako.key_ref(key)))
        }
        (None, None) => {
            return verdict.lacks(Missing::other(
                "the Avi Controller's version (setting aviVersion)",
            ));
        }
    };
    if version < AVI {
        verdict.report(
            Draft::new(format!(
                "the Avi Controller's version is {version} ({source}), and SCTP needs {AVI} or newer; it is used by {}",
                usage::first_of(users)
            ))
            .effect("the Controller has no System-SCTP-Proxy profile and no System-SCTP health monitor: it refuses what AKO sends for these objects")
            .fix(format!("upgrade the Avi Controller to {AVI} or newer, and set controllerVersion in ConfigMap avi-k8s-config to that version or leave it empty"))
            .objects(object)
            .objects(users.iter().cloned()),
        );
    }
}

fn check_ako(ako: &Ako<'_>, users: &[ObjectRef], verdict: &mut Verdict) {
    let Some(version) = ako.version else {
        return verdict.lacks(Missing::other(format!(
            "the AKO version (StatefulSet in {})",
            ako.namespace()
        )));
    };
    if version < AKO {
        let metadata = &ako.config.metadata;
        let name = (metadata.namespace.clone(), metadata.name.clone());
        verdict.report(
            Draft::new(format!(
                "AKO {version} in {} has no support for SCTP, which came with {AKO}; it is used by {}",
                ako.namespace(),
                usage::first_of(users)
            ))
            .effect("AKO makes no SCTP virtual service for these objects")
            .fix(format!("upgrade AKO to {AKO} or newer (with Cilium: 1.10.1 or newer)"))
            .object(namespaced_object(Kind::ConfigMap, &name))
            .objects(users.iter().cloned()),
        );
    }
}

fn check_kubernetes(context: &Context<'_>, verdict: &mut Verdict) {
    let Some(oldest) = kubernetes_version(context.cluster) else {
        return verdict.lacks(match context.nodes() {
            Err(missing) => missing,
            Ok(_) => Missing::other("the version of the kubelets (Node.status.nodeInfo)"),
        });
    };
    if oldest < KUBERNETES {
        let old = context.cluster.nodes.values().filter(|node| is_old(node));
        verdict.report(
            Draft::new(format!(
                "the oldest kubelet is of Kubernetes {oldest}, and SCTP is stable from 1.20 on"
            ))
            .effect("before 1.20 SCTP in Services depends on the feature gate SCTPSupport, and AKO is not meant to work with it")
            .fix("upgrade Kubernetes to 1.20 or newer")
            .objects(old.map(|node| node.to_ref().at("status.nodeInfo.kubeletVersion"))),
        );
    }
}

fn is_old(node: &Node) -> bool {
    let version = node.kubelet_version.as_deref().and_then(Version::parse);
    version.is_some_and(|version| version < KUBERNETES)
}
