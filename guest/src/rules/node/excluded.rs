//! node/excluded: nodes that no route goes to, because somebody says so.

use crate::excluded::Exclusion;
use crate::objects::annotations::names;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};
use crate::rules::wording;
use crate::sources::annotation_path;

pub const RULE: Rule = Rule {
    id: "node/excluded",
    reach: Reach::Node,
    severities: &[Severity::Info],
    parameters: &[],
    page: include_str!("excluded.md"),
    check,
};

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    for (why, what, field, undo) in [
        (
            Exclusion::Annotation,
            format!("by the annotation {}", names::EXCLUDE),
            annotation_path(names::EXCLUDE),
            format!("kubectl annotate node NAME {}-", names::EXCLUDE),
        ),
        (
            Exclusion::Selector,
            "by the setting nodeSelector".to_owned(),
            "metadata.labels".to_owned(),
            "label the node so that nodeSelector selects it".to_owned(),
        ),
    ] {
        let nodes: Vec<&str> = context
            .mapping()
            .excluded
            .iter()
            .filter(|(_, reason)| **reason == why)
            .map(|(node, _)| *node)
            .collect();
        if nodes.is_empty() {
            continue;
        }
        let objects = nodes
            .iter()
            .filter_map(|node| context.cluster.nodes.get(*node));
        verdict.report(
            Draft::new(format!(
                "{} excluded {what}",
                wording::subject("node", &nodes, ["is", "are"])
            ))
            .effect("no route goes to these nodes: the load balancer cannot reach pods there")
            .fix(format!("nothing if that is meant; otherwise {undo}"))
            .objects(objects.map(|node| node.to_ref().at(field.clone()))),
        );
    }
    Ok(())
}
