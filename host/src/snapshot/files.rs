//! Which files a folder has.

use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::{InputError, Location, escape};

/// The files of a folder, in the order of their names.
#[derive(Debug, Default)]
pub(super) struct Listing {
    pub(super) files: Vec<Listed>,
    pub(super) errors: Vec<InputError>,
}

#[derive(Debug)]
pub(super) struct Listed {
    pub(super) path: PathBuf,
    /// Whether it may be read: a pipe could be waited for without end.
    pub(super) is_file: bool,
}

/// Everything below a folder.
pub(super) fn list(folder: &Path) -> Listing {
    let mut listing = Listing::default();
    for entry in WalkDir::new(folder).sort_by_file_name() {
        match entry {
            Ok(entry) if entry.file_type().is_dir() => {}
            Ok(entry) => {
                let path = entry.into_path();
                // What cannot be looked at is for the reader to report.
                let is_file = path.metadata().map_or(true, |data| data.is_file());
                listing.files.push(Listed { path, is_file });
            }
            Err(error) => listing.errors.push(InputError {
                location: Location {
                    file: name(error.path().unwrap_or(folder)),
                    line: None,
                },
                message: match error.io_error() {
                    Some(error) => error.to_string(),
                    None => error.to_string(),
                },
            }),
        }
    }
    listing
}

/// What a file is called, for people.
pub(super) fn name(path: &Path) -> String {
    escape::shown(&path.to_string_lossy()).into_owned()
}

/// Whether a file without a known layout around it is read.
pub(super) fn is_wanted(name: &str) -> bool {
    let plain = name.strip_suffix(".gz").unwrap_or(name);
    [".json", ".yaml", ".yml"]
        .iter()
        .any(|extension| plain.ends_with(extension))
}
