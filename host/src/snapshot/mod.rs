//! Snapshots: clusters read from files, folders, archives and standard input.
//!
//! Everything that is read becomes one cluster. What cannot be read is an
//! error that names file and line, and the rest is still there.

mod archive;
mod captured;
mod duplicates;
mod envelope;
mod escape;
mod feed;
mod files;
mod items;
mod json;
mod layouts;
mod limits;
mod locate;
mod reader;
mod source;
mod split;
mod tree;
mod yaml;

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::path::PathBuf;

pub use limits::Limits;

use crate::policy::{Gap, ObjectRef};
use reader::Reader;
use source::Source;

pub use captured::{ListedKind, Manifest, ServerVersion, State};

/// A cluster as it was read.
#[derive(Debug, Default)]
pub struct Snapshot {
    /// The objects, each as JSON with its kind; none once they were fed to a
    /// cluster.
    pub documents: Vec<String>,
    /// Kinds that were there as a typed list, even an empty one.
    pub listed_kinds: BTreeSet<String>,
    /// Kinds that could not be collected, as the input itself says.
    pub gaps: Vec<Gap>,
    /// When it was taken, where it says so.
    pub taken: Option<String>,
    /// What could not be read.
    pub errors: Vec<InputError>,
    /// What was left out on purpose, or could not be listed.
    pub notes: Vec<String>,
    /// What a folder or an archive has beside Kubernetes objects.
    strangers: Vec<Location>,
    sources: Vec<Source>,
    /// Where each object stands: source and line, by kind, namespace, name.
    places: HashMap<ObjectId, Vec<Place>>,
}

/// Where input comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A file, an archive, or a folder with everything below it.
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
        let mut documents = Vec::new();
        let mut keep = |document| documents.push(document);
        let snapshot = Reader::new(&mut keep).read(inputs);
        Self {
            documents,
            ..snapshot
        }
    }

    /// What was read, in this order, by the names that places have.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.sources.iter().map(|source| source.name.as_str())
    }

    /// Reads what is in memory, text or archive, as if it were standard input.
    pub fn read_bytes(name: &str, bytes: &[u8], limits: &Limits) -> Self {
        let mut documents = Vec::new();
        let mut keep = |document| documents.push(document);
        let snapshot = Reader::new(&mut keep).read_bytes(name, bytes, limits);
        Self {
            documents,
            ..snapshot
        }
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
        write!(f, "{}: {}", self.location, escape::shown(&self.message))
    }
}
