//! The patterns by which AKO tells CIDRs from other text, and the families
//! from each other (internal/lib/constants.go).

use crate::prefix::{Family, Prefix};

/// AKO's pattern for IPv4 CIDRs: leading zeros, host bits, an empty mask and
/// the mask 0 pass.
pub(super) fn matches_v4(cidr: &str) -> bool {
    let Some((address, mask)) = cidr.split_once('/') else {
        return false;
    };
    let octets: Vec<&str> = address.split('.').collect();
    octets.len() == 4
        && octets
            .iter()
            .all(|octet| (1..=3).contains(&octet.len()) && at_most(octet, 255))
        && (mask.is_empty() || (mask.len() <= 2 && at_most(mask, 32)))
}

/// AKO's pattern for IPv6 CIDRs: no mask 0, no embedded IPv4.
pub(super) fn matches_v6(cidr: &str) -> bool {
    !cidr.contains('.')
        && Prefix::parse(cidr)
            .is_ok_and(|parsed| parsed.prefix.family() == Family::V6 && parsed.prefix.length() > 0)
}

fn at_most(digits: &str, limit: u32) -> bool {
    digits.bytes().all(|byte| byte.is_ascii_digit())
        && digits.parse::<u32>().is_ok_and(|number| number <= limit)
}

#[cfg(test)]
mod tests {
    use super::{matches_v4, matches_v6};

    #[test]
    fn patterns_are_looser_than_cidrs() {
        for cidr in ["010.001.0.0/24", "10.0.0.5/24", "10.0.0.0/", "0.0.0.0/0"] {
            assert!(matches_v4(cidr), "{cidr}");
        }
        for cidr in [
            "10.0.0.0",
            "256.0.0.0/8",
            "10.0.0.0/33",
            "10.0.0/24",
            "fd00::/64",
            "",
        ] {
            assert!(!matches_v4(cidr), "{cidr}");
        }
        assert!(matches_v6("fd00::/64"));
        assert!(!matches_v6("::/0"));
        assert!(!matches_v6("::ffff:10.0.0.0/120"));
    }
}
