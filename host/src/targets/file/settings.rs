//! The options of a file target, ready for use.

use std::ffi::OsString;
use std::path::{Path, PathBuf, absolute as absolute_path};
use std::time::Duration;

use super::super::Error;
use super::template::Template;

pub(super) struct Settings {
    pub(super) output: PathBuf,
    pub(super) state: PathBuf,
    pub(super) template: String,
    pub(super) owner: String,
    pub(super) mode: Option<u32>,
    pub(super) overwrite: bool,
    pub(super) reload: Option<String>,
    pub(super) check: Option<String>,
    pub(super) timeout: Duration,
}

impl Settings {
    /// The template as it is now: somebody may have changed its file.
    pub(super) fn template(&self) -> Result<Template, Error> {
        Template::open(&self.template)
    }
}

/// The path of a file, whatever the working directory.
pub(super) fn absolute(path: &Path) -> Result<PathBuf, Error> {
    absolute_path(path)
        .ok()
        .filter(|path| path.file_name().is_some())
        .ok_or_else(|| {
            Error::Refused(format!(
                "`{}` is not the path of a file; give --output and --state a path such as \
                 /etc/bird/podroute.conf",
                path.display()
            ))
        })
}

/// Where the state of an output file is kept by default.
pub(super) fn beside(output: &Path) -> Result<PathBuf, Error> {
    let mut state = OsString::from(absolute(output)?);
    state.push(".podroute.json");
    Ok(PathBuf::from(state))
}
