//! Whether a kernel loads the large BPF programs that SCTP needs in Cilium:
//! since 5.2 it does, and Red Hat has brought that back to RHEL 8's 4.18.

use crate::kernel::{self, Need, RHEL_8_6};
use crate::version::Version;

pub(super) use kernel::Judgement;

/// The kernel that lifted the limit on a program's size.
pub(super) const LARGE_PROGRAMS: Version = Version::new(5, 2, 0);

/// Judges a kernel by `Node.status.nodeInfo.kernelVersion`.
pub(super) fn judge(text: &str) -> Judgement {
    let need = Need {
        least: LARGE_PROGRAMS,
        rhel_8: RHEL_8_6,
    };
    need.judge(text)
}

#[cfg(test)]
mod tests {
    use super::*;

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
