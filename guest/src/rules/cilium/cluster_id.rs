//! cilium/cluster-id: an id that is out of range, or that needs a name.

use super::wording::refused;
use crate::detect::cilium::agents::AgentConfig;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};
use crate::version::Version;

pub const RULE: Rule = Rule {
    id: "cilium/cluster-id",
    reach: Reach::Cluster,
    severities: &[Severity::Error],
    parameters: &[],
    page: include_str!("cluster_id.md"),
    check,
};

pub(super) const KEYS: [&str; 3] = [ID, NAME, SIZE];
const ID: &str = "cluster-id";
const NAME: &str = "cluster-name";
/// How many clusters a mesh may have: 255, or 511 from 1.15 on.
const SIZE: &str = "max-connected-clusters";

/// The name of a cluster that was given none.
const DEFAULT_NAME: &str = "default";

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    for agents in context.cilium_agents(&KEYS)? {
        let Ok(id) = agents.int(ID, 0) else {
            continue;
        };
        let greatest = greatest_id(&agents, context.cilium_version().ok());
        let name = agents.value(NAME).unwrap_or(DEFAULT_NAME);
        if !(0..=greatest).contains(&id) {
            verdict.report(
                Draft::new(format!("{ID} is {id}{}, which is not within 0 to {greatest}", agents.whose()))
                    .effect(refused(&format!("invalid cluster id {id}")))
                    .fix(format!("give the cluster an id from 1 to {greatest} that no other cluster of the mesh has, or {ID}: \"0\" outside of a mesh (Helm: cluster.id); ids up to 511 need {SIZE}: \"511\" in every cluster of the mesh (Helm: clustermesh.maxConnectedClusters=511)"))
                    .object(agents.key_ref(ID)),
            );
        } else if id != 0 && name == DEFAULT_NAME {
            verdict.report(
                Draft::new(format!("{ID} is {id}{}, but {NAME} is still \"{DEFAULT_NAME}\"", agents.whose()))
                    .effect(refused("cannot use default cluster name (default) with option cluster-id"))
                    .fix(format!("set {NAME} to a name that no other cluster of the mesh has (Helm: cluster.name), or {ID}: \"0\" if the cluster is in no mesh (Helm: cluster.id=0)"))
                    .object(agents.key_ref(NAME))
                    .object(agents.key_ref(ID)),
            );
        }
    }
    Ok(())
}

fn greatest_id(agents: &AgentConfig<'_>, version: Option<Version>) -> i64 {
    let knows_size = version.is_none_or(|version| version.at_least(1, 15));
    match agents.int(SIZE, 255) {
        Ok(511) if knows_size => 511,
        _ => 255,
    }
}
