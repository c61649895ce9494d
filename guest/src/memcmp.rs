//! Comparing memory, eight bytes at a time.
//!
//! On this target the compiler's own `memcmp` goes byte by byte. Node names
//! share long beginnings (`worker-00017.eu-central...`), and most of what
//! evaluating a large cluster costs is comparing them. These definitions take
//! the place of the compiler's for the whole component.

// Raw memory is what a memcmp is about.
#![allow(unsafe_code)]

use core::cmp::Ordering;

/// C's memcmp: negative, zero or positive as `a` is before, equal to or after
/// `b`.
///
/// # Safety
///
/// Both pointers must be readable for `length` bytes.
#[unsafe(no_mangle)]
unsafe extern "C" fn memcmp(a: *const u8, b: *const u8, length: usize) -> i32 {
    let mut at = 0;
    while at + 8 <= length {
        // SAFETY: `at + 8` does not exceed `length`.
        let (one, other) = unsafe {
            (
                a.add(at).cast::<u64>().read_unaligned(),
                b.add(at).cast::<u64>().read_unaligned(),
            )
        };
        if one != other {
            // The first differing byte decides, and memory is little-endian.
            return match one.swap_bytes().cmp(&other.swap_bytes()) {
                Ordering::Less => -1,
                _ => 1,
            };
        }
        at += 8;
    }
    while at < length {
        // SAFETY: `at` is below `length`.
        let (one, other) = unsafe { (a.add(at).read(), b.add(at).read()) };
        if one != other {
            return i32::from(one) - i32::from(other);
        }
        at += 1;
    }
    0
}

/// Like memcmp, but only whether they differ.
///
/// # Safety
///
/// As for [`memcmp`].
#[unsafe(no_mangle)]
unsafe extern "C" fn bcmp(a: *const u8, b: *const u8, length: usize) -> i32 {
    // SAFETY: the caller promises the same.
    unsafe { memcmp(a, b, length) }
}
