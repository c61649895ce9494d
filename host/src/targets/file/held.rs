//! What is on the disk: the output file, and what the state file says of it.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::super::Error;
use super::replace::{Access, failed};
use super::settings::Settings;
use super::state::State;

/// No file of routes is as large.
const LARGEST: u64 = 64 << 20;

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) output: Option<Contents>,
    pub(super) account: Account,
}

/// A file that is there.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Contents {
    pub(super) bytes: Vec<u8>,
    pub(super) access: Access,
}

/// What is known about the routes in the output file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Account {
    State(State),
    /// Why there is none: said of the state file.
    None(String),
}

impl Held {
    pub(super) fn read(settings: &Settings) -> Result<Self, Error> {
        let account = match read(&settings.state)? {
            None => Account::None("is not there".to_owned()),
            Some(contents) => match State::parse(&contents.bytes) {
                Ok(state) => Account::State(state),
                Err(reason) => Account::None(reason),
            },
        };
        let held = Self {
            output: read(&settings.output)?,
            account,
        };
        held.refuse_other_output(settings)?;
        Ok(held)
    }

    pub(super) fn state(&self) -> Option<&State> {
        match &self.account {
            Account::State(state) => Some(state),
            Account::None(_) => None,
        }
    }

    /// Whether the output file is as it should be.
    pub(super) fn output_is(&self, text: &str, settings: &Settings) -> bool {
        self.output.as_ref().is_some_and(|output| {
            output.bytes == text.as_bytes()
                && settings.mode.is_none_or(|mode| mode == output.access.mode)
        })
    }

    /// Why the output file must not be replaced by this text: nothing says
    /// who wrote what is in it.
    pub(super) fn foreign(&self, settings: &Settings, text: Option<&str>) -> Option<String> {
        let (Account::None(reason), Some(output)) = (&self.account, &self.output) else {
            return None;
        };
        let is_same = text.is_some_and(|text| output.bytes == text.as_bytes());
        if settings.overwrite || is_same || output.bytes.trim_ascii().is_empty() {
            return None;
        }
        Some(format!(
            "{} holds text that podroute may not have written (its state file {} {reason}), and is \
             not replaced; move it away, choose another --output, or give --overwrite if podroute \
             may replace it",
            settings.output.display(),
            settings.state.display()
        ))
    }

    /// Two files with one state file between them would undo each other.
    fn refuse_other_output(&self, settings: &Settings) -> Result<(), Error> {
        match self.state() {
            Some(state) if state.output != settings.output.to_string_lossy() => {
                if settings.overwrite {
                    return Ok(());
                }
                Err(Error::Refused(format!(
                    "the state file {} is that of {}, not of {}; give each file a --state of its \
                     own (if the file was moved: give --overwrite once)",
                    settings.state.display(),
                    state.output,
                    settings.output.display()
                )))
            }
            _ => Ok(()),
        }
    }
}

fn read(path: &Path) -> Result<Option<Contents>, Error> {
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed("read", path, &error)),
    };
    // Reading a pipe or a device might never end.
    if !metadata.is_file() || metadata.len() > LARGEST {
        return Err(Error::Refused(format!(
            "{} is no regular file of at most {} MiB; choose another path",
            path.display(),
            LARGEST >> 20
        )));
    }
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed("read", path, &error)),
    };
    Ok(Some(Contents {
        bytes,
        access: Access {
            mode: metadata.mode() & 0o777,
            owner: Some((metadata.uid(), metadata.gid())),
        },
    }))
}
