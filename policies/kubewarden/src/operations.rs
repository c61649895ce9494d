//! What the module can be asked, payload in and payload out.

use podroute_policy::json;
use serde::Serialize;

use crate::answer::Answer;
use crate::gather::Gathered;
use crate::host::Host;
use crate::judge;
use crate::request::Asked;
use crate::settings::PolicySettings;

/// Whether settings can be used, and if not, why.
#[derive(Serialize)]
struct SettingsAnswer {
    valid: bool,
    message: Option<String>,
}

pub fn protocol_version() -> Vec<u8> {
    b"\"v1\"".to_vec()
}

pub fn validate_settings(payload: &[u8]) -> Result<Vec<u8>, String> {
    let message = PolicySettings::read(payload).err();
    write(&SettingsAnswer {
        valid: message.is_none(),
        message,
    })
}

/// Judges an admission request. The error says why there is no answer at all:
/// Kubewarden then takes the request for refused.
pub fn validate(payload: &[u8], host: &Host) -> Result<Vec<u8>, String> {
    let asked = Asked::read(payload)?;
    let settings = PolicySettings::read(asked.settings())?;
    let change = match asked.change() {
        Some(change) if !settings.exempts(asked.namespace()) => change,
        _ => return write(&Answer::nothing_to_say()),
    };
    let mut gathered = Gathered::of(host, settings.core, &change);
    let review = judge::review(&mut gathered, change);
    write(&Answer::new(&review, &gathered.refused, settings.mode))
}

/// Answers a `podroute.request/v1` with a `podroute.report/v1`.
pub fn evaluate(payload: &[u8]) -> Result<Vec<u8>, String> {
    json::evaluate_request(text(payload)?).map(String::into_bytes)
}

/// Answers a `podroute.review-request/v1` with a `podroute.review/v1`.
pub fn review(payload: &[u8]) -> Result<Vec<u8>, String> {
    json::review_request(text(payload)?).map(String::into_bytes)
}

fn text(payload: &[u8]) -> Result<&str, String> {
    std::str::from_utf8(payload).map_err(|error| format!("the request is not UTF-8: {error}"))
}

fn write(answer: &impl Serialize) -> Result<Vec<u8>, String> {
    serde_json::to_vec(answer).map_err(|error| format!("the answer cannot be written: {error}"))
}
