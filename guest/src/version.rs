//! Versions of software and of kernels.

use std::fmt;

/// A version of the form major.minor.patch; what follows is not compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    pub major: u32,
    pub minor: u32,
    pub patch: u32,
}

impl Version {
    pub const fn new(major: u32, minor: u32, patch: u32) -> Self {
        Self {
            major,
            minor,
            patch,
        }
    }

    /// Reads `1.16.3`, `v1.16.3`, `1.16`, `1.16.0-rc.1`, `1.29.4+k3s1`. A
    /// pre-release counts as its release, since it carries its behaviour.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let numbers = text.split(['-', '+']).next()?;
        let mut parts = numbers.split('.');
        let major = parts.next()?.parse().ok()?;
        let minor = parts.next()?.parse().ok()?;
        let patch = match parts.next() {
            Some(patch) => patch.parse().ok()?,
            None => 0,
        };
        Some(Self::new(major, minor, patch))
    }

    /// The version in an image reference's tag:
    /// `registry:5000/cilium/cilium:v1.15.19@sha256:...` is 1.15.19. None for
    /// a reference without a tag or with a tag like `latest`.
    pub fn of_image(reference: &str) -> Option<Self> {
        Self::parse(image_tag(reference)?)
    }

    /// Whether the release line `major.minor` is at least the given one.
    pub fn at_least(self, major: u32, minor: u32) -> bool {
        (self.major, self.minor) >= (major, minor)
    }

    /// Whether the release line lies within the two, ends included.
    pub fn within(self, first: (u32, u32), last: (u32, u32)) -> bool {
        (first..=last).contains(&(self.major, self.minor))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// The tag of an image reference, digest and registry port set aside.
fn image_tag(reference: &str) -> Option<&str> {
    let name = reference.split('@').next()?;
    let last = name.rsplit('/').next()?;
    last.split_once(':').map(|(_, tag)| tag)
}

/// The last path element of an image reference: `cilium` for
/// `quay.io/cilium/cilium:v1.15.19@sha256:...`.
pub fn image_name(reference: &str) -> &str {
    let name = reference.split('@').next().unwrap_or(reference);
    let last = name.rsplit('/').next().unwrap_or(name);
    last.split(':').next().unwrap_or(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_image_tags() {
        for (image, version) in [
            ("quay.io/cilium/cilium:v1.15.19", Some((1, 15, 19))),
            (
                "quay.io/cilium/cilium:v1.15.19@sha256:c50d1580194320508dd24d6544a77039fba2ce85",
                Some((1, 15, 19)),
            ),
            ("registry.local:5000/cilium:1.16", Some((1, 16, 0))),
            ("registry.local:5000/mirror/cilium", None),
            ("quay.io/cilium/cilium@sha256:c50d1580", None),
            ("quay.io/cilium/cilium-ci:latest", None),
            ("cilium:v1.18.0-rc.1", Some((1, 18, 0))),
            ("ako/ako:1.12.2", Some((1, 12, 2))),
            ("", None),
        ] {
            let found = Version::of_image(image).map(|v| (v.major, v.minor, v.patch));
            assert_eq!(found, version, "{image}");
        }
    }

    #[test]
    fn names_images() {
        assert_eq!(
            image_name("quay.io:443/cilium/cilium:v1@sha256:0"),
            "cilium"
        );
        assert_eq!(image_name("ako"), "ako");
    }

    #[test]
    fn compares_release_lines() {
        let version = Version::new(1, 14, 19);
        assert!(version.within((1, 12), (1, 14)));
        assert!(!version.within((1, 12), (1, 13)));
        assert!(version.at_least(1, 14));
        assert!(!version.at_least(1, 15));
    }
}
