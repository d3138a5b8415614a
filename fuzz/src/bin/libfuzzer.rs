//! What libFuzzer drives: the target that the variable `IRIDIUM_FUZZ_TARGET` names. `cargo xtask fuzz` builds and runs it.

#![no_main]

use iridium_fuzz::targets::TARGETS;
use std::sync::OnceLock;

static TARGET: OnceLock<fn(&[u8])> = OnceLock::new();

fn chosen() -> fn(&[u8]) {
    let name = std::env::var("IRIDIUM_FUZZ_TARGET").unwrap_or_default();
    let found = TARGETS.iter().find(|(target, _)| *target == name);
    found.unwrap_or_else(|| panic!("no target `{name}`: there are {TARGETS:?}")).1
}

libfuzzer_sys::fuzz_target!(|octets: &[u8]| TARGET.get_or_init(chosen)(octets));
