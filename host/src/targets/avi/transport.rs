//! HTTPS, with what may go wrong on the way put into words.

use std::error::Error as _;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use reqwest::cookie::Jar;
use reqwest::{Certificate, Client, RequestBuilder, redirect};

use super::answer::Answer;
use super::credentials::Anchors;
use crate::targets::Error;

/// How much of an answer is read: many times the largest VRF context.
const LARGEST_BODY: usize = 256 << 20;

const LONGEST_CONNECT: Duration = Duration::from_secs(10);

/// Shorter than the controller keeps an idle connection.
const LONGEST_IDLE: Duration = Duration::from_secs(30);

/// A client that trusts these authorities and keeps cookies in this jar.
pub(super) fn client(
    anchors: &Anchors,
    jar: &Arc<Jar>,
    timeout: Duration,
) -> Result<Client, Error> {
    let builder = Client::builder()
        .https_only(true)
        .redirect(redirect::Policy::none())
        .connect_timeout(timeout.min(LONGEST_CONNECT))
        .timeout(timeout)
        .pool_idle_timeout(LONGEST_IDLE)
        .cookie_provider(Arc::clone(jar));
    let builder = match anchors {
        Anchors::System => builder,
        Anchors::Pem(pem) => builder.tls_certs_only(certificates(pem)?),
        Anchors::Anything => builder.tls_danger_accept_invalid_certs(true),
    };
    builder.build().map_err(|error| {
        Error::Refused(format!(
            "no TLS for the Avi Controller: {}; give the authority that signed its certificate with --ca-file",
            causes(&error)
        ))
    })
}

/// Sends a request and reads the whole answer. `name` is for messages.
pub(super) async fn send(name: String, request: RequestBuilder) -> Result<Answer, Error> {
    let mut response = match request.send().await {
        Ok(response) => response,
        Err(error) => return Err(failure(&name, &error)),
    };
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() > LARGEST_BODY => {
                return Err(Error::Unavailable(format!(
                    "{name}: the answer is longer than {} MiB; is this an Avi Controller?",
                    LARGEST_BODY >> 20
                )));
            }
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => break,
            Err(error) => return Err(failure(&name, &error)),
        }
    }
    let Ok(body) = String::from_utf8(body) else {
        return Err(Error::Unavailable(format!(
            "{name}: the answer is not UTF-8; is this an Avi Controller?"
        )));
    };
    let location = response.headers().get(reqwest::header::LOCATION);
    Ok(Answer {
        status: response.status(),
        location: location.and_then(|value| value.to_str().ok().map(str::to_owned)),
        request: name,
        body,
    })
}

fn certificates(pem: &str) -> Result<Vec<Certificate>, Error> {
    let certificates = Certificate::from_pem_bundle(pem.as_bytes()).unwrap_or_default();
    if certificates.is_empty() {
        return Err(Error::Refused(
            "the file with the Avi Controller's certificate authority holds no certificate; write it there as PEM"
                .to_owned(),
        ));
    }
    Ok(certificates)
}

fn failure(name: &str, error: &reqwest::Error) -> Error {
    if let Some(reason) = bad_certificate(error) {
        return Error::Refused(format!(
            "{name}: the controller's certificate is not accepted: {reason}; check --controller, and give the authority that signed it with --ca-file"
        ));
    }
    let what = if error.is_timeout() {
        "no answer in time"
    } else if error.is_connect() {
        "no connection"
    } else {
        "the answer broke off"
    };
    Error::Unavailable(format!(
        "{name}: {what}: {}; tried again later",
        causes(error)
    ))
}

/// An error of the certificate is somewhere below. I/O errors do not give
/// what they wrap as their source.
fn bad_certificate(error: &reqwest::Error) -> Option<String> {
    let mut next = error.source();
    while let Some(cause) = next {
        if let Some(error @ rustls::Error::InvalidCertificate(_)) = cause.downcast_ref() {
            return Some(error.to_string());
        }
        let wrapped = cause
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        next = match wrapped {
            Some(wrapped) => Some(wrapped),
            None => cause.source(),
        };
    }
    None
}

/// The innermost cause says most; the outer ones repeat the address.
fn causes(error: &reqwest::Error) -> String {
    let mut text = String::new();
    let mut next = error.source();
    while let Some(cause) = next {
        text = cause.to_string();
        next = cause.source();
    }
    if text.is_empty() {
        // Without the address, which stands in front already.
        text = error.to_string();
    }
    text
}
