//! Which changes are warned about and never denied.

use super::options::{Mode, Options};
use super::request::Request;

impl Options {
    /// Why a change is not denied whatever it brings about, if so. Nothing in
    /// the object itself is a reason: whoever writes it could exempt it.
    pub(super) fn lenient(&self, request: &Request<'_>) -> Option<String> {
        if self.mode() == Mode::Warn {
            return Some("mode warn".to_owned());
        }
        if self.exempts_user(request.user()) {
            return Some(format!("user {}", request.user()));
        }
        let mut groups = request.groups().iter();
        if let Some(group) = groups.find(|group| self.exempts_group(group)) {
            return Some(format!("group {group}"));
        }
        let namespace = request.namespace();
        self.exempts_namespace(namespace)
            .then(|| format!("namespace {namespace}"))
    }
}
