//! Zip, tar and gzip, told by their content.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    podroute_fuzz::read("input", bytes);
});
