//! Files as other programs want them named: relative to where podroute runs,
//! which in CI is the top of the repository, with forward slashes.

use std::env;
use std::path::{Component, MAIN_SEPARATOR, Path, PathBuf};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::Snapshot;
use crate::policy::ObjectRef;
use crate::snapshot::Location;

/// What a snapshot calls input that is no file.
const STDIN: &str = "standard input";

/// What may stand in a path of a URI as it is. A colon may, too, but not in
/// the first segment of a relative one.
const IN_PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FilePlace {
    pub(super) path: String,
    /// Counted from 1.
    pub(super) line: Option<usize>,
}

/// A file as a URI.
pub(super) struct Uri {
    pub(super) text: String,
    /// Whether it has to be resolved against the top of the repository.
    pub(super) is_relative: bool,
}

impl FilePlace {
    /// Where an object or its field stands. Empty for what came from standard
    /// input.
    pub(super) fn of(object: &ObjectRef, snapshot: &Snapshot) -> Vec<Self> {
        let locations = snapshot.locate(object);
        locations.iter().filter_map(Self::at).collect()
    }

    /// The first file of the input, for what stands in none.
    pub(super) fn of_input(snapshot: &Snapshot) -> Option<Self> {
        let mut files = snapshot.names().filter(|name| *name != STDIN);
        files.next().map(|file| Self {
            path: relative(file),
            line: None,
        })
    }

    /// None for standard input.
    pub(super) fn at(location: &Location) -> Option<Self> {
        (location.file != STDIN).then(|| Self {
            path: relative(&location.file),
            line: location.line,
        })
    }

    pub(super) fn uri(&self) -> Uri {
        let encoded = utf8_percent_encode(&self.path, IN_PATH);
        let is_relative = !self.path.starts_with('/');
        let scheme = if is_relative { "" } else { "file://" };
        Uri {
            text: format!("{scheme}{encoded}"),
            is_relative,
        }
    }
}

/// The path from here, if the file is below here.
pub(super) fn relative(file: &str) -> String {
    let here = env::current_dir().unwrap_or_default();
    let path = Path::new(file);
    let path = path.strip_prefix(here).unwrap_or(path);
    let plain: PathBuf = path
        .components()
        .filter(|part| *part != Component::CurDir)
        .collect();
    plain.to_string_lossy().replace(MAIN_SEPARATOR, "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uri(path: &str) -> String {
        let place = FilePlace {
            path: relative(path),
            line: None,
        };
        place.uri().text
    }

    #[test]
    fn paths_lead_from_here() {
        let here = env::current_dir().unwrap();
        let below = here.join("a/b.yaml");
        assert_eq!(relative(below.to_str().unwrap()), "a/b.yaml");
        assert_eq!(relative("./a/./b.yaml"), "a/b.yaml");
        assert_eq!(relative("../b.yaml"), "../b.yaml");
        assert_eq!(relative("/nowhere/b.yaml"), "/nowhere/b.yaml");
    }

    /// RFC 3986, worked out by hand.
    #[test]
    fn uris_are_encoded() {
        assert_eq!(uri("a/b-c_d.yaml"), "a/b-c_d.yaml");
        assert_eq!(uri("100% a,b.yaml"), "100%25%20a%2Cb.yaml");
        assert_eq!(uri("c:luster/#1?.yaml"), "c%3Aluster/%231%3F.yaml");
        assert_eq!(uri("köln.yaml"), "k%C3%B6ln.yaml");
        assert_eq!(uri("/no where/b.yaml"), "file:///no%20where/b.yaml");
    }
}
