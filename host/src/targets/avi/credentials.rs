//! Who we are to the controller, from files that may change at any time:
//! mounted Secrets.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

/// A password or a token. Nothing prints it.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Secret(String);

impl Secret {
    /// For the one place that sends it.
    pub(super) fn reveal(&self) -> &str {
        &self.0
    }

    /// Takes the secret out of a text that somebody else wrote.
    pub(super) fn hide_in(&self, text: &str) -> String {
        if self.0.is_empty() {
            return text.to_owned();
        }
        text.replace(&self.0, "(secret)")
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

/// What a login takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) username: String,
    pub(super) proof: Proof,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Proof {
    Password(Secret),
    Token(Secret),
}

impl Proof {
    pub(super) fn secret(&self) -> &Secret {
        match self {
            Self::Password(secret) | Self::Token(secret) => secret,
        }
    }
}

/// Where to find it.
#[derive(Clone, Debug, Default)]
pub(super) struct Credentials {
    pub(super) username: Option<String>,
    pub(super) username_file: Option<PathBuf>,
    pub(super) password_file: Option<PathBuf>,
    pub(super) token_file: Option<PathBuf>,
    /// A folder with files as in AKO's Secret `avi-secret`.
    pub(super) folder: Option<PathBuf>,
}

impl Credentials {
    /// Reads everything anew.
    pub(super) fn read(&self) -> Result<Identity, String> {
        Ok(Identity {
            username: self.read_username()?,
            proof: self.read_proof()?,
        })
    }

    fn read_username(&self) -> Result<String, String> {
        if let Some(username) = &self.username {
            return Ok(username.clone());
        }
        let file = self.username_file.clone();
        let Some(file) = file.or_else(|| self.in_folder("username")) else {
            return Err(
                "no user for the Avi Controller: give --username, --username-file or --credentials"
                    .to_owned(),
            );
        };
        let username = read(&file)?.trim().to_owned();
        if username.is_empty() {
            return Err(format!(
                "{}: is empty; write the user's name into it",
                file.display()
            ));
        }
        Ok(username)
    }

    fn read_proof(&self) -> Result<Proof, String> {
        if let Some(file) = &self.token_file {
            return secret(file).map(Proof::Token);
        }
        if let Some(file) = &self.password_file {
            return secret(file).map(Proof::Password);
        }
        if let Some(file) = self.in_folder("authtoken").filter(|file| has_text(file)) {
            return secret(&file).map(Proof::Token);
        }
        if let Some(file) = self.in_folder("password") {
            return secret(&file).map(Proof::Password);
        }
        Err("no password for the Avi Controller: give --password-file, --token-file or --credentials".to_owned())
    }

    fn in_folder(&self, name: &str) -> Option<PathBuf> {
        self.folder.as_ref().map(|folder| folder.join(name))
    }
}

/// Which certificates the controller may show.
#[derive(Clone, Debug)]
pub(super) enum Trust {
    /// One signed by an authority that the system trusts.
    System,
    /// One signed by an authority in this file.
    File(PathBuf),
    /// The file of the same name in AKO's Secret, if it is there.
    Folder(PathBuf),
    /// Any.
    Anything,
}

/// The same, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Anchors {
    System,
    Pem(String),
    Anything,
}

impl Trust {
    /// Reads it anew.
    pub(super) fn read(&self) -> Result<Anchors, String> {
        match self {
            Self::System => Ok(Anchors::System),
            Self::File(file) => read(file).map(Anchors::Pem),
            Self::Folder(folder) => {
                let file = folder.join("certificateAuthorityData");
                if has_text(&file) {
                    read(&file).map(Anchors::Pem)
                } else {
                    Ok(Anchors::System)
                }
            }
            Self::Anything => Ok(Anchors::Anything),
        }
    }
}

/// Secrets are often written with a newline at the end that is not meant.
fn secret(file: &Path) -> Result<Secret, String> {
    let text = read(file)?;
    let text = text.trim_end_matches(['\r', '\n']);
    if text.is_empty() {
        return Err(format!(
            "{}: is empty; write the password or token into it",
            file.display()
        ));
    }
    Ok(Secret(text.to_owned()))
}

/// A key of a Secret may be there with no value. A file that cannot be read
/// counts as one with text, so that reading it says why.
fn has_text(file: &Path) -> bool {
    match fs::metadata(file) {
        Ok(metadata) => metadata.len() > 0,
        Err(error) => error.kind() != std::io::ErrorKind::NotFound,
    }
}

fn read(file: &Path) -> Result<String, String> {
    fs::read_to_string(file).map_err(|error| {
        format!(
            "{}: {error}; check the path, and that the Secret is mounted",
            file.display()
        )
    })
}
