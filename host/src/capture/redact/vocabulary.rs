//! Words that stay: what software calls its settings and their values, and
//! names that are the same in every cluster. Whatever is not among them is
//! replaced, so that a word that is missing here costs meaning and no secret.

use std::collections::HashSet;

const WORDS: &str = include_str!("vocabulary.txt");

/// Domains under which keys of labels are the software's.
const DOMAINS: [&str; 12] = [
    "ako.vmware.com",
    "cilium.io",
    "crd.projectcalico.org",
    "flannel.alpha.coreos.com",
    "k8s.io",
    "k8s.ovn.org",
    "kubernetes.io",
    "kubevirt.io",
    "node.antrea.io",
    "openshift.io",
    "podroute.dev",
    "projectcalico.org",
];

pub(super) struct Vocabulary(HashSet<String>);

impl Vocabulary {
    /// The words, and the names of rules.
    pub(super) fn new(rules: &[String]) -> Self {
        let words = WORDS
            .lines()
            .filter(|line| !line.starts_with('#'))
            .flat_map(str::split_whitespace);
        let families = rules.iter().filter_map(|rule| rule.split('/').next());
        let all = words
            .chain(rules.iter().map(String::as_str))
            .chain(families);
        Self(all.map(str::to_lowercase).collect())
    }

    /// Whether a word is known, however it is capitalised.
    pub(super) fn has(&self, word: &str) -> bool {
        self.0.contains(&word.to_lowercase())
    }

    /// Whether a domain is one of software that everybody has.
    pub(super) fn has_domain(&self, domain: &str) -> bool {
        DOMAINS.into_iter().any(|known| {
            domain == known
                || domain
                    .strip_suffix(known)
                    .and_then(|rest| rest.strip_suffix('.'))
                    .is_some_and(|rest| rest.split('.').all(|part| self.has(part)))
        })
    }
}
