//! Snapshots: clusters read from files, folders and standard input.
//!
//! Everything that is read becomes one cluster. What cannot be read is an
//! error that names file and line, and the rest is still there.

mod files;
mod json;
mod locate;
mod source;
mod split;
mod yaml;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;

use crate::policy::ObjectRef;
use source::Source;

/// A cluster as it was read.
#[derive(Debug, Default)]
pub struct Snapshot {
    /// The objects, each as JSON with its kind.
    pub documents: Vec<String>,
    /// Kinds that were there as a typed list, even an empty one.
    pub listed_kinds: BTreeSet<String>,
    /// What could not be read.
    pub errors: Vec<InputError>,
    /// What was left out on purpose.
    pub notes: Vec<String>,
    sources: Vec<Source>,
    /// Where each object stands: source and line, by kind, namespace, name.
    places: BTreeMap<ObjectId, Vec<Place>>,
}

/// Where input comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A file, or a folder with everything below it.
    Path(PathBuf),
    Stdin,
}

/// Input that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputError {
    pub location: Location,
    pub message: String,
}

/// A place in the input, for people: `nodes.yaml:12`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    pub file: String,
    /// Counted from 1.
    pub line: Option<usize>,
}

/// Kind, namespace (empty where there is none) and name.
type ObjectId = (String, String, String);

/// Where an object starts.
#[derive(Clone, Copy, Debug)]
struct Place {
    source: usize,
    line: usize,
}

impl Snapshot {
    /// Reads all inputs as one cluster.
    pub fn read(inputs: &[Input]) -> Self {
        let mut snapshot = Self::default();
        for input in inputs {
            match input {
                Input::Stdin => {
                    let read = source::read_stdin();
                    snapshot.add("standard input".to_owned(), read, false);
                }
                Input::Path(path) => snapshot.add_path(path),
            }
        }
        snapshot
    }

    /// Where an object stands; with a field, the line of the field. An object
    /// that was given twice stands in several places.
    pub fn locate(&self, object: &ObjectRef) -> Vec<Location> {
        let id = (
            object.kind.clone(),
            object.namespace.clone().unwrap_or_default(),
            object.name.clone(),
        );
        let places = self.places.get(&id).into_iter().flatten();
        places
            .filter_map(|place| {
                let source = self.sources.get(place.source)?;
                let line = object
                    .field
                    .as_deref()
                    .and_then(|field| locate::line_of(&source.text, place.line, field))
                    .unwrap_or(place.line);
                Some(Location {
                    file: source.name.clone(),
                    line: Some(line),
                })
            })
            .collect()
    }

    fn add_path(&mut self, path: &std::path::Path) {
        let listing = files::list(path);
        for error in listing.errors {
            self.errors.push(error);
        }
        if listing.skipped > 0 {
            self.notes.push(format!(
                "{}: {} files that are neither JSON nor YAML were not read",
                path.display(),
                listing.skipped
            ));
        }
        for file in listing.files {
            let name = file.display().to_string();
            let read = source::read_file(&file);
            self.add(name, read, listing.is_folder);
        }
    }

    /// `tolerant` is for files of folders: what is no Kubernetes object in
    /// them was not meant to be one.
    fn add(&mut self, name: String, read: Result<String, String>, tolerant: bool) {
        let text = match read {
            Ok(text) => text,
            Err(message) => {
                self.errors.push(InputError {
                    location: Location {
                        file: name,
                        line: None,
                    },
                    message,
                });
                return;
            }
        };
        let mut found = split::Found::default();
        if json::looks_like(&name, &text) {
            json::read(&text, &mut found);
        } else {
            yaml::read(&text, &mut found);
        }
        let source = self.sources.len();
        for object in found.objects {
            self.places.entry(object.id).or_default().push(Place {
                source,
                line: object.line,
            });
            self.documents.push(object.json);
        }
        self.listed_kinds.extend(found.listed_kinds);
        let locate = |line| Location {
            file: name.clone(),
            line: Some(line),
        };
        for (line, message) in found.errors {
            self.errors.push(InputError {
                location: locate(line),
                message,
            });
        }
        for line in found.not_kubernetes {
            let message = "is no Kubernetes object: it has no `kind`".to_owned();
            if tolerant {
                self.notes.push(format!("{}: {message}", locate(line)));
            } else {
                self.errors.push(InputError {
                    location: locate(line),
                    message,
                });
            }
        }
        if found.secrets > 0 {
            self.notes.push(format!(
                "{name}: {} Secrets were not read in",
                found.secrets
            ));
        }
        self.sources.push(Source { name, text });
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        match self.line {
            Some(line) => write!(f, ":{line}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.location, self.message)
    }
}
