//! Where snapshots are read from, as the command line names it.

use std::path::PathBuf;

use podroute::snapshot::Input;

/// Files and folders; `-` is standard input.
pub(super) fn inputs(paths: &[PathBuf]) -> Vec<Input> {
    paths
        .iter()
        .map(|path| match path.to_str() {
            Some("-") => Input::Stdin,
            _ => Input::Path(path.clone()),
        })
        .collect()
}
