//! What the rules say of the cluster as it is, kept until it changes: of a
//! change of one setting only those that look at that setting are asked again.

use std::collections::{BTreeMap, BTreeSet};

use crate::cluster::{Cluster, Looks, Step};
use crate::detect::ipam::IpamMode;
use crate::detect::{Conclusions, Detected};
use crate::objects::{Kind, Object};
use crate::programmed::Programmed;
use crate::report::Finding;
use crate::rules;
use crate::rules::context::{Context, Workings};
use crate::rules::ipam::mode_changed;
use crate::settings::Settings;
use crate::terms::Terms;
use crate::version::Version;

/// A cluster, judged rule by rule.
#[derive(Debug)]
pub(super) struct Memory {
    footing: Footing,
    rules: BTreeMap<&'static str, OfRule>,
}

/// What everything rests on. While it stays as it is, a rule can only say
/// something else if something changes that it looks at.
#[derive(Debug, PartialEq, Eq)]
struct Footing {
    conclusions: Conclusions,
    terms: Terms,
    cilium: Option<(bool, Option<IpamMode>, Option<Version>)>,
    /// By namespace.
    akos: Vec<(String, Option<Version>)>,
}

#[derive(Debug)]
struct OfRule {
    findings: Vec<Finding>,
    looks: Looks,
}

/// The findings of the rules that were asked again, before and after.
pub(super) struct Compared {
    pub before: Vec<Finding>,
    pub after: Vec<Finding>,
    pub undecided: Vec<String>,
}

impl Memory {
    /// Judges a cluster by every rule.
    pub(super) fn of(cluster: &Cluster, settings: &Settings, programmed: &Programmed) -> Self {
        let scene = Scene::of(cluster, settings);
        let workings = Workings::default();
        let context = scene.context(cluster, settings, programmed, &workings);
        let mut rules = BTreeMap::new();
        for rule in rules::all() {
            cluster.take_looks();
            let findings = rules::findings(&context, |one| one.id == rule.id);
            let looks = cluster.take_looks();
            rules.insert(rule.id, OfRule { findings, looks });
        }
        Self {
            footing: scene.footing(),
            rules,
        }
    }

    /// Judges what the cluster has become by those rules that may say
    /// something else now. `touched` is what the changes are about; None for
    /// anything.
    pub(super) fn compare(
        &self,
        cluster: &Cluster,
        settings: &Settings,
        programmed: &Programmed,
        touched: Option<&Looks>,
    ) -> Compared {
        let scene = Scene::of(cluster, settings);
        let workings = Workings::default();
        let context = scene.context(cluster, settings, programmed, &workings);
        let footing = scene.footing();
        let touched = touched.filter(|_| footing == self.footing);
        let is_concerned = |id: &str| match (touched, self.rules.get(id)) {
            (Some(touched), Some(of_rule)) => of_rule.looks.meet(touched),
            _ => true,
        };
        let of_rules = self.rules.iter().filter(|(id, _)| is_concerned(id));
        let before = of_rules.flat_map(|(_, of_rule)| &of_rule.findings);
        let old = &self.footing.conclusions.undecided;
        let mut after = rules::findings(&context, |rule| is_concerned(rule.id));
        after.extend(self.change_of_mode(&context));
        Compared {
            before: before.cloned().collect(),
            after,
            undecided: footing
                .conclusions
                .undecided
                .into_iter()
                .filter(|reason| !old.contains(reason))
                .collect(),
        }
    }

    fn change_of_mode(&self, context: &Context<'_>) -> Option<Finding> {
        let (_, before, _) = self.footing.cilium?;
        let draft = mode_changed::of_change(context, before?)?;
        let choices = &context.settings.rules;
        let mut finding = [mode_changed::RULE.finding(draft)];
        choices.weigh(&mut finding);
        let [finding] = finding;
        (!choices.is_off(&mode_changed::RULE)).then_some(finding)
    }
}

/// What changes are about, in the terms of what rules look at; None when it
/// may be anything. `before` is the cluster without them.
pub(super) fn touched(before: &Cluster, steps: &[Step]) -> Option<Looks> {
    let mut kinds = BTreeSet::new();
    let mut keys = BTreeSet::new();
    for step in steps {
        let key = step.key();
        match key.kind {
            Kind::CiliumPodIpPool
            | Kind::Gateway
            | Kind::GatewayClass
            | Kind::IpPool
            | Kind::Service => {
                kinds.insert(key.kind);
            }
            Kind::ConfigMap => {
                let Step::Put(object) = step else {
                    return None;
                };
                let Object::ConfigMap(new) = &**object else {
                    return None;
                };
                let name = (key.namespace, key.name);
                let old = before.config_maps.get(&name)?;
                if old.metadata.ignore != new.metadata.ignore {
                    return None;
                }
                let differences = old.data.differences(&new.data);
                keys.extend(differences.into_iter().map(|key| (name.clone(), key)));
            }
            _ => return None,
        }
    }
    Some(Looks { kinds, keys })
}

/// What was found out about a cluster.
struct Scene<'a> {
    detected: Detected<'a>,
    terms: Terms,
}

impl<'a> Scene<'a> {
    fn of(cluster: &'a Cluster, settings: &Settings) -> Self {
        let detected = Detected::find(cluster, settings);
        let terms = Terms::of(&detected, settings);
        Self { detected, terms }
    }

    fn context(
        &'a self,
        cluster: &'a Cluster,
        settings: &'a Settings,
        programmed: &'a Programmed,
        workings: &'a Workings<'a>,
    ) -> Context<'a> {
        Context {
            cluster,
            settings,
            detected: &self.detected,
            terms: &self.terms,
            programmed,
            workings,
        }
    }

    fn footing(&self) -> Footing {
        let cilium = self.detected.cilium.as_ref();
        let akos = self.detected.akos.iter();
        Footing {
            conclusions: self.detected.conclusions(),
            terms: self.terms.clone(),
            cilium: cilium.map(|one| (one.config.is_some(), one.ipam, one.version)),
            akos: akos
                .map(|ako| (ako.namespace().to_owned(), ako.version))
                .collect(),
        }
    }
}
