//! Whether a kernel loads the large BPF programs that SCTP needs in Cilium:
//! since 5.2 it does, and Red Hat has brought that back to RHEL 8's 4.18.

use crate::version::Version;

/// The kernel that lifted the limit on a program's size.
pub(super) const LARGE_PROGRAMS: Version = Version::new(5, 2, 0);

/// The kernel of RHEL 8, and the release of RHEL 8.6, from which on Cilium
/// counts it as new enough.
const RHEL_8: Version = Version::new(4, 18, 0);
const RHEL_8_6: u32 = 372;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Judgement {
    Fine,
    TooOld,
    /// The agent tries it out on the node; the version does not tell.
    Unknown,
}

/// Judges a kernel by `Node.status.nodeInfo.kernelVersion`.
pub(super) fn judge(text: &str) -> Judgement {
    match parse(text) {
        None => Judgement::Unknown,
        Some(version) if version >= LARGE_PROGRAMS => Judgement::Fine,
        Some(RHEL_8) if text.contains(".el8") => match rhel_release(text) {
            Some(release) if release >= RHEL_8_6 => Judgement::Fine,
            _ => Judgement::Unknown,
        },
        Some(_) => Judgement::TooOld,
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
        for text in ["", "generic", "x.5.2", "5.x.2", "5.2x.1", "99999999999.1.2"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn judges_kernels_seen_in_the_wild() {
        use Judgement::{Fine, TooOld, Unknown};
        for (text, expected) in [
            ("5.2.0", Fine),
            ("5.1.21", TooOld),
            ("5.19.6-200.fc36.x86_64", Fine),
            ("6.1.25-1rodete1-amd64", Fine),
            ("6.5.10-orbstack-00110-gbcfe04c86d2f", Fine),
            ("5.16.5-arch1-1", Fine),
            ("4.14.127+", TooOld),
            ("4.19.57", TooOld),
            ("4.19.113-300.el7.x86_64", TooOld),
            ("5.16.10-1.el7", Fine),
            ("3.10.0-1160.el7.x86_64", TooOld),
            ("6.8.0-38-generic", Fine),
            ("5.4.0-174-generic", Fine),
            ("5.8.0-63-generic", Fine),
            ("4.14.154-128.181.amzn2.x86_64", TooOld),
            ("6.6.139.1-1.azl3", Fine),
            ("5.15.117", Fine),
            ("6.1.0-13-cloud-amd64", Fine),
            ("5.15.0-1051-azure", Fine),
            ("5.4.17-2136.319.1.3.el8uek.x86_64", Fine),
            ("5.10.199-flatcar", Fine),
            ("5.14.0-284.36.1.el9_2.x86_64", Fine),
            ("4.18.0-193.14.3.el8_2.x86_64", Unknown),
            ("4.18.0-371.el8.x86_64", Unknown),
            ("4.18.0-372.9.1.el8.x86_64", Fine),
            ("4.18.0-372.9.1.rt7.166.el8.x86_64", Fine),
            ("4.18.0-553.el8_10.x86_64", Fine),
            ("4.18.0.el8.x86_64", Unknown),
            // Ubuntu's 4.18 is 4.18.
            ("4.18.0-553-generic", TooOld),
            ("4.17.0-553.el8.x86_64", TooOld),
            ("generic", Unknown),
            ("", Unknown),
        ] {
            assert_eq!(judge(text), expected, "{text}");
        }
    }
}
