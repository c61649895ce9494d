//! Which files a path stands for.

use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::{InputError, Location};

/// The files of one path, in the order of their names.
#[derive(Debug, Default)]
pub(super) struct Listing {
    pub(super) files: Vec<PathBuf>,
    pub(super) is_folder: bool,
    /// Files of a folder that are neither JSON nor YAML by their names.
    pub(super) skipped: usize,
    pub(super) errors: Vec<InputError>,
}

/// A file is itself, whatever its name; a folder is every JSON and YAML file
/// below it.
pub(super) fn list(path: &Path) -> Listing {
    if !path.is_dir() {
        return Listing {
            files: vec![path.to_owned()],
            ..Listing::default()
        };
    }
    let mut listing = Listing {
        is_folder: true,
        ..Listing::default()
    };
    for entry in WalkDir::new(path).sort_by_file_name() {
        match entry {
            Ok(entry) if entry.file_type().is_dir() => {}
            Ok(entry) if is_wanted(entry.path()) => listing.files.push(entry.into_path()),
            Ok(_) => listing.skipped += 1,
            Err(error) => listing.errors.push(InputError {
                location: Location {
                    file: error.path().unwrap_or(path).display().to_string(),
                    line: None,
                },
                message: match error.io_error() {
                    Some(error) => error.to_string(),
                    None => error.to_string(),
                },
            }),
        }
    }
    if listing.files.is_empty() && listing.errors.is_empty() {
        listing.errors.push(InputError {
            location: Location {
                file: path.display().to_string(),
                line: None,
            },
            message: "no .json, .yaml or .yml file (or .gz of one) is in this folder".to_owned(),
        });
    }
    listing
}

fn is_wanted(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    [".json", ".yaml", ".yml"]
        .iter()
        .any(|extension| name.ends_with(extension))
}
