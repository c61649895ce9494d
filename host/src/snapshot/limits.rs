//! How much is read. A few kilobytes can unpack to gigabytes, whatever they
//! say of themselves: what counts is what really comes out.

/// Bounds on what is read from one input.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of one file outside of archives, once unpacked.
    pub file: u64,
    /// Bytes of one entry of an archive, once unpacked.
    pub entry: u64,
    /// Bytes of all entries of an archive that are read.
    pub total: u64,
    /// Bytes that an archive may unpack to on the way past entries that are
    /// not read.
    pub passed: u64,
    /// How many entries an archive may have.
    pub entries: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file: 2 << 30,
            entry: 512 << 20,
            total: 2 << 30,
            passed: 32 << 30,
            entries: 500_000,
        }
    }
}

/// A limit in words: `512 MiB`.
pub(super) fn in_words(bytes: u64) -> String {
    for (shift, unit) in [(30, "GiB"), (20, "MiB"), (10, "KiB")] {
        if bytes >= 1 << shift && bytes.trailing_zeros() >= shift {
            return format!("{} {unit}", bytes >> shift);
        }
    }
    format!("{bytes} bytes")
}
