//! Text of any kind: known words and numbers stay, addresses and names become
//! others, and so does every word that is not known.

use std::net::IpAddr;

use ipnet::IpNet;
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;

use super::Redactor;

/// What letters a number may have: units, exponents, hexadecimal.
const UNITS: &str = "nsumhkKMGiTe%xµd";

impl Redactor<'_> {
    /// JSON inside of a text keeps its form.
    pub(super) fn text(&self, text: &str) -> String {
        let trimmed = text.trim_start();
        if trimmed.starts_with(['{', '['])
            && let Ok(json) = serde_json::from_str::<Value>(text)
        {
            return self.json(json).to_string();
        }
        self.words(text)
    }

    fn json(&self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.words(&text)),
            Value::Array(items) => items.into_iter().map(|item| self.json(item)).collect(),
            Value::Object(fields) => fields
                .into_iter()
                .map(|(field, value)| (self.words(&field), self.json(value)))
                .collect(),
            plain => plain,
        }
    }

    fn words(&self, text: &str) -> String {
        let mut replaced = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find(is_of_a_word) {
            let (between, from) = rest.split_at_checked(start).unwrap_or((rest, ""));
            replaced += between;
            let end = from.find(|c| !is_of_a_word(c)).unwrap_or(from.len());
            let (word, after) = from.split_at_checked(end).unwrap_or((from, ""));
            self.word(word, &mut replaced);
            rest = after;
        }
        replaced + rest
    }

    /// A word with what may be attached to it: a colon, a path, a port.
    fn word(&self, word: &str, replaced: &mut String) {
        // A name with the dot that ends a sentence, but not `::1`.
        if !self.whole(word, true, replaced) {
            let bare = word.trim_matches(['.', ':', '/', '-', '_']);
            if bare.len() == word.len() {
                return self.parts(word, replaced);
            }
            let start = word.find(bare).unwrap_or_default();
            let (before, from) = word.split_at_checked(start).unwrap_or(("", word));
            let (bare, after) = from.split_at_checked(bare.len()).unwrap_or((from, ""));
            *replaced += before;
            if !bare.is_empty() {
                self.word(bare, replaced);
            }
            *replaced += after;
        }
    }

    /// `pool:ipv4-cidrs:10.0.0.0/8`, `/infra/tier-1s/edge`, `10.0.0.0/99`.
    fn parts(&self, word: &str, replaced: &mut String) {
        if let Some((first, rest)) = word.split_once(':') {
            self.word(first, replaced);
            replaced.push(':');
            return self.word(rest, replaced);
        }
        for (index, part) in word.split('/').enumerate() {
            if index > 0 {
                replaced.push('/');
            }
            // `10.0.0` of `10.0.0/24` is no version.
            if !self.whole(part, !word.contains('/'), replaced) {
                *replaced += &self.names.replacement(part);
            }
        }
    }

    /// A word that is something as a whole. False when it is nothing known.
    fn whole(&self, word: &str, may_be_version: bool, replaced: &mut String) -> bool {
        if word.is_empty() {
        } else if self.names.has(word) {
            *replaced += &self.names.replacement(word);
        } else if self.vocabulary.has(word) {
            *replaced += word;
        } else if let Some(network) = network(word) {
            *replaced += &self.addresses.network(network).to_string();
        } else if let Ok(address) = word.parse::<IpAddr>() {
            *replaced += &self.addresses.address(address).to_string();
        } else if is_number(word, may_be_version)
            || word.parse::<Timestamp>().is_ok()
            || word.parse::<Date>().is_ok()
        {
            *replaced += word;
        } else {
            return false;
        }
        true
    }

    /// A version: its numbers stay, and what is known of the rest.
    pub(super) fn version(&self, text: &str) -> String {
        let mut replaced = String::new();
        for part in text.split_inclusive(['.', '-', '+', '_', '~']) {
            let word = part.trim_end_matches(['.', '-', '+', '_', '~']);
            let digits = word.strip_prefix(['v', 'V']).unwrap_or(word);
            let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
            // `el8`, `fc39`, `rc1`, `x86`.
            let is_short = word.len() <= 4 && word.bytes().any(|byte| byte.is_ascii_digit());
            if is_number || is_short || self.vocabulary.has(word) {
                replaced += part;
            } else {
                replaced += &self.names.replacement(word);
                replaced += part.get(word.len()..).unwrap_or_default();
            }
        }
        replaced
    }

    /// The image of known software keeps its name and version, the registry
    /// keeps neither name nor address, and a digest goes.
    pub(super) fn image(&self, image: &str) -> String {
        let image = image.split('@').next().unwrap_or_default();
        let (path, last) = match image.rsplit_once('/') {
            Some((path, last)) => (Some(path), last),
            None => (None, image),
        };
        let (name, tag) = match last.split_once(':') {
            Some((name, tag)) => (name, Some(tag)),
            None => (last, None),
        };
        let mut replaced = path.map_or_else(String::new, |path| self.words(path) + "/");
        let is_known = self.vocabulary.has(name);
        replaced += &if is_known {
            name.to_owned()
        } else {
            self.names.replacement(name)
        };
        if let Some(tag) = tag.filter(|_| is_known) {
            replaced.push(':');
            replaced += &self.version(tag);
        }
        replaced
    }

    /// The key of a label: `domain/name`, or a name.
    pub(super) fn label_key(&self, key: &str) -> String {
        let name = |name: &str| {
            if self.vocabulary.has(name) && !self.names.has(name) {
                name.to_owned()
            } else {
                self.names.replacement(name)
            }
        };
        match key.split_once('/') {
            Some((domain, rest)) if self.vocabulary.has_domain(domain) => {
                format!("{domain}/{}", name(rest))
            }
            Some((domain, rest)) => format!("{}/{}", self.names.replacement(domain), name(rest)),
            None if self.vocabulary.has_domain(key) => key.to_owned(),
            None => name(key),
        }
    }

    /// The annotation `podroute.dev/ignore`: a rule, a day and a reason on
    /// each line.
    pub(super) fn suppressions(&self, text: &str) -> String {
        let lines = text.lines().map(|line| {
            let (head, reason) = line.split_once(':').unwrap_or((line, ""));
            let words = head.split_inclusive(char::is_whitespace).map(|word| {
                let bare = word.trim();
                let rule = bare.strip_suffix("/*").unwrap_or(bare);
                if rule == "*" || self.vocabulary.has(rule) {
                    word.to_owned()
                } else {
                    self.words(word)
                }
            });
            let head: String = words.collect();
            if line.contains(':') {
                format!("{head}:{}", self.words(reason))
            } else {
                head
            }
        });
        lines.collect::<Vec<_>>().join("\n")
    }
}

/// A network as the policy reads one. `010.0.0.0/8` is none, and must not
/// become one.
fn network(text: &str) -> Option<IpNet> {
    let (address, length) = text.split_once('/')?;
    let digits = length.bytes().all(|byte| byte.is_ascii_digit());
    let length = length.parse().ok().filter(|_| digits)?;
    IpNet::new(address.parse().ok()?, length).ok()
}

fn is_of_a_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ':' | '/' | '%')
}

/// `24`, `1.5`, `0x1f`, `10m`, `1e3`, `90%`, and `1.15.6` where it is no part
/// of an address.
fn is_number(word: &str, may_be_version: bool) -> bool {
    let word = word.strip_prefix('-').unwrap_or(word);
    let dots = word.matches('.').count();
    let is_plain = word
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    word.starts_with(|c: char| c.is_ascii_digit())
        && word.len() <= 20
        && (dots <= 1 && (may_be_version || dots == 0) || may_be_version && dots == 2 && is_plain)
        && word
            .chars()
            .all(|c| c.is_ascii_digit() || c == '.' || UNITS.contains(c))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::addresses::Addresses;
    use super::super::names::Names;
    use super::super::vocabulary::Vocabulary;
    use super::super::{Key, Redactor};

    fn with(check: impl Fn(&Redactor<'_>)) {
        let key = Key::of(&[7; 32]).unwrap();
        let vocabulary = Vocabulary::new(&["node/host-bits".to_owned()]);
        check(&Redactor {
            addresses: Addresses::new(&key),
            names: Names::new(&key),
            vocabulary: &vocabulary,
            left_out: BTreeSet::new(),
        });
    }

    #[test]
    fn words_numbers_and_times_stay() {
        with(|redactor| {
            for text in [
                "",
                "  native ",
                "cluster-pool",
                "V4_V6",
                "24",
                "-1",
                "0.5",
                "1h30m",
                "0x200",
                "1.15.6",
                "2026-01-31T12:00:00Z",
                "0.0.0.0/0",
                "127.0.0.1:53",
                "10.0.0.0/8, ::1",
                "{\"cidrs\":[],\"mask\":24}",
            ] {
                assert_eq!(redactor.text(text), text);
            }
        });
    }

    /// What is no network stays none, whatever it is.
    #[test]
    fn what_is_wrong_stays_wrong() {
        with(|redactor| {
            for text in [
                "10.88.0/16",
                "010.88.0.0/16",
                "10.88.0.0/77",
                "10.88.0.300",
                "fd12::zz/64",
            ] {
                let replaced = redactor.text(text);
                assert!(!replaced.contains("88.0"), "{text}: {replaced}");
                assert!(super::network(&replaced).is_none(), "{text}: {replaced}");
            }
        });
    }

    #[test]
    fn images_keep_what_tells_a_version() {
        with(|redactor| {
            let image = redactor.image("registry.acme:5000/acme/cilium:v1.15.6-acme@sha256:00");
            assert!(image.contains("/cilium:v1.15.6-name-"), "{image}");
            assert!(
                !image.contains("acme") && !image.contains("sha256"),
                "{image}"
            );
            let other = redactor.image("acme/gateway-acme:1.2");
            assert!(!other.contains("acme") && !other.contains("1.2"), "{other}");
            let public = "quay.io/cilium/operator-generic:v1.15.6-rc.1";
            assert_eq!(redactor.image(public), public);
        });
    }

    #[test]
    fn labels_keep_what_everybody_has() {
        with(|redactor| {
            for key in ["kubernetes.io/os", "topology.kubernetes.io/zone", "k8s-app"] {
                assert_eq!(redactor.label_key(key), key);
            }
            for key in [
                "acme.example/rack",
                "acme.kubernetes.io/os",
                "kubernetes.io/acme",
            ] {
                assert!(!redactor.label_key(key).contains("acme"), "{key}");
            }
        });
    }
}
