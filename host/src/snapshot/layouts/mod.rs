//! Layouts of what collects clusters: which files hold Kubernetes objects,
//! and what the others say of what could not be collected.
//!
//! A layout is recognised by several of its files together. Files that are no
//! part of it are read as in any folder, so that objects can be added to it.

mod must_gather;
mod resources;
mod support_bundle;
mod sysdump;

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use super::escape;
use crate::policy::Gap;

/// What a file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// It is no part of a layout.
    Unknown,
    /// It holds objects.
    Objects(Objects),
    /// It tells what was collected, and what could not be.
    Evidence,
    /// It holds no objects that are looked at.
    Other,
}

/// How a file holds objects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Objects {
    /// A list in it holds all objects of its kind, and not only those of a
    /// namespace or a label.
    pub(super) complete: bool,
    /// What is put around the text to make it Kubernetes objects.
    pub(super) wrap: Wrap,
}

/// Nothing that is put around a text has a line break: lines stay as they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Wrap {
    #[default]
    Nothing,
    /// A bare array, whose elements may have no kind, becomes a typed list of
    /// this apiVersion and kind.
    List(&'static str, &'static str),
    /// A support bundle's form of a ConfigMap.
    ConfigMap,
}

/// Something that was collected in a known layout.
#[derive(Debug)]
pub(super) struct Bundle {
    layout: Layout,
    /// The folder that it lies in, with a slash at its end; may be empty.
    root: String,
    /// Its files, from the root.
    paths: BTreeSet<String>,
    /// The texts of its evidence, by path.
    evidence: BTreeMap<String, String>,
    /// What people see of where the evidence stands, by path.
    places: BTreeMap<String, String>,
    /// All namespaces of a support bundle's cluster, once the evidence is in.
    namespaces: OnceCell<Option<Vec<String>>>,
    /// Folders of a support bundle with a list for each of them.
    whole: OnceCell<BTreeSet<&'static str>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
    Sysdump,
    SupportBundle,
    MustGather,
}

/// Each bundle looks at all files. Nobody has as many; those after the last are
/// read as any folder.
const MOST_BUNDLES: usize = 64;

/// Files outside of JSON and YAML that are evidence in some layout.
pub(super) fn is_evidence(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name == sysdump::LOG || must_gather::LOGS.contains(&name)
}

/// Files that are large, and hold no objects although their names might.
pub(super) fn is_dump(path: &str) -> bool {
    path.split('/').any(sysdump::is_dump)
}

/// Finds what was collected in a known layout among these files.
pub(super) fn find<'a>(paths: &(impl Iterator<Item = &'a str> + Clone)) -> Vec<Bundle> {
    let roots = [
        (Layout::Sysdump, sysdump::roots(paths.clone())),
        (Layout::SupportBundle, support_bundle::roots(paths.clone())),
        (Layout::MustGather, must_gather::roots(paths.clone())),
    ];
    let mut bundles: Vec<Bundle> = roots
        .into_iter()
        .flat_map(|(layout, roots)| roots.into_iter().map(move |root| (layout, root)))
        .take(MOST_BUNDLES)
        .map(|(layout, root)| Bundle {
            layout,
            paths: paths
                .clone()
                .filter_map(|path| path.strip_prefix(&root))
                .map(str::to_owned)
                .collect(),
            root,
            evidence: BTreeMap::new(),
            places: BTreeMap::new(),
            namespaces: OnceCell::new(),
            whole: OnceCell::new(),
        })
        .collect();
    // A bundle inside of another decides about its own files.
    bundles.sort_by_key(|bundle| std::cmp::Reverse(bundle.root.len()));
    bundles
}

impl Bundle {
    /// What it is called, for people.
    pub(super) fn name(&self) -> &'static str {
        match self.layout {
            Layout::Sysdump => "a Cilium sysdump",
            Layout::SupportBundle => "a support bundle",
            Layout::MustGather => "a must-gather",
        }
    }

    pub(super) fn root(&self) -> &str {
        &self.root
    }

    /// The path from the bundle's root, if the file is a part of it.
    pub(super) fn inside<'a>(&self, path: &'a str) -> Option<&'a str> {
        if self.layout == Layout::MustGather {
            // Logs of the collection lie one folder above, too.
            let above = parent(self.root.trim_end_matches('/'));
            let beside = path.strip_prefix(above);
            if let Some(log) = beside.filter(|name| must_gather::LOGS.contains(name)) {
                return Some(log);
            }
        }
        path.strip_prefix(&self.root)
    }

    /// Whether a file tells what was collected.
    pub(super) fn has_as_evidence(&self, inside: &str) -> bool {
        match self.layout {
            Layout::Sysdump => inside == sysdump::LOG,
            Layout::SupportBundle => support_bundle::is_evidence(inside),
            Layout::MustGather => must_gather::LOGS.contains(&inside),
        }
    }

    /// What a file is for, by its path from the root, once all evidence is in.
    pub(super) fn role(&self, inside: &str) -> Role {
        if self.has_as_evidence(inside) {
            return Role::Evidence;
        }
        match self.layout {
            Layout::Sysdump => sysdump::role(inside),
            Layout::SupportBundle => support_bundle::role(self, inside),
            Layout::MustGather => must_gather::role(self, inside),
        }
    }

    /// Takes evidence in.
    pub(super) fn note(&mut self, inside: &str, shown: &str, text: String) {
        self.evidence.insert(inside.to_owned(), text);
        self.places.insert(inside.to_owned(), shown.to_owned());
    }

    /// The kinds that the evidence shows to be missing or incomplete. `shown`
    /// tells what a file is called, for people.
    pub(super) fn gaps(&self, shown: &dyn Fn(&str) -> String) -> Vec<Gap> {
        let found = match self.layout {
            Layout::Sysdump => sysdump::gaps(self),
            Layout::SupportBundle => support_bundle::gaps(self),
            Layout::MustGather => must_gather::gaps(self),
        };
        let mut gaps: BTreeMap<&str, Gap> = BTreeMap::new();
        for missing in found {
            gaps.entry(missing.kind).or_insert_with(|| {
                let place = self.places.get(&missing.path).cloned();
                let place = place.unwrap_or_else(|| shown(&missing.path));
                Gap {
                    kind: missing.kind.to_owned(),
                    reason: format!("{place}: {}", escape::shown(&missing.reason)),
                }
            });
        }
        gaps.into_values().collect()
    }

    fn has(&self, path: &str) -> bool {
        self.paths.contains(path)
    }
}

/// A kind that evidence shows to be missing.
struct Missing {
    kind: &'static str,
    /// The evidence; a folder when it is the lack of a file.
    path: String,
    reason: String,
}

/// What logs of a collection say was refused.
fn refusals(bundle: &Bundle) -> impl Iterator<Item = Missing> + '_ {
    bundle.evidence.iter().flat_map(|(path, text)| {
        text.lines().filter_map(move |line| {
            Some(Missing {
                kind: resources::refused(line)?,
                path: path.clone(),
                reason: brief(line.trim()),
            })
        })
    })
}

/// The folder of a path, with a slash at its end; empty at the top.
fn parent(path: &str) -> &str {
    path.rfind('/')
        .and_then(|end| path.get(..=end))
        .unwrap_or_default()
}

/// What of a text fits into a line of a report.
fn brief(text: &str) -> String {
    const MOST: usize = 300;
    let mut brief: String = text.chars().take(MOST).collect();
    if brief.len() < text.len() {
        brief.push_str("...");
    }
    brief
}
