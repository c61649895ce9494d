//! Who may ask: bearer tokens, and what a server without them still refuses.

use std::mem;
use std::net::IpAddr;
use std::sync::{Arc, PoisonError, RwLock};

use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, HOST, HeaderValue, ORIGIN};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use subtle::{Choice, ConstantTimeEq};

use super::Context;
use super::answer::Refusal;
use super::files::FromFiles;

/// Shorter ones can be guessed.
const SHORTEST: usize = 16;

/// The tokens that are accepted: the lines of a file. Several of them let
/// clients change from one to the next one after the other.
#[derive(Clone)]
pub(super) struct Tokens(Arc<RwLock<Vec<Vec<u8>>>>);

impl FromFiles<1> for Tokens {
    fn from_files([file]: &[Vec<u8>; 1]) -> Result<Self, String> {
        let tokens: Vec<Vec<u8>> = file
            .split(|byte| *byte == b'\n')
            .map(|line| line.trim_ascii().to_vec())
            .filter(|line| !line.is_empty())
            .collect();
        if tokens.is_empty() {
            return Err("there is no token in it; write one per line".to_owned());
        }
        if tokens.iter().any(|token| token.len() < SHORTEST) {
            return Err(format!(
                "a token in it has less than {SHORTEST} characters; make one with `openssl rand -hex 32`"
            ));
        }
        if !tokens.iter().flatten().all(u8::is_ascii_graphic) {
            return Err(
                "a token in it has a space or another character that a bearer token cannot have; write one per line"
                    .to_owned(),
            );
        }
        Ok(Self(Arc::new(RwLock::new(tokens))))
    }

    fn replace(&self, new: Self) {
        let mut tokens = self.0.write().unwrap_or_else(PoisonError::into_inner);
        *tokens = mem::take(&mut *new.0.write().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Tokens {
    /// Takes as long for a token that is nearly right as for any other.
    fn accept(&self, given: &[u8]) -> bool {
        let tokens = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let right = tokens
            .iter()
            .fold(Choice::from(0), |right, token| right | token.ct_eq(given));
        right.into()
    }
}

pub(super) async fn check(
    State(context): State<Arc<Context>>,
    request: Request,
    next: Next,
) -> Response {
    let headers = request.headers();
    let refused = match &context.tokens {
        Some(tokens) if bearer(headers).is_some_and(|token| tokens.accept(token)) => None,
        Some(_) => Some(Refusal::new(
            StatusCode::UNAUTHORIZED,
            "this needs a token: send `Authorization: Bearer TOKEN` with one of those in --token-file",
        )),
        None if from_a_page(headers) => Some(Refusal::new(
            StatusCode::FORBIDDEN,
            "a web page may not ask this; ask by 127.0.0.1 or localhost, or start podroute with --token-file",
        )),
        None => None,
    };
    match refused {
        None => next.run(request).await,
        Some(refusal) => refusal.into_response(),
    }
}

fn bearer(headers: &HeaderMap) -> Option<&[u8]> {
    let value = headers.get(AUTHORIZATION)?.as_bytes();
    let (scheme, token) = value.split_at_checked("Bearer ".len())?;
    scheme
        .eq_ignore_ascii_case(b"Bearer ")
        .then(|| token.trim_ascii())
}

/// Whether a browser asks for a page from elsewhere. It reaches addresses of
/// this machine that nobody else does, so that without tokens a page could
/// confirm a plan; and a page whose name is made to point to 127.0.0.1 could
/// read the answers.
fn from_a_page(headers: &HeaderMap) -> bool {
    let by_other_name = headers.get(HOST).is_some_and(|host| !is_local(host));
    by_other_name || headers.contains_key(ORIGIN)
}

fn is_local(host: &HeaderValue) -> bool {
    let Ok(authority) = Authority::try_from(host.as_bytes()) else {
        return false;
    };
    let name = authority.host();
    let address = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost") || address.parse::<IpAddr>().is_ok()
}
