//! Making keys and certificates.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, Error, ExtendedKeyUsagePurpose,
    IsCa, Issuer, KeyPair, KeyUsagePurpose, date_time_ymd,
};

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// How long a certificate lasts.
const CERTIFICATE: SignedDuration = SignedDuration::from_hours(90 * 24);

/// How long the authority lasts that signs it.
const AUTHORITY: SignedDuration = SignedDuration::from_hours(10 * 365 * 24);

/// A certificate, its key and its end.
pub(super) struct Made {
    pub(super) certificate: String,
    pub(super) key: String,
    pub(super) ends: Timestamp,
}

pub(super) fn authority(now: Timestamp) -> Result<Made, Error> {
    let key = KeyPair::generate()?;
    let ends = now + AUTHORITY;
    let params = lasting(authority_params(), now, ends);
    Ok(Made {
        certificate: params.self_signed(&key)?.pem(),
        key: key.serialize_pem(),
        ends,
    })
}

/// `authority_key` is PEM.
pub(super) fn certificate(
    names: &[String],
    authority_key: &str,
    now: Timestamp,
) -> Result<Made, Error> {
    let key = KeyPair::generate()?;
    let ends = now + CERTIFICATE;
    let mut params = lasting(CertificateParams::new(names)?, now, ends);
    params.distinguished_name = named("podroute webhook");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    let issuer = Issuer::new(authority_params(), KeyPair::from_pem(authority_key)?);
    Ok(Made {
        certificate: params.signed_by(&key, &issuer)?.pem(),
        key: key.serialize_pem(),
        ends,
    })
}

/// All that a certificate says of who signed it. The identifier comes from the
/// key.
fn authority_params() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = named("podroute webhook CA");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params
}

fn named(name: &str) -> DistinguishedName {
    let mut names = DistinguishedName::new();
    names.push(DnType::CommonName, name);
    names
}

/// The clock of whoever checks it may be late.
fn lasting(mut params: CertificateParams, now: Timestamp, ends: Timestamp) -> CertificateParams {
    let epoch = date_time_ymd(1970, 1, 1);
    params.not_before = epoch + since_epoch(now - DAY);
    params.not_after = epoch + since_epoch(ends);
    params
}

fn since_epoch(time: Timestamp) -> Duration {
    Duration::from_secs(u64::try_from(time.as_second()).unwrap_or_default())
}
