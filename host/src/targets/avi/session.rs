//! A session with a controller: login, cookies, and what to do when they are
//! no longer accepted. The VRF contexts of one controller share it.

use std::sync::Arc;
use std::time::Duration;

use reqwest::cookie::{CookieStore, Jar};
use reqwest::{Client, Method, RequestBuilder, StatusCode, Url};
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::answer::Answer;
use super::credentials::{Anchors, Credentials, Identity, Proof, Trust};
use super::{transport, version};
use crate::targets::Error;

/// The CSRF token that the controller gave is no longer valid; the answer
/// brings another one.
const PAGE_EXPIRED: u16 = 419;

/// A controller, and how to get in.
#[derive(Debug)]
pub(super) struct Settings {
    /// `https://host[:port]/`.
    pub(super) url: Url,
    pub(super) tenant: String,
    pub(super) version: Option<String>,
    pub(super) timeout: Duration,
    pub(super) credentials: Credentials,
    pub(super) trust: Trust,
}

#[derive(Debug)]
pub(super) struct Session {
    settings: Settings,
    login: Mutex<Option<Arc<Login>>>,
}

/// What a login gave. Not Debug: the jar holds the session.
struct Login {
    client: Client,
    jar: Arc<Jar>,
    anchors: Anchors,
    version: String,
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(logged in)")
    }
}

/// A request of the API.
#[derive(Clone, Debug)]
pub(super) struct Request<'a> {
    method: Method,
    url: Url,
    tenant: Option<&'a str>,
    body: Option<&'a str>,
}

impl Session {
    pub(super) fn new(settings: Settings) -> Self {
        Self {
            settings,
            login: Mutex::new(None),
        }
    }

    pub(super) fn tenant(&self) -> &str {
        &self.settings.tenant
    }

    /// Reads from the API: `/api/KIND`, `/api/KIND/UUID`.
    pub(super) async fn get(&self, path: &[&str], query: &[(&str, &str)]) -> Result<Answer, Error> {
        let mut url = self.api(path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let request = Request {
            method: Method::GET,
            url,
            tenant: None,
            body: None,
        };
        self.send(&request).await
    }

    /// Writes to the API, as our tenant or as another.
    pub(super) async fn put(
        &self,
        path: &[&str],
        tenant: Option<&str>,
        body: &str,
    ) -> Result<Answer, Error> {
        let request = Request {
            method: Method::PUT,
            url: self.api(path),
            tenant,
            body: Some(body),
        };
        self.send(&request).await
    }

    /// A request that is not authenticated was not carried out: those alone
    /// are sent again.
    async fn send(&self, request: &Request<'_>) -> Result<Answer, Error> {
        let login = self.login(None).await?;
        let mut answer = self.send_as(&login, request).await?;
        if answer.status.as_u16() == PAGE_EXPIRED {
            // The jar has the cookies that came with the answer.
            answer = self.send_as(&login, request).await?;
        }
        if answer.status == StatusCode::UNAUTHORIZED || answer.status.as_u16() == PAGE_EXPIRED {
            let login = self.login(Some(&login)).await?;
            answer = self.send_as(&login, request).await?;
        }
        Ok(answer)
    }

    async fn send_as(&self, login: &Login, request: &Request<'_>) -> Result<Answer, Error> {
        let tenant = request.tenant.unwrap_or(&self.settings.tenant);
        let mut builder = login
            .client
            .request(request.method.clone(), request.url.clone())
            .header("X-Avi-Version", &login.version)
            .header("X-Avi-Tenant", tenant);
        if let Some(token) = login.csrf_token(&self.settings.url) {
            builder = builder.header("X-CSRFToken", token);
        }
        if let Some(body) = request.body {
            builder = builder.body(body.to_owned());
        }
        let name = format!("{} {}", request.method, request.url);
        transport::send(name, self.as_browser(builder)).await
    }

    /// A login that is valid as far as we know. A `refused` one is replaced,
    /// unless somebody else has done so since.
    async fn login(&self, refused: Option<&Arc<Login>>) -> Result<Arc<Login>, Error> {
        let anchors = self.settings.trust.read().map_err(Error::Refused)?;
        let mut current = self.login.lock().await;
        if let Some(login) = &*current
            && login.anchors == anchors
            && !refused.is_some_and(|refused| Arc::ptr_eq(refused, login))
        {
            return Ok(Arc::clone(login));
        }
        *current = None;
        let login = Arc::new(self.log_in(anchors).await?);
        *current = Some(Arc::clone(&login));
        Ok(login)
    }

    async fn log_in(&self, anchors: Anchors) -> Result<Login, Error> {
        let jar = Arc::new(Jar::default());
        let client = transport::client(&anchors, &jar, self.settings.timeout)?;
        let credentials = &self.settings.credentials;
        let mut identity = credentials.read().map_err(Error::Refused)?;
        let mut answer = self.present(&client, &identity).await?;
        if answer.status == StatusCode::UNAUTHORIZED {
            // Passwords are rotated at two places, not at the same moment.
            // The same one again would only count towards locking the user.
            let reread = credentials.read().map_err(Error::Refused)?;
            if reread != identity {
                identity = reread;
                answer = self.present(&client, &identity).await?;
            }
        }
        if !answer.status.is_success() {
            return Err(login_error(answer, &identity));
        }
        let controller = match controller_version(&answer.body) {
            Some(version) => Some(version),
            None => self.ask_version(&client).await?,
        };
        let wanted = self.settings.version.as_deref();
        let version = version::choose(wanted, controller.as_deref());
        if let Some(wanted) = wanted.filter(|wanted| *wanted != version) {
            tracing::warn!(
                "the Avi Controller is of version {version}: that is spoken instead of {wanted}; lower --api-version"
            );
        }
        Ok(Login {
            client,
            jar,
            anchors,
            version,
        })
    }

    async fn present(&self, client: &Client, identity: &Identity) -> Result<Answer, Error> {
        let mut url = self.settings.url.clone();
        url.set_path("/login");
        let username = &identity.username;
        let body = match &identity.proof {
            Proof::Password(secret) => json!({"username": username, "password": secret.reveal()}),
            Proof::Token(secret) => json!({"username": username, "token": secret.reveal()}),
        };
        let name = format!("POST {url}");
        let builder = client.post(url).body(body.to_string());
        transport::send(name, self.as_browser(builder)).await
    }

    /// For controllers that do not say so at login.
    async fn ask_version(&self, client: &Client) -> Result<Option<String>, Error> {
        let url = self.api(&["initial-data"]);
        let name = format!("GET {url}");
        let answer = transport::send(name, self.as_browser(client.get(url))).await?;
        if answer.status.is_server_error() {
            return Err(answer.error());
        }
        Ok(controller_version(&answer.body))
    }

    /// The controller protects its API as it protects its web pages.
    fn as_browser(&self, builder: RequestBuilder) -> RequestBuilder {
        builder
            .header("Content-Type", "application/json")
            .header("Referer", self.settings.url.as_str())
    }

    fn api(&self, path: &[&str]) -> Url {
        let mut url = self.settings.url.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.clear().push("api").extend(path);
        }
        url
    }
}

impl Login {
    fn csrf_token(&self, url: &Url) -> Option<String> {
        let cookies = self.jar.cookies(url)?;
        let cookies = cookies.to_str().ok()?;
        cookies
            .split(';')
            .find_map(|cookie| cookie.trim().strip_prefix("csrftoken="))
            .map(str::to_owned)
    }
}

/// The controller's message might repeat what was sent.
fn login_error(mut answer: Answer, identity: &Identity) -> Error {
    answer.body = identity.proof.secret().hide_in(&answer.body);
    if matches!(answer.status.as_u16(), 400 | 401 | 403) {
        return Error::Refused(format!(
            "{}: the controller does not let user {} in: HTTP {}{}; check the user's name and password or token",
            answer.request,
            identity.username,
            answer.status,
            answer.message()
        ));
    }
    answer.error()
}

/// `{"version": {"Version": "30.2.1", ...}, ...}`.
fn controller_version(body: &str) -> Option<String> {
    let body: Value = serde_json::from_str(body).ok()?;
    let version = body.get("version")?.get("Version")?.as_str()?;
    version::is_valid(version).then(|| version.to_owned())
}
