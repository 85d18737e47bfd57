#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| disky_fuzz::append_repair(data));
