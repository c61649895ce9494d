//! cilium/operator-image: an operator that cannot do the IPAM mode.

use crate::detect::ipam::IpamMode;
use crate::objects::Kind;
use crate::objects::pod::Container;
use crate::report::Severity;
use crate::rules::context::{Context, namespaced_object};
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};
use crate::version::image_name;

pub const RULE: Rule = Rule {
    id: "cilium/operator-image",
    reach: Reach::Cluster,
    severities: &[Severity::Error],
    parameters: &[],
    page: include_str!("operator_image.md"),
    check,
};

const DEPLOYMENT: &str = "cilium-operator";

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    let Some(mode) = context.ipam_mode()? else {
        return Ok(());
    };
    let Some(needed) = Flavour::for_mode(mode) else {
        return Ok(());
    };
    let mut operators = context
        .cluster
        .deployments
        .iter()
        .filter(|((_, name), _)| name == DEPLOYMENT)
        .peekable();
    if operators.peek().is_none() {
        return context.saw(Kind::Deployment);
    }
    for (name, operator) in operators {
        let mut flavours = operator.containers.iter().enumerate();
        let found = flavours.find_map(|(at, one)| Some((at, Flavour::of(one)?)));
        let Some((at, flavour)) = found else {
            continue;
        };
        if flavour == needed || flavour == Flavour::All {
            continue;
        }
        let (runs, should) = (flavour.name(), needed.name());
        verdict.report(
            Draft::new(format!("Deployment {}/{} runs {runs}, which cannot do the IPAM mode {}", name.0, name.1, mode.name()))
                .effect("the operator does not start: no new node gets a pod CIDR or addresses, and nothing that depends on the operator goes on")
                .fix(format!("let the Deployment run the image and the program of {should} (Helm chooses it by eni.enabled, azure.enabled and alibabacloud.enabled; with ipam.mode={} set exactly what belongs to it)", mode.name()))
                .object(namespaced_object(Kind::Deployment, name).at(format!("spec.template.spec.containers[{at}]"))),
        );
    }
    Ok(())
}

/// What an operator was built for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flavour {
    All,
    Generic,
    Aws,
    Azure,
    AlibabaCloud,
}

impl Flavour {
    /// The one besides `All` that hands out addresses in this mode; None
    /// where no operator does.
    fn for_mode(mode: IpamMode) -> Option<Self> {
        match mode {
            IpamMode::ClusterPool | IpamMode::ClusterPoolV2Beta | IpamMode::MultiPool => {
                Some(Self::Generic)
            }
            IpamMode::Eni => Some(Self::Aws),
            IpamMode::Azure => Some(Self::Azure),
            IpamMode::AlibabaCloud => Some(Self::AlibabaCloud),
            IpamMode::Kubernetes | IpamMode::Crd | IpamMode::DelegatedPlugin => None,
        }
    }

    /// By the program that the container runs, else by its image; None when
    /// neither is a known name.
    fn of(container: &Container) -> Option<Self> {
        let program = container.program.as_deref();
        let by_program = program
            .and_then(|path| path.rsplit('/').next())
            .and_then(Self::named);
        by_program.or_else(|| {
            let image = image_name(&container.image);
            Self::named(image.strip_suffix("-ci").unwrap_or(image))
        })
    }

    fn named(name: &str) -> Option<Self> {
        match name.strip_prefix("cilium-").unwrap_or(name) {
            "operator" => Some(Self::All),
            "operator-generic" => Some(Self::Generic),
            "operator-aws" => Some(Self::Aws),
            "operator-azure" => Some(Self::Azure),
            "operator-alibabacloud" => Some(Self::AlibabaCloud),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::All => "cilium-operator",
            Self::Generic => "cilium-operator-generic",
            Self::Aws => "cilium-operator-aws",
            Self::Azure => "cilium-operator-azure",
            Self::AlibabaCloud => "cilium-operator-alibabacloud",
        }
    }
}
