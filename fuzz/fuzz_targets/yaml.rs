//! Text that is read as YAML.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    podroute_fuzz::read("input.yaml", bytes);
});
