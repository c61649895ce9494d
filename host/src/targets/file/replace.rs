//! Replaces a file in one step: whoever reads it sees all of the old text or
//! all of the new one, even after a power cut.

use std::fs::{self, File, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use super::super::Error;

/// Not the ending of anything that a folder of configuration files is
/// searched for; a leading dot hides the file from `*`, too.
const DRAFT: &str = ".podroute-draft";

/// How many links may follow one another: what Linux allows.
const LINKS: usize = 40;

/// Who may read and write a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Access {
    pub(super) mode: u32,
    /// User and group; None for those that podroute runs as.
    pub(super) owner: Option<(u32, u32)>,
}

/// A new file that is complete, beside the one that it shall replace.
/// Removed if it is dropped.
pub(super) struct Draft {
    file: NamedTempFile,
    place: PathBuf,
}

impl Draft {
    pub(super) fn write(path: &Path, text: &str, access: Access) -> Result<Self, Error> {
        let place = follow(path)?;
        Self::fill(&place, text, access).map_err(|error| failed("write", &place, &error))
    }

    fn fill(place: &Path, text: &str, access: Access) -> io::Result<Self> {
        let prefix = format!(".{}.", name(place));
        remove_left_overs(folder(place), &prefix);
        let mut file = Builder::new()
            .prefix(&prefix)
            .suffix(DRAFT)
            .tempfile_in(folder(place))?;
        file.write_all(text.as_bytes())?;
        let metadata = file.as_file().metadata()?;
        let runs_as = (metadata.uid(), metadata.gid());
        if let Some((user, group)) = access.owner.filter(|owner| *owner != runs_as) {
            fchown(file.as_file(), Some(user), Some(group))?;
        }
        let permissions = Permissions::from_mode(access.mode);
        file.as_file().set_permissions(permissions)?;
        file.as_file().sync_all()?;
        Ok(Self {
            file,
            place: place.to_owned(),
        })
    }

    pub(super) fn path(&self) -> &Path {
        self.file.path()
    }

    /// Puts the new file in the place of the old one.
    pub(super) fn publish(self) -> Result<(), Error> {
        let place = self.place;
        self.file
            .persist(&place)
            .map_err(|error| error.error)
            .and_then(|_| File::open(folder(&place))?.sync_all())
            .map_err(|error| failed("replace", &place, &error))
    }
}

/// The file that a path stands for when its last part is a symbolic link, to
/// a file that need not be there.
pub(super) fn follow(path: &Path) -> Result<PathBuf, Error> {
    let mut place = path.to_owned();
    for _ in 0..LINKS {
        match fs::read_link(&place) {
            Ok(target) => place = folder(&place).join(target),
            // It is there and no link; it is not there.
            Err(error) if matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::NotFound) => {
                return Ok(place);
            }
            Err(error) => return Err(failed("read", &place, &error)),
        }
    }
    Err(Error::Refused(format!(
        "{} is a symbolic link that leads nowhere; remove it",
        path.display()
    )))
}

/// What to do about an error of the file system, and whether to wait helps.
pub(super) fn failed(doing: &str, path: &Path, error: &io::Error) -> Error {
    let path = path.display();
    match error.kind() {
        ErrorKind::NotFound => Error::Refused(format!(
            "cannot {doing} {path}: {error}; make its folder, or choose another path"
        )),
        ErrorKind::PermissionDenied => Error::Refused(format!(
            "cannot {doing} {path}: {error}; the user that podroute runs as needs the right to \
             read it, to write to its folder and to keep the file's owner (run as that owner, or \
             give the file to podroute's user)"
        )),
        ErrorKind::ReadOnlyFilesystem => Error::Refused(format!(
            "cannot {doing} {path}: {error}; mount it writable (in a systemd unit: name its folder \
             in ReadWritePaths=)"
        )),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            Error::Unavailable(format!("cannot {doing} {path}: {error}; make room there"))
        }
        _ => Error::Unavailable(format!(
            "cannot {doing} {path}: {error}; look at the disk and at the machine's log"
        )),
    }
}

/// Drafts that stayed when podroute was killed. Those that cannot be removed
/// do no harm.
fn remove_left_overs(folder: &Path, prefix: &str) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries {
        let name = entry.file_name();
        let is_draft = name
            .to_str()
            .and_then(|name| name.strip_prefix(prefix)?.strip_suffix(DRAFT))
            .is_some_and(|random| !random.contains('.'));
        if is_draft {
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn folder(place: &Path) -> &Path {
    match place.parent() {
        Some(folder) => folder,
        None => Path::new("/"),
    }
}

fn name(place: &Path) -> String {
    place
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}
