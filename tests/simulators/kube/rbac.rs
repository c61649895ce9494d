//! Who may do what by the rules of Roles and ClusterRoles, and which of these
//! rules anybody needed.

use std::collections::BTreeSet;

use serde_json::Value;

use super::request::Asked;

/// One thing that a rule allows. `Ord` and `Debug` are for showing those that
/// nobody needed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Grant {
    pub(crate) verb: String,
    pub(crate) group: String,
    pub(crate) plural: String,
    /// None: of any name.
    pub(crate) name: Option<String>,
    /// None: in all namespaces, and what is outside of them.
    pub(crate) namespace: Option<String>,
}

impl Grant {
    fn covers(&self, asked: &Asked) -> bool {
        // For `list` and `watch` the name is that of the field selector.
        let name = asked.name.as_deref().or(asked.selected_name());
        self.verb == asked.verb
            && self.group == asked.group
            && self.plural == asked.plural
            && (self.namespace.is_none() || self.namespace == asked.namespace)
            && (self.name.is_none() || self.name.as_deref() == name)
    }
}

/// What the bindings among these objects give to a service account.
pub(crate) fn grants(objects: &[Value], namespace: &str, account: &str) -> BTreeSet<Grant> {
    let mut grants = BTreeSet::new();
    for binding in objects {
        let kind = binding["kind"].as_str().unwrap_or_default();
        if !matches!(kind, "RoleBinding" | "ClusterRoleBinding") {
            continue;
        }
        let mut subjects = binding["subjects"].as_array().into_iter().flatten();
        let is_bound = |subject: &Value| {
            subject["kind"] == "ServiceAccount"
                && subject["namespace"] == namespace
                && subject["name"] == account
        };
        if !subjects.any(is_bound) {
            continue;
        }
        let bound_in = binding["metadata"]["namespace"].as_str();
        assert_eq!(bound_in.is_some(), kind == "RoleBinding", "{binding}");
        let reference = &binding["roleRef"];
        let role = objects.iter().find(|role| {
            role["kind"] == reference["kind"]
                && role["metadata"]["name"] == reference["name"]
                && (role["kind"] == "ClusterRole"
                    || role["metadata"]["namespace"].as_str() == bound_in)
        });
        let role = role.unwrap_or_else(|| panic!("there is no role as in {reference}"));
        for rule in role["rules"].as_array().into_iter().flatten() {
            grants.extend(of_rule(rule, bound_in));
        }
    }
    grants
}

/// Every combination of what a rule names.
fn of_rule(rule: &Value, namespace: Option<&str>) -> Vec<Grant> {
    let texts = |field: &str| -> Vec<String> {
        let texts = rule[field].as_array().into_iter().flatten();
        let texts: Vec<_> = texts
            .map(|text| text.as_str().unwrap().to_owned())
            .collect();
        assert!(
            !texts.iter().any(|text| text == "*"),
            "{rule}: nothing is allowed as a whole"
        );
        texts
    };
    let mut names: Vec<_> = texts("resourceNames").into_iter().map(Some).collect();
    if names.is_empty() {
        names.push(None);
    }
    let mut all = Vec::new();
    for group in texts("apiGroups") {
        for plural in texts("resources") {
            for verb in texts("verbs") {
                all.extend(names.iter().map(|name| Grant {
                    verb: verb.clone(),
                    group: group.clone(),
                    plural: plural.clone(),
                    name: name.clone(),
                    namespace: namespace.map(str::to_owned),
                }));
            }
        }
    }
    all
}

/// Nothing but this is allowed.
#[derive(Default)]
pub(super) struct Grants {
    all: BTreeSet<Grant>,
    unused: BTreeSet<Grant>,
}

impl Grants {
    pub(super) fn new(all: BTreeSet<Grant>) -> Self {
        Self {
            unused: all.clone(),
            all,
        }
    }

    pub(super) fn allow(&mut self, asked: &Asked) -> bool {
        let covering: Vec<_> = self.all.iter().filter(|one| one.covers(asked)).collect();
        for grant in &covering {
            self.unused.remove(grant);
        }
        !covering.is_empty()
    }

    pub(super) fn unused(&self) -> &BTreeSet<Grant> {
        &self.unused
    }
}
