//! Networks as they stand in objects.
#![no_main]

use podroute_policy::prefix::Prefix;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let Ok(parsed) = Prefix::parse(text) else {
        return;
    };
    // What is shown reads as the same network, with nothing left to clear.
    let again = Prefix::parse(&parsed.prefix.to_string()).expect("reads what it writes");
    assert_eq!(again.prefix, parsed.prefix);
    assert!(!again.had_host_bits);
});
