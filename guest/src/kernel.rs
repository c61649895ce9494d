//! Kernels, by `Node.status.nodeInfo.kernelVersion`: whether one is new enough
//! for what Cilium needs of it. Cilium mostly tries features out rather than
//! comparing versions, and distributions bring features back to old kernels.

use crate::version::Version;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    Fine,
    TooOld,
    /// The agent tries it out on the node; the version does not tell.
    Unknown,
}

/// What a kernel must be.
#[derive(Clone, Copy, Debug)]
pub struct Need {
    pub least: Version,
    /// The release of RHEL 8's 4.18 that counts as new enough.
    pub rhel_8: u32,
}

/// The releases of the kernels of RHEL 8.6 and 8.10.
pub const RHEL_8_6: u32 = 372;
pub const RHEL_8_10: u32 = 553;

/// The kernel of RHEL 8 and its rebuilds.
const RHEL_8: Version = Version::new(4, 18, 0);

impl Need {
    /// Judges a kernel.
    pub fn judge(self, text: &str) -> Judgement {
        match parse(text) {
            None => Judgement::Unknown,
            Some(version) if version >= self.least => Judgement::Fine,
            Some(RHEL_8) if text.contains(".el8") => match rhel_release(text) {
                Some(release) if release >= self.rhel_8 => Judgement::Fine,
                _ => Judgement::Unknown,
            },
            // SUSE's, which have BPF of later kernels too.
            Some(_) if text.trim_end().ends_with("-default") => Judgement::Unknown,
            Some(_) => Judgement::TooOld,
        }
    }
}

/// A kernel's version as Cilium reads it: up to three parts between dots, of
/// the last only the digits that it begins with; what is missing is 0.
fn parse(text: &str) -> Option<Version> {
    let text = text.trim_matches(|c: char| c == '\0' || c.is_whitespace());
    let mut parts = text.split('.').take(3).peekable();
    let mut numbers = Vec::new();
    while let Some(part) = parts.next() {
        let is_last = parts.peek().is_none();
        numbers.push(match leading_digits(part) {
            "" if is_last && !numbers.is_empty() => 0,
            digits if is_last => digits.parse().ok()?,
            _ => part.parse().ok()?,
        });
    }
    let mut numbers = numbers.into_iter();
    Some(Version::new(
        numbers.next()?,
        numbers.next().unwrap_or(0),
        numbers.next().unwrap_or(0),
    ))
}

/// The release of a kernel of RHEL 8: 372 of `4.18.0-372.9.1.el8.x86_64`.
fn rhel_release(text: &str) -> Option<u32> {
    let (_, release) = text.split_once('-')?;
    leading_digits(release).parse().ok()
}

fn leading_digits(text: &str) -> &str {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_cilium_reads() {
        for (text, expected) in [
            ("4.10.0", (4, 10, 0)),
            ("4.10", (4, 10, 0)),
            ("4.12.0+", (4, 12, 0)),
            ("4.14.0-rc7+", (4, 14, 0)),
            ("4.14.127+", (4, 14, 127)),
            ("4.9.17-040917-generic", (4, 9, 17)),
            ("4.9.generic", (4, 9, 0)),
            ("6.7-amd64", (6, 7, 0)),
            ("6.5-15-generic", (6, 5, 0)),
            ("6-generic", (6, 0, 0)),
            (" 5.4.0-174-generic\n\0", (5, 4, 0)),
            ("6.6.139.1-1.azl3", (6, 6, 139)),
            ("5.19.6-200.fc36.x86_64", (5, 19, 6)),
            ("6.5.10-orbstack-00110-gbcfe04c86d2f", (6, 5, 10)),
            ("4.19.113-300.el7.x86_64", (4, 19, 113)),
            ("5.4.17-2136.319.1.3.el8uek.x86_64", (5, 4, 17)),
            ("5.10.199-flatcar", (5, 10, 199)),
        ] {
            let found = parse(text).map(|version| (version.major, version.minor, version.patch));
            assert_eq!(found, Some(expected), "{text}");
        }
        for text in [
            "",
            "generic",
            "x.5.2",
            "5.x.2",
            "5.10x.2",
            "99999999999.1.2",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn enterprise_kernels_are_newer_than_they_look() {
        use Judgement::{Fine, TooOld, Unknown};
        let need = Need {
            least: Version::new(5, 10, 0),
            rhel_8: RHEL_8_10,
        };
        for (text, expected) in [
            ("5.10.0-28-amd64", Fine),
            ("5.9.16", TooOld),
            ("4.18.0-553.el8_10.x86_64", Fine),
            ("4.18.0-552.el8_10.x86_64", Unknown),
            ("4.18.0-553-generic", TooOld),
            ("5.4.17-2136.319.1.3.el8uek.x86_64", TooOld),
            ("5.3.18-150300.59.93-default", Unknown),
            ("5.14.21-150400.24.100-default", Fine),
            ("", Unknown),
        ] {
            assert_eq!(need.judge(text), expected, "{text}");
        }
    }
}
