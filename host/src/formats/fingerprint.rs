//! What other programs tell findings apart by, from one run to the next: the
//! rule and the main object with its field, but no line and no wording.

use std::collections::HashMap;
use std::fmt::Write;

use sha2::{Digest, Sha256};

use crate::policy::Finding;

/// 128 bits are enough never to meet.
const BYTES: usize = 16;

/// The fingerprints of one document. No two are the same.
#[derive(Default)]
pub(super) struct Fingerprints {
    given: HashMap<String, usize>,
}

impl Fingerprints {
    pub(super) fn of(&mut self, finding: &Finding) -> String {
        let main = finding.objects.first();
        self.of_parts(&[
            &finding.rule,
            main.map_or("", |object| &object.kind),
            main.and_then(|object| object.namespace.as_deref())
                .unwrap_or_default(),
            main.map_or("", |object| &object.name),
            main.and_then(|object| object.field.as_deref())
                .unwrap_or_default(),
        ])
    }

    /// Of anything else that is to be recognized.
    pub(super) fn of_parts(&mut self, parts: &[&str]) -> String {
        let identity = parts.join("\0");
        let before = self.given.entry(identity.clone()).or_default();
        let text = match *before {
            0 => identity,
            before => format!("{identity}\0{before}"),
        };
        *before += 1;
        let digest = Sha256::digest(text);
        digest
            .iter()
            .take(BYTES)
            .fold(String::new(), |mut hex, byte| {
                // Writing to a String cannot fail.
                let _ = write!(hex, "{byte:02x}");
                hex
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The digest of `a`, NUL, `b` as sha256sum prints it.
    #[test]
    fn a_fingerprint_is_a_digest() {
        let mut fingerprints = Fingerprints::default();
        let first = fingerprints.of_parts(&["a", "b"]);
        assert_eq!(first, "59b271ae1bbcb1d31d41929817f4b16f");
        assert_ne!(fingerprints.of_parts(&["a", "b"]), first, "told apart");
        assert_eq!(Fingerprints::default().of_parts(&["a", "b"]), first);
    }
}
