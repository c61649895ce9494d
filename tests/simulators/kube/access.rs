//! Who is who, and who may do what.

use std::collections::{BTreeMap, BTreeSet};

use super::rbac::{Grant, Grants};
use super::request::Asked;
use super::status::Failure;

/// The account of everybody who has the token.
pub(crate) const USER: &str = "system:serviceaccount:podroute:podroute";

/// How a kubeconfig says who its user is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Login {
    /// The token itself.
    #[default]
    Token,
    /// A file with the token.
    TokenFile,
    /// A program that prints a token which is soon to expire.
    Exec,
}

#[derive(Default)]
pub(super) struct Access {
    /// Tokens are numbered.
    newest: u32,
    expired: bool,
    forbidden: BTreeSet<(String, String)>,
    named: BTreeMap<String, BTreeSet<String>>,
    /// None: what is not forbidden is allowed.
    grants: Option<Grants>,
}

impl Access {
    pub(super) fn token(&self) -> String {
        format!("simulated-token-{}", self.newest)
    }

    pub(super) fn expire(&mut self) {
        self.expired = true;
    }

    pub(super) fn renew(&mut self) {
        self.newest += 1;
        self.expired = false;
    }

    pub(super) fn forbid(&mut self, verb: &str, plural: &str) {
        self.forbidden.insert((verb.to_owned(), plural.to_owned()));
    }

    pub(super) fn allow(&mut self, verb: &str, plural: &str) {
        self.forbidden.remove(&(verb.to_owned(), plural.to_owned()));
    }

    pub(super) fn only_named(&mut self, plural: &str, names: &[&str]) {
        let names = names.iter().map(|&name| name.to_owned()).collect();
        self.named.insert(plural.to_owned(), names);
    }

    pub(super) fn grant_only(&mut self, grants: BTreeSet<Grant>) {
        self.grants = Some(Grants::new(grants));
    }

    pub(super) fn unused_grants(&self) -> BTreeSet<Grant> {
        let grants = self.grants.as_ref();
        grants.map_or_else(BTreeSet::new, |grants| grants.unused().clone())
    }

    pub(super) fn authenticate(&self, authorization: Option<&str>) -> Result<(), Failure> {
        let token = authorization.and_then(|text| text.strip_prefix("Bearer "));
        if self.expired || token != Some(&self.token()) {
            return Err(Failure::new(401, "Unauthorized"));
        }
        Ok(())
    }

    /// Asked before it is looked whether there is such a resource.
    pub(super) fn authorize(&mut self, asked: &Asked) -> Result<(), Failure> {
        let forbidden = self.forbidden.iter().any(|(verb, plural)| {
            (verb == "*" || *verb == asked.verb) && (plural == "*" || *plural == asked.plural)
        });
        // For `list` and `watch` the name is that of the field selector.
        let unnamed = self.named.get(&asked.plural).is_some_and(|names| {
            let name = asked.name.as_deref().or(asked.selected_name());
            name.is_none_or(|name| !names.contains(name))
        });
        let grants = self.grants.as_mut();
        let granted = grants.is_none_or(|grants| grants.allow(asked));
        if granted && !forbidden && !unnamed {
            return Ok(());
        }
        let plural = &asked.plural;
        let scope = match &asked.namespace {
            Some(namespace) => format!("in the namespace \"{namespace}\""),
            None => "at the cluster scope".to_owned(),
        };
        let (resource, named) = match &asked.name {
            Some(name) if asked.group.is_empty() => (plural.clone(), format!(" \"{name}\"")),
            Some(name) => (format!("{plural}.{}", asked.group), format!(" \"{name}\"")),
            None if asked.group.is_empty() => (plural.clone(), String::new()),
            None => (format!("{plural}.{}", asked.group), String::new()),
        };
        Err(Failure::new(
            403,
            format!(
                "{resource}{named} is forbidden: User \"{USER}\" cannot {} resource \"{plural}\" \
                 in API group \"{}\" {scope}",
                asked.verb, asked.group
            ),
        ))
    }
}
