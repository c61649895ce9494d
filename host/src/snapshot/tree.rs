//! Folders and archives: many files that are one part of a cluster.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value};

use super::archive::{self, Archive, Body};
use super::layouts::{self, Bundle, Objects, Role, Wrap};
use super::reader::Reader;
use super::source::{self, Content};
use super::{InputError, Limits, Location, escape, files};

/// A file of a folder or an archive.
struct Leaf {
    /// With slashes; in a folder from where the folder was named from.
    path: String,
    /// What it is called, for people.
    shown: String,
    body: Contents,
}

/// Where a file's contents are.
enum Contents {
    /// Still to be read.
    File(PathBuf),
    Entry(Body),
    /// Not to be read: a pipe could be waited for without end.
    Special,
}

/// What became of the files, for one note about all of them.
#[derive(Default)]
struct Tally {
    read: usize,
    others: usize,
    nested: Vec<String>,
}

impl Reader<'_> {
    pub(super) fn add_path(&mut self, path: &Path, limits: &Limits) {
        let name = files::name(path);
        if !path.is_dir() {
            return self.add_content(name, source::read_file(path, limits));
        }
        let listing = files::list(path);
        let is_silent = listing.errors.is_empty();
        self.snapshot.errors.extend(listing.errors);
        let leaves = listing.files.into_iter().map(|file| Leaf {
            path: file.path.to_string_lossy().into_owned(),
            shown: files::name(&file.path),
            body: if file.is_file {
                Contents::File(file.path)
            } else {
                Contents::Special
            },
        });
        let tally = self.add_leaves(&name, "", leaves.collect(), limits);
        if tally.read == 0 && is_silent {
            self.fail(name, "no .json, .yaml or .yml file (or .gz of one) is in this folder, and no archive with some");
        }
    }

    /// Adds a file or standard input: text, or an archive.
    pub(super) fn add_content(&mut self, name: String, content: Result<Content, String>) {
        match content {
            Ok(Content::Text(text)) => self.add(name, Ok(text), false),
            Ok(Content::Archive(archive)) => self.add_archive(&name, archive),
            Err(message) => self.add(name, Err(message), false),
        }
    }

    fn add_archive(&mut self, name: &str, archive: Archive) {
        let is_silent = archive.errors.is_empty();
        for error in archive.errors {
            self.fail(name.to_owned(), &error);
        }
        let prefix = format!("{name}:");
        let leaves: Vec<Leaf> = archive
            .entries
            .into_iter()
            .map(|entry| Leaf {
                shown: format!("{prefix}{}", escape::shown(&entry.name)),
                path: entry.name,
                body: Contents::Entry(entry.body),
            })
            .collect();
        if let Some(first) = archive.links.first() {
            self.snapshot.notes.push(format!(
                "{name}: {} links were not followed, such as {}",
                archive.links.len(),
                escape::shown(first)
            ));
        }
        // All of it is in memory already.
        let tally = self.add_leaves(name, &prefix, leaves, &Limits::default());
        if tally.read == 0 && is_silent {
            let message = "no .json, .yaml or .yml file (or .gz of one) is in this archive";
            self.fail(name.to_owned(), message);
        }
    }

    /// Adds files that belong together. `prefix` comes before their paths
    /// where people see them.
    fn add_leaves(
        &mut self,
        name: &str,
        prefix: &str,
        mut leaves: Vec<Leaf>,
        limits: &Limits,
    ) -> Tally {
        let around = std::mem::take(&mut self.snapshot.strangers);
        let mut tally = Tally::default();
        let mut bundles = layouts::find(&leaves.iter().map(|leaf| leaf.path.as_str()));
        for leaf in &mut leaves {
            self.note_evidence(&mut bundles, leaf, limits);
        }
        for leaf in leaves {
            self.add_leaf(&bundles, leaf, limits, &mut tally);
        }
        for bundle in &bundles {
            let shown = |path: &str| {
                let path = format!("{}{path}", bundle.root());
                format!("{prefix}{}", escape::shown(&path))
            };
            self.snapshot.gaps.extend(bundle.gaps(&shown));
        }
        self.sum_up(name, &bundles, &tally);
        self.snapshot.strangers = around;
        tally
    }

    /// Evidence comes first: it has a say in what the other files are.
    fn note_evidence(&mut self, bundles: &mut [Bundle], leaf: &mut Leaf, limits: &Limits) {
        for bundle in bundles {
            let Some(inside) = bundle.inside(&leaf.path) else {
                continue;
            };
            if !bundle.has_as_evidence(inside) {
                continue;
            }
            let text = match &mut leaf.body {
                Contents::File(path) => match source::read_file(path, limits) {
                    Ok(Content::Text(text)) => Ok(text),
                    Ok(Content::Archive(_)) => Err("is an archive, not text".to_owned()),
                    Err(message) => Err(message),
                },
                Contents::Entry(Body::Text(text)) => Ok(std::mem::take(text)),
                Contents::Entry(Body::Unreadable(reason)) => Err(std::mem::take(reason)),
                _ => continue,
            };
            match text {
                Ok(text) => bundle.note(inside, &leaf.shown, text),
                Err(message) => self.fail(leaf.shown.clone(), &message),
            }
            return;
        }
    }

    fn add_leaf(&mut self, bundles: &[Bundle], leaf: Leaf, limits: &Limits, tally: &mut Tally) {
        let role = bundles
            .iter()
            .find_map(|bundle| Some(bundle.role(bundle.inside(&leaf.path)?)))
            .unwrap_or(Role::Unknown);
        let objects = match role {
            Role::Objects(objects) => objects,
            Role::Evidence => return tally.read += 1,
            Role::Other => return tally.others += 1,
            Role::Unknown => {
                let is_archive = archive::is_named_so(&leaf.path);
                if !is_archive && !files::is_wanted(&leaf.path) {
                    return tally.others += 1;
                }
                Objects {
                    complete: true,
                    wrap: Wrap::Nothing,
                }
            }
        };
        let content = match leaf.body {
            Contents::File(path) => source::read_file(&path, limits),
            Contents::Entry(Body::Text(text)) => Ok(Content::Text(text)),
            Contents::Entry(Body::Unreadable(reason)) => Err(reason),
            Contents::Entry(Body::Nested) => return tally.nested.push(leaf.shown),
            Contents::Entry(Body::Other) | Contents::Special => return tally.others += 1,
        };
        tally.read += 1;
        match content {
            Ok(Content::Archive(archive)) => self.add_archive(&leaf.shown, archive),
            Ok(Content::Text(text)) => self.add_objects(leaf.shown, text, objects),
            Err(message) => self.add(leaf.shown, Err(message), true),
        }
    }

    fn add_objects(&mut self, shown: String, text: String, objects: Objects) {
        let Some(text) = wrapped(text, objects.wrap) else {
            return;
        };
        if objects.complete {
            return self.add(shown, Ok(text), true);
        }
        let listed = self.snapshot.listed_kinds.clone();
        self.add(shown, Ok(text), true);
        self.snapshot.listed_kinds = listed;
    }

    /// One note for each thing that was left out, whatever the number of files.
    fn sum_up(&mut self, name: &str, bundles: &[Bundle], tally: &Tally) {
        if let Some(bundle) = bundles.first() {
            self.snapshot.notes.push(format!(
                "{name}: is {}; {} files were read, and {} that hold no objects that podroute looks at were not",
                bundle.name(),
                tally.read,
                tally.others
            ));
        } else if tally.others > 0 {
            self.snapshot.notes.push(format!(
                "{name}: {} files that are neither JSON nor YAML were not read",
                tally.others
            ));
        }
        if let Some(first) = tally.nested.first() {
            self.snapshot.notes.push(format!(
                "{name}: {} archives inside of it were not read, such as {first}; unpack it to check them",
                tally.nested.len()
            ));
        }
        if let Some(first) = self.snapshot.strangers.first() {
            self.snapshot.notes.push(match self.snapshot.strangers.len() {
                1 => format!("{first}: is no Kubernetes object: it has no `kind`"),
                count => format!(
                    "{name}: {count} documents are no Kubernetes objects: they have no `kind`, such as that at {first}"
                ),
            });
        }
    }

    fn fail(&mut self, file: String, message: &str) {
        self.snapshot.errors.push(InputError {
            location: Location { file, line: None },
            message: message.to_owned(),
        });
    }
}

/// The text with what makes Kubernetes objects of it; None when there are none.
fn wrapped(text: String, wrap: Wrap) -> Option<String> {
    match wrap {
        Wrap::List(api_version, kind) if text.trim_start().starts_with('[') => Some(format!(
            r#"{{"apiVersion":"{api_version}","kind":"{kind}List","items":{text}}}"#
        )),
        Wrap::Nothing | Wrap::List(..) => Some(text),
        Wrap::ConfigMap => config_map(&text),
    }
}

/// A ConfigMap as a support bundle's collector writes it. Its data stand where
/// those of a ConfigMap do, so that only the head is missing.
fn config_map(text: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Collected {
        namespace: String,
        name: String,
        data: Option<Map<String, Value>>,
    }
    let collected: Collected = serde_json::from_str(text).ok()?;
    collected.data?;
    let metadata = serde_json::json!({
        "namespace": collected.namespace,
        "name": collected.name,
    });
    let (before, rest) = text.split_once('{')?;
    Some(format!(
        r#"{before}{{"apiVersion":"v1","kind":"ConfigMap","metadata":{metadata},{rest}"#
    ))
}
