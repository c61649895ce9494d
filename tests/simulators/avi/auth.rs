//! Users, sessions and CSRF tokens.

use std::collections::HashMap;

use axum::http::{HeaderMap, Method};
use serde::Deserialize;

#[derive(Default)]
pub(super) struct Auth {
    users: HashMap<String, User>,
    sessions: HashMap<String, Session>,
    made: u64,
}

#[derive(Default)]
struct User {
    password: String,
    tokens: Vec<String>,
}

struct Session {
    csrf: String,
    /// The token was replaced since the client was told one.
    rotated: bool,
}

/// What is sent to `/login`.
#[derive(Deserialize)]
pub(super) struct Login {
    username: String,
    password: Option<String>,
    token: Option<String>,
}

/// Why a request is not let in: status, message, cookies to set.
pub(super) type Denied = (u16, &'static str, Vec<String>);

impl Auth {
    pub(super) fn set_password(&mut self, user: &str, password: &str) {
        password.clone_into(&mut self.users.entry(user.to_owned()).or_default().password);
    }

    pub(super) fn add_token(&mut self, user: &str, token: &str) {
        let user = self.users.entry(user.to_owned()).or_default();
        user.tokens.push(token.to_owned());
    }

    pub(super) fn expire(&mut self) {
        self.sessions.clear();
    }

    pub(super) fn rotate(&mut self) {
        for session in self.sessions.values_mut() {
            self.made += 1;
            session.csrf = format!("csrf-{}", self.made);
            session.rotated = true;
        }
    }

    /// The cookies of a new session, if user and password or token are right.
    pub(super) fn log_in(&mut self, login: &Login) -> Option<Vec<String>> {
        let user = self.users.get(&login.username)?;
        let right = match (&login.password, &login.token) {
            (Some(password), None) => *password == user.password,
            (None, Some(token)) => user.tokens.contains(token),
            _ => false,
        };
        if !right {
            return None;
        }
        self.made += 1;
        let id = format!("session-{}", self.made);
        let session = Session {
            csrf: format!("csrf-{}", self.made),
            rotated: false,
        };
        let cookies = cookies(&id, &session);
        self.sessions.insert(id, session);
        Some(cookies)
    }

    /// Whether a request of the API comes from a session, and from the place
    /// that the session is used at.
    pub(super) fn check(&mut self, method: &Method, headers: &HeaderMap) -> Result<(), Denied> {
        let id = cookie(headers, "sessionid").unwrap_or_default();
        let avi_id = cookie(headers, "avi-sessionid").unwrap_or_default();
        let unauthorized = (401, "Authentication credentials were not provided.", vec![]);
        let Some(session) = self.sessions.get_mut(&id).filter(|_| id == avi_id) else {
            return Err(unauthorized);
        };
        let token = header(headers, "x-csrftoken");
        if session.rotated && token.as_ref() != Some(&session.csrf) {
            return Err((419, "CSRF token has expired", cookies(&id, session)));
        }
        session.rotated = false;
        if *method == Method::GET {
            return Ok(());
        }
        let referer = header(headers, "referer").unwrap_or_default();
        let host = header(headers, "host").unwrap_or_default();
        if !referer.starts_with(&format!("https://{host}/")) {
            return Err((403, "CSRF Failed: Referer checking failed", vec![]));
        }
        if token.is_none()
            || token != cookie(headers, "csrftoken")
            || token != Some(session.csrf.clone())
        {
            return Err((403, "CSRF Failed: CSRF token missing or incorrect.", vec![]));
        }
        Ok(())
    }
}

fn cookies(id: &str, session: &Session) -> Vec<String> {
    vec![
        format!("csrftoken={}; Path=/; Secure", session.csrf),
        format!("sessionid={id}; HttpOnly; Path=/; Secure"),
        format!("avi-sessionid={id}; HttpOnly; Path=/; Secure"),
    ]
}

pub(super) fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let all = header(headers, "cookie")?;
    let mut pairs = all
        .split(';')
        .filter_map(|pair| pair.trim().split_once('='));
    let (_, value) = pairs.find(|(key, _)| *key == name)?;
    Some(value.to_owned())
}
