//! Versions of the controller's API.

use std::cmp::Ordering;

/// The oldest one that knows everything that is asked of it here.
pub(super) const FALLBACK: &str = "22.1.3";

/// The version to speak. Without a wish that is the controller's own: to any
/// older one it translates its objects, and a field that the older one does
/// not know would not come back to it.
pub(super) fn choose(wanted: Option<&str>, controller: Option<&str>) -> String {
    match (wanted, controller) {
        (None, None) => FALLBACK.to_owned(),
        (Some(version), None) | (None, Some(version)) => version.to_owned(),
        (Some(wanted), Some(controller)) => {
            let lower = match compare(wanted, controller) {
                Ordering::Greater => controller,
                Ordering::Less | Ordering::Equal => wanted,
            };
            lower.to_owned()
        }
    }
}

/// Whether this looks like one: `22.1.3`.
pub(super) fn is_valid(version: &str) -> bool {
    version.split('.').count() >= 2
        && version
            .split('.')
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

fn compare(a: &str, b: &str) -> Ordering {
    numbers(a).cmp(&numbers(b))
}

/// `30.2.1-2p4` is 30, 2, 1: patches do not change the API.
fn numbers(version: &str) -> Vec<u64> {
    let release = version.split('-').next().unwrap_or_default();
    release
        .split('.')
        .map(|part| part.parse().unwrap_or_default())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{choose, is_valid};

    #[test]
    fn speaks_what_is_wanted_but_nothing_that_the_controller_does_not_know() {
        for (wanted, controller, spoken) in [
            (None, None, "22.1.3"),
            (None, Some("31.1.1"), "31.1.1"),
            (Some("22.1.4"), None, "22.1.4"),
            (Some("22.1.4"), Some("30.2.1"), "22.1.4"),
            (Some("30.2.1"), Some("22.1.10"), "22.1.10"),
            (Some("22.1.10"), Some("22.1.9"), "22.1.9"),
            (Some("22.1.9"), Some("22.1.10-2p3"), "22.1.9"),
        ] {
            assert_eq!(
                choose(wanted, controller),
                spoken,
                "{wanted:?} {controller:?}"
            );
        }
    }

    #[test]
    fn a_version_is_numbers_with_dots() {
        assert!(is_valid("22.1.3"));
        for bad in ["", "22", "22.", "v22.1.3", "22.1.3\r\nX-Evil: 1"] {
            assert!(!is_valid(bad), "{bad}");
        }
    }
}
