//! What the Secret holds: that of type kubernetes.io/tls, and the authority's
//! key. When things end stands beside it.

use std::collections::BTreeMap;
use std::fmt;

use jiff::{SignedDuration, Timestamp};
use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret;
use rcgen::KeyPair;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

use super::error::Error;
use super::issue;

const CERTIFICATE: &str = "tls.crt";
const KEY: &str = "tls.key";
const AUTHORITY: &str = "ca.crt";
const AUTHORITY_KEY: &str = "ca.key";

const NAMES: &str = "podroute.dev/names";
const CERTIFICATE_ENDS: &str = "podroute.dev/certificate-ends";
const AUTHORITY_ENDS: &str = "podroute.dev/authority-ends";

/// A certificate is renewed when it lasts for less than this.
const RENEW_CERTIFICATE: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The authority is: four certificates before it ends.
const RENEW_AUTHORITY: SignedDuration = SignedDuration::from_hours(365 * 24);

const END_OF_PEM: &str = "-----END CERTIFICATE-----";

/// The certificate, and what is needed to renew it. All PEM.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Kept {
    pub(super) certificate: String,
    pub(super) key: String,
    pub(super) certificate_ends: Timestamp,
    names: String,
    /// The authority that signs, and the one before it, if any.
    pub(super) authority: String,
    authority_key: String,
    authority_ends: Timestamp,
}

/// What has to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    Nothing,
    Certificate,
    Authority,
    Everything,
}

impl fmt::Display for Due {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nothing => "nothing",
            Self::Certificate => "a certificate",
            Self::Authority => "a certificate authority beside the former one",
            Self::Everything => "a certificate authority and a certificate",
        })
    }
}

impl Kept {
    pub(super) fn new(names: &[String], now: Timestamp) -> Result<Self, Error> {
        let authority = issue::authority(now).map_err(|error| failed(names, &error))?;
        let made = issue::certificate(names, &authority.key, now)
            .map_err(|error| failed(names, &error))?;
        Ok(Self {
            certificate: made.certificate,
            key: made.key,
            certificate_ends: made.ends,
            names: names.join(","),
            authority: authority.certificate,
            authority_key: authority.key,
            authority_ends: authority.ends,
        })
    }

    pub(super) fn due(&self, names: &[String], now: Timestamp) -> Due {
        let left = |end: Timestamp| end.duration_since(now);
        if left(self.authority_ends) <= SignedDuration::ZERO {
            Due::Everything
        } else if left(self.authority_ends) < RENEW_AUTHORITY {
            Due::Authority
        } else if left(self.certificate_ends) < RENEW_CERTIFICATE || self.names != names.join(",") {
            Due::Certificate
        } else {
            Due::Nothing
        }
    }

    pub(super) fn with_certificate(self, names: &[String], now: Timestamp) -> Result<Self, Error> {
        let made = issue::certificate(names, &self.authority_key, now)
            .map_err(|error| failed(names, &error))?;
        Ok(Self {
            certificate: made.certificate,
            key: made.key,
            certificate_ends: made.ends,
            names: names.join(","),
            ..self
        })
    }

    /// The certificate stays that of the former authority.
    pub(super) fn with_authority(self, now: Timestamp) -> Result<Self, Error> {
        let made = issue::authority(now).map_err(|error| failed(&[], &error))?;
        let former = match self.authority.split_once(END_OF_PEM) {
            Some((former, _)) => format!("{former}{END_OF_PEM}\n"),
            None => self.authority,
        };
        Ok(Self {
            authority: format!("{}{former}", made.certificate),
            authority_key: made.key,
            authority_ends: made.ends,
            ..self
        })
    }

    /// None when something is missing or cannot be used.
    pub(super) fn read(secret: &Secret) -> Option<Self> {
        let data = secret.data.as_ref()?;
        let notes = secret.metadata.annotations.as_ref()?;
        let text = |key| String::from_utf8(data.get::<str>(key)?.0.clone()).ok();
        let time = |key| notes.get::<str>(key)?.parse().ok();
        let kept = Self {
            certificate: text(CERTIFICATE)?,
            key: text(KEY)?,
            certificate_ends: time(CERTIFICATE_ENDS)?,
            names: notes.get(NAMES)?.clone(),
            authority: text(AUTHORITY)?,
            authority_key: text(AUTHORITY_KEY)?,
            authority_ends: time(AUTHORITY_ENDS)?,
        };
        kept.is_usable().then_some(kept)
    }

    fn is_usable(&self) -> bool {
        let chain: Result<Vec<_>, _> =
            CertificateDer::pem_slice_iter(self.certificate.as_bytes()).collect();
        let (Ok(chain), Ok(key)) = (chain, PrivateKeyDer::from_pem_slice(self.key.as_bytes()))
        else {
            return false;
        };
        let authority = CertificateDer::pem_slice_iter(self.authority.as_bytes());
        // Certificate and key have to belong together.
        CertifiedKey::from_der(chain, key, &ring::default_provider()).is_ok()
            && KeyPair::from_pem(&self.authority_key).is_ok()
            && authority.flatten().next().is_some()
    }

    /// Into the Secret as it was found; what others have added to it stays.
    pub(super) fn write(&self, mut secret: Secret, name: &str) -> Secret {
        secret.metadata.name = Some(name.to_owned());
        // The type of a Secret cannot be changed.
        if secret.type_.is_none() {
            secret.type_ = Some("kubernetes.io/tls".to_owned());
        }
        let data = secret.data.get_or_insert_with(BTreeMap::new);
        for (key, text) in [
            (CERTIFICATE, &self.certificate),
            (KEY, &self.key),
            (AUTHORITY, &self.authority),
            (AUTHORITY_KEY, &self.authority_key),
        ] {
            data.insert(key.to_owned(), ByteString(text.clone().into_bytes()));
        }
        let notes = secret
            .metadata
            .annotations
            .get_or_insert_with(BTreeMap::new);
        for (key, text) in [
            (NAMES, self.names.clone()),
            (CERTIFICATE_ENDS, self.certificate_ends.to_string()),
            (AUTHORITY_ENDS, self.authority_ends.to_string()),
        ] {
            notes.insert(key.to_owned(), text);
        }
        secret
    }
}

fn failed(names: &[String], error: &rcgen::Error) -> Error {
    Error::Making {
        names: names.join(", "),
        reason: error.to_string(),
    }
}
