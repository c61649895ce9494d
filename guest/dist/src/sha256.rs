//! SHA-256, as hexadecimal digits.

use std::fmt::Write;

use sha2::{Digest, Sha256};

/// 64 lower-case digits.
pub fn hex(bytes: &[u8]) -> String {
    let mut digits = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        // Writing to a string does not fail.
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}

/// As OCI writes it: `sha256:` and the digits.
pub fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", hex(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first example of FIPS 180-2.
    #[test]
    fn abc() {
        assert_eq!(
            digest(b"abc"),
            "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
