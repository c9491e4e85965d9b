#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| gobo_fuzz::remote(bytes));
