//! Who may ask: those with a token or a certificate, and what a server that
//! asks for neither still refuses.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, HOST, HeaderValue, ORIGIN};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::answer::Refusal;
use super::tokens::Tokens;

/// What a request has to bring. One of what is asked for is enough.
#[derive(Clone, Default)]
pub(crate) struct Guard {
    pub(crate) tokens: Option<Tokens>,
    /// Whether clients are asked for a certificate.
    pub(crate) certificates: bool,
    /// Whether only this machine can ask.
    pub(crate) local: bool,
}

/// Is in the requests of a connection on which a certificate was shown that
/// the server trusts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Certified;

/// Passes on what may be asked.
pub(crate) async fn guard(
    State(guard): State<Arc<Guard>>,
    request: Request,
    next: Next,
) -> Response {
    match guard.refusal(&request) {
        None => next.run(request).await,
        Some(refusal) => refusal.into_response(),
    }
}

impl Guard {
    fn refusal(&self, request: &Request) -> Option<Refusal> {
        let headers = request.headers();
        let wanted = match (&self.tokens, self.certificates) {
            (None, false) => return self.refusal_of_pages(headers),
            (Some(_), false) => TOKEN,
            (None, true) => CERTIFICATE,
            (Some(_), true) => EITHER,
        };
        let by_token = self
            .tokens
            .as_ref()
            .is_some_and(|tokens| bearer(headers).is_some_and(|token| tokens.accept(token)));
        let by_certificate = self.certificates && request.extensions().get::<Certified>().is_some();
        (!by_token && !by_certificate).then(|| Refusal::new(StatusCode::UNAUTHORIZED, wanted))
    }

    /// A browser reaches addresses of this machine that nobody else does: a
    /// page from elsewhere could confirm a plan; and a page whose name is made
    /// to point to 127.0.0.1 could read the answers.
    fn refusal_of_pages(&self, headers: &HeaderMap) -> Option<Refusal> {
        let other_name = headers.get(HOST).is_some_and(|host| !is_local(host));
        (headers.contains_key(ORIGIN) || self.local && other_name).then(|| {
            Refusal::new(
                StatusCode::FORBIDDEN,
                "a web page may not ask this; ask by 127.0.0.1 or localhost, or start podroute with a token file",
            )
        })
    }
}

const TOKEN: &str = "this needs a token: send `Authorization: Bearer TOKEN` with one of those in the server's token file";
const CERTIFICATE: &str =
    "this needs a client certificate of the authority that the server was given for clients";
const EITHER: &str = "this needs a token of the server's token file, as `Authorization: Bearer TOKEN`, or a client certificate of the authority that the server was given for clients";

fn bearer(headers: &HeaderMap) -> Option<&[u8]> {
    let value = headers.get(AUTHORIZATION)?.as_bytes();
    let (scheme, token) = value.split_at_checked("Bearer ".len())?;
    scheme
        .eq_ignore_ascii_case(b"Bearer ")
        .then(|| token.trim_ascii())
}

fn is_local(host: &HeaderValue) -> bool {
    let Ok(authority) = Authority::try_from(host.as_bytes()) else {
        return false;
    };
    let name = authority.host();
    let address = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost") || address.parse::<IpAddr>().is_ok()
}
